/**
 * A copy of a device that one event may change, and what the event causes. Entries inside are replaced, never
 * changed, so the device before the event stays as it was.
 */
import type { DeviceEffect, ValveDevice } from './device.ts'

export interface Draft {
  device: ValveDevice
  shut: string[]
  open: string[]
  reports: Extract<DeviceEffect, { type: 'say' }>[]
  /** the flash must be written */
  isDirty: boolean
  /** the state must be told */
  hasChanged: boolean
}

export const createDraft = (before: ValveDevice, monoMs: number): Draft => ({
  device: {
    ...before,
    // an event that was stamped before the last one must not turn the clock back
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

/** Shutting first, then the flash, then opening, then telling. */
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
