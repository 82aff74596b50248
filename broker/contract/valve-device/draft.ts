/**
 * A copy of a device that one event may change, with the effects of the event. Entries inside are replaced, never
 * modified, so the device before the event stays unchanged.
 */
import type { DeviceEffect, ValveDevice } from './types.ts'

export interface Draft {
  device: ValveDevice
  shut: string[]
  open: string[]
  reports: Extract<DeviceEffect, { type: 'publish' }>[]
  /** whether the flash must be written */
  isDirty: boolean
  /** whether a state must be published */
  hasChanged: boolean
}

/** `monoMs`: the time of the event on the device's clock. The copy has no effects yet. */
export const createDraft = (before: ValveDevice, monoMs: number): Draft => ({
  device: {
    ...before,
    // an event with an earlier time stamp than the last one must not set the clock back
    monoMs: Math.max(before.monoMs, monoMs),
    flash: {
      ...before.flash,
      last: { ...before.flash.last },
      open: { ...before.flash.open },
      journal: [...before.flash.journal],
    },
    valves: { ...before.valves },
    heartbeats: [...before.heartbeats],
    flow: { ...before.flow },
  },
  shut: [],
  open: [],
  reports: [],
  isDirty: false,
  hasChanged: false,
})

/** Closing first, then the flash, then opening, then the reports. */
export function orderEffects(draft: Draft): DeviceEffect[] {
  const { device } = draft
  const drive = (open: boolean) => (valve: string) => ({ type: 'drive', valve, open }) as const
  return [
    ...draft.shut.map(drive(false)),
    ...(draft.isDirty && device.canWriteFlash ? [{ type: 'write-flash', flash: device.flash } as const] : []),
    ...draft.open.map(drive(true)),
    ...draft.reports,
  ]
}
