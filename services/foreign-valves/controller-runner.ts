/**
 * Runs one controller of another make: an event is applied, what must survive a restart is written, and only then the
 * effects leave. Events come one at a time.
 */
import { bootDevice } from '../../broker/contract/valve-device/device.ts'
import { reduceController, wakeOf } from './foreign-controller.ts'
import type {
  ControllerEffect,
  ControllerEvent,
  ControllerStep,
  ForeignController,
  WithoutTime,
} from './controller-types.ts'
import { capMsOf, type Change, type StoredController } from './controller-rows.ts'
import { countFlow, countValues, newLitreTrack, type LitreTrack } from './valve-litres.ts'
import type { ForeignValue } from '../integrations/foreign-message.ts'
import type { ForeignValve } from '../drivers/driver-state.ts'

/** Where the effects of a controller go. Nothing waits for a network. */
export interface RunnerIo {
  monoMs(): number
  /** Durable when it resolves. */
  store(change: Change): Promise<void>
  perform(effect: ControllerEffect): void
  onStoreFailed(error: unknown): void
}

export interface ControllerRunner {
  controller(): ForeignController
  /** Applies an event; the next one after it has resolved. */
  apply(event: WithoutTime<ControllerEvent>): Promise<void>
  /** Counts the values of a message of the controller. */
  count(values: readonly ForeignValue[]): Promise<void>
  /** The rows have changed: the outcome of a test run, a meter. */
  update(stored: StoredController): void
  wakeMonoMs(): number
}

/** A change that could not be written is written again after this time. */
const STORE_AGAIN_MS = 5_000

/** Boots the controller from its rows. */
export async function startRunner(stored: StoredController, io: RunnerIo): Promise<ControllerRunner> {
  const { deviceId, org } = stored
  const booted = bootDevice(profileOf(stored), stored.flash)
  let controller: ForeignController = {
    device: booted.device,
    outputs: Object.fromEntries(
      Object.entries(stored.valves).map(([id, { setup, valve }]) => [
        id,
        { setup, valve, wakeMonoMs: Infinity },
      ]),
    ),
    // its first state is published once every valve is clear
    isStateHeld: true,
  }
  let litres: Record<string, LitreTrack> = {}
  let writtenFlash = ''
  const written = new Map<string, string>()
  let storeAgainMonoMs = Infinity

  async function apply(event: WithoutTime<ControllerEvent>): Promise<void> {
    const step = reduceController(controller, { ...event, monoMs: io.monoMs() } as ControllerEvent)
    const change = changeOf(step)
    if (change !== null)
      try {
        await io.store(change)
        noteWritten(change)
      } catch (error) {
        io.onStoreFailed(error)
        storeAgainMonoMs = io.monoMs() + STORE_AGAIN_MS
        // nothing opens that is not written; closing does not wait for a disk
        if (mayOpen(event, step)) return
        controller = step.controller
        for (const effect of step.effects) if (effect.type === 'send') io.perform(effect)
        return
      }
    controller = step.controller
    for (const effect of step.effects) io.perform(effect)
  }

  function changeOf({ controller: next, effects }: ControllerStep): Change | null {
    const flash = JSON.stringify(next.device.flash)
    const valves = Object.entries(next.outputs).flatMap(([id, { valve }]): [string, ForeignValve][] =>
      written.get(id) === textOf(valve) ? [] : [[id, valve]],
    )
    const usedNumbers = effects.flatMap((effect) =>
      effect.type === 'use-number' ? [{ valve: effect.valve, seq: effect.seq }] : [],
    )
    if (flash === writtenFlash && valves.length === 0 && usedNumbers.length === 0) return null
    return {
      deviceId,
      org,
      flash: flash === writtenFlash ? null : next.device.flash,
      valves: Object.fromEntries(valves),
      usedNumbers,
    }
  }

  function noteWritten({ flash, valves }: Change): void {
    storeAgainMonoMs = Infinity
    if (flash !== null) writtenFlash = JSON.stringify(flash)
    for (const [id, valve] of Object.entries(valves)) written.set(id, textOf(valve))
  }

  async function meter(counted: Record<string, number | null>): Promise<void> {
    for (const [valve, amount] of Object.entries(counted))
      if (amount !== null) await apply({ type: 'meter', valve, litres: amount })
  }

  await apply({ type: 'restarted', effects: booted.effects })
  return {
    controller: () => controller,
    async apply(event) {
      // water until now belongs to the run before the event
      const counted: Record<string, number | null> = {}
      for (const [id, track] of Object.entries(litres)) {
        if (track.flow === null || controller.device.valves[id]?.isOpen !== true) continue
        const until = countFlow(track, io.monoMs())
        litres = { ...litres, [id]: until.track }
        if (until.litres > 0) counted[id] = until.litres
      }
      await meter(counted)
      await apply(event)
    },
    async count(values) {
      const ids = Object.keys(controller.outputs)
      const counted: Record<string, number | null> = {}
      for (const valve of ids) {
        const of = { valve, isOnly: ids.length === 1, monoMs: io.monoMs() }
        const { track, litres: amount } = countValues(litres[valve] ?? newLitreTrack, values, of)
        litres = { ...litres, [valve]: track }
        counted[valve] = amount
      }
      await meter(counted)
    },
    update(next) {
      const { device, outputs } = controller
      controller = {
        ...controller,
        device: { ...device, profile: profileOf(next), capMs: Math.min(device.capMs, capMsOf(next)) },
        outputs: Object.fromEntries(
          Object.entries(outputs).map(([id, output]) => [
            id,
            { ...output, setup: next.valves[id]?.setup ?? output.setup },
          ]),
        ),
      }
    },
    wakeMonoMs: () => Math.min(wakeOf(controller), storeAgainMonoMs),
  }
}

/** The time of a valve begins again after a restart: it is no change. */
const textOf = (valve: ForeignValve): string => JSON.stringify({ ...valve, monoMs: 0 })

const mayOpen = (event: WithoutTime<ControllerEvent>, { effects }: ControllerStep): boolean =>
  event.type === 'test' ||
  (event.type === 'command' && event.command.op === 'open') ||
  effects.some((effect) => effect.type === 'send' && effect.step.isOpening)

const profileOf = (stored: StoredController) => ({
  valves: Object.keys(stored.valves).map((id) => ({ id, ratedLpm: null })),
  master: null,
  commandKeyHex: stored.commandKey,
  capMs: capMsOf(stored),
  kind: 'timed' as const,
  // its litres are supervised by dispatch, as those of any controller that reports them
  litresPerPulse: null,
  fw: Object.values(stored.valves)[0]?.setup.driver.name ?? 'foreign',
})
