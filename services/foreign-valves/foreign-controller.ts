/**
 * A controller of another make as a pure machine: `(controller, event) -> controller and effects`. It runs the machine of
 * a controller (broker/contract/valve-device, kind `timed`) whose outputs are the drivers of its valves. The valve decides
 * what is published: nothing claims an opening before the valve reports it, or a closing before it is proved.
 *
 * The caller stores the controller before it performs the effects.
 */
import { hasValidMac } from '../../broker/contract/mac.ts'
import type { CloseCommand, Command, OpenCommand } from '../../broker/contract/messages.ts'
import { nextTickMonoMs, reduceDevice } from '../../broker/contract/valve-device/device.ts'
import type { DeviceEffect, DeviceEvent } from '../../broker/contract/valve-device/types.ts'
import { reduceDriver } from '../drivers/driver-reducer.ts'
import type { DriverEvent } from '../drivers/driver-state.ts'
import type {
  ControllerDraft,
  ControllerEvent,
  ControllerStep,
  ForeignController,
  OpenOrigin,
  WithoutTime,
} from './controller-types.ts'
import { publicationsOf } from './publications.ts'
import { applyReport } from './reports.ts'
import { useNumber } from './run-numbers.ts'

export const TEST_MS = 60_000

/** Applies one event. */
export function reduceController(before: ForeignController, event: ControllerEvent): ControllerStep {
  const draft: ControllerDraft = {
    monoMs: event.monoMs,
    device: before.device,
    outputs: { ...before.outputs },
    effects: [],
    published: [],
  }
  applyEvent(draft, event)
  if (event.type !== 'tick') applyDevice(draft, { type: 'tick' })
  for (const [id, { wakeMonoMs }] of Object.entries(draft.outputs))
    if (wakeMonoMs <= event.monoMs) applyDriver(draft, id, { type: 'time-passed' })
  const { published, isStateHeld } = publicationsOf(draft, before)
  const { device, outputs, effects } = draft
  return { controller: { device, outputs, isStateHeld }, effects: [...effects, ...published] }
}

function applyEvent(draft: ControllerDraft, event: ControllerEvent): void {
  switch (event.type) {
    case 'command':
      return applyCommand(draft, event.command, event.retained, event.origin)
    case 'config':
      return applyDevice(draft, { type: 'config', config: event.config })
    case 'tick':
      return applyDevice(draft, { type: 'tick' })
    case 'link':
      applyDevice(draft, event.isUp ? { type: 'connected', nonce: event.nonce } : { type: 'disconnected' })
      for (const id of Object.keys(draft.outputs)) applyDriver(draft, id, { type: 'link', isUp: event.isUp })
      return
    case 'restarted':
      for (const id of Object.keys(draft.outputs)) applyDriver(draft, id, { type: 'restarted' })
      return performDevice(draft, event.effects, null, 'boot')
    case 'meter':
      return applyDevice(draft, { type: 'meter', litres: event.litres, valve: event.valve })
    case 'test':
      return startTest(draft, event)
    case 'driver':
      for (const id of event.valve === undefined ? Object.keys(draft.outputs) : [event.valve])
        applyDriver(draft, id, event.event)
  }
}

/** A command reaches the machine of the controller first: it checks the MAC, the session, the number and the expiry. */
function applyCommand(draft: ControllerDraft, command: Command, retained: boolean, origin: OpenOrigin): void {
  const before = draft.device
  if (command.op === 'open')
    return applyDevice(
      draft,
      { type: 'command', command, retained },
      { open: command as OpenCommand, origin },
    )
  applyDevice(draft, { type: 'command', command, retained })
  if (command.op !== 'close') return
  // a valve that the machine holds closed may be open: it is closed as well
  const close = command as CloseCommand
  if (!hasValidMac(before.profile.commandKeyHex, close)) return
  for (const id of close.valve === '*' ? Object.keys(draft.outputs) : [close.valve]) {
    const output = draft.outputs[id]
    if (!output || before.valves[id]?.isOpen !== false) continue
    const isNew = close.force === true || (close.seq ?? 0) > (before.flash.last[id] ?? 0)
    // a repeated close is not passed on: the driver repeats it at its own pace
    if (isNew && output.valve.phase !== 'closing')
      applyDriver(draft, id, { type: 'close-wanted', why: 'command' })
  }
}

type DeviceEventWithoutTime = WithoutTime<DeviceEvent>
interface Opening {
  open: OpenCommand
  origin: OpenOrigin
}

/** Applies an event to the machine of the controller, and drives its outputs. */
export function applyDevice(
  draft: ControllerDraft,
  event: DeviceEventWithoutTime,
  opening: Opening | null = null,
): void {
  const { device, effects } = reduceDevice(draft.device, { ...event, monoMs: draft.monoMs } as DeviceEvent)
  draft.device = device
  performDevice(draft, effects, opening, null)
}

/** `closing`: why the outputs close; null: as the run has ended. */
export function performDevice(
  draft: ControllerDraft,
  effects: readonly DeviceEffect[],
  opening: Opening | null,
  closing: 'boot' | null,
): void {
  for (const effect of effects) {
    if (effect.type === 'publish') draft.published.push(effect)
    if (effect.type !== 'drive' || draft.outputs[effect.valve] === undefined) continue
    if (!effect.open) {
      const why = closing ?? (draft.device.valves[effect.valve]?.why === 'timer' ? 'timer' : 'command')
      applyDriver(draft, effect.valve, { type: 'close-wanted', why })
    } else if (opening !== null) applyDriver(draft, effect.valve, openWanted(draft, opening))
  }
}

function openWanted({ device }: ControllerDraft, { open, origin }: Opening): WithoutTime<DriverEvent> {
  const { seq, durMs, litres } = device.flash.open[open.valve]!
  const { isByHand, notAfterMs } = origin
  return {
    type: 'open-wanted',
    seq,
    commandId: open.id,
    durMs,
    litres,
    expMonoMs: open.expMonoMs,
    notAfterMs,
    isByHand,
    isTest: false,
  }
}

/** The test run has a number of its own, which the machine of the controller uses up without a run. */
function startTest(
  draft: ControllerDraft,
  { valve, commandId, notAfterMs }: Extract<ControllerEvent, { type: 'test' }>,
): void {
  const output = draft.outputs[valve]
  if (output === undefined) return
  const seq = useNumber(draft, valve)
  const expMonoMs = draft.monoMs + TEST_MS
  applyDriver(draft, valve, {
    type: 'open-wanted',
    seq,
    commandId,
    durMs: TEST_MS,
    litres: null,
    expMonoMs,
    notAfterMs,
    isByHand: true,
    isTest: true,
  })
}

/** Applies an event to the driver of a valve; what it reports changes the machine of the controller. */
export function applyDriver(draft: ControllerDraft, id: string, event: WithoutTime<DriverEvent>): void {
  const output = draft.outputs[id]
  if (output === undefined) return
  const { valve, effects } = reduceDriver(output.setup, output.valve, {
    ...event,
    monoMs: draft.monoMs,
  } as DriverEvent)
  const wake = effects.find((effect) => effect.type === 'wake')
  draft.outputs[id] = { ...output, valve, wakeMonoMs: wake?.atMonoMs ?? Infinity }
  for (const effect of effects) {
    if (effect.type === 'send') draft.effects.push({ type: 'send', valve: id, step: effect.step })
    if (effect.type === 'report') {
      draft.effects.push({ type: 'report', valve: id, report: effect.report })
      applyReport(draft, id, output, effect.report)
    }
  }
  const feedback = valve.said
  if (draft.device.valves[id]?.feedback !== feedback)
    applyDevice(draft, { type: 'feedback', valve: id, feedback })
}

/** When the controller needs its next `tick`; Infinity: never. */
export const wakeOf = ({ device, outputs }: ForeignController): number =>
  Math.min(nextTickMonoMs(device), ...Object.values(outputs).map(({ wakeMonoMs }) => wakeMonoMs))
