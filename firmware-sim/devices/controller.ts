/**
 * A valve controller: the contract's own device machine (`broker/contract/valve-device/device.ts`) with plumbing behind it
 * and a connection before it. Outputs are shut before the network is tried.
 */
import { parseCommand, parseConfig, parseLease, type Measurement } from '../../broker/contract/messages.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../broker/contract/time.ts'
import {
  nextTickMonoMs,
  startDevice as startValves,
  stepDevice,
} from '../../broker/contract/valve-device/device.ts'
import type {
  DeviceEffect,
  DeviceEvent,
  DeviceIo,
  DeviceProfile,
  ValveDevice,
} from '../../broker/contract/valve-device/types.ts'
import { startDevice, type DeviceContext, type Device, type DeviceOptions } from './device.ts'
import { hydraulics, type ValveFault, type ValveOptions } from '../field/hydraulics.ts'
import { toWireValue } from './sensor.ts'

export interface ControllerOptions extends DeviceOptions {
  valves: readonly ValveOptions[]
  master?: string | null
  /** null: no meter */
  litresPerPulse?: number | null
  capMs?: number
  class?: DeviceProfile['kind']
  /** how often the meter is read while water flows */
  meterEveryMs?: number
  /** Receives every event and effect of the valve machine, in order, to check it against the contract. */
  trace?(entry: TraceEntry): void
}

/** `effect`: performed; a failed flash write is not recorded. Without power every output is closed. */
export type TraceEntry =
  | { type: 'boot' }
  | { type: 'event'; event: DeviceEvent }
  | { type: 'effect'; effect: DeviceEffect }
  | { type: 'power-lost' }

export interface Controller extends Device {
  readonly valves: readonly string[]
  setValveFault(valve: string, fault: ValveFault | null): void
  /** Its supervision receives false readings: always the rated flow. The totals of the meters stay true. */
  setMeterFaked(isLying: boolean): void
  /** The flash chip refuses writes: the device must refuse to open. */
  setFlashFault(isBroken: boolean): void
  /** A person at the device. */
  closeByHand(valve?: string): void
  clearFault(): void
  /** What the outputs are driven to. */
  isOpen(valve: string): boolean
  /** Litres that really passed, whatever was reported. */
  passedLitres(valve: string): number
  /** The latched fault of the device, or null. */
  latchedFault(): string | null
}

type EventInput = DeviceEvent extends infer E
  ? E extends { monoMs: number }
    ? Omit<E, 'monoMs'>
    : never
  : never

export async function startController(options: ControllerOptions): Promise<Controller> {
  const { credentials, clock, world, valves } = options
  if (credentials.commandKey === null)
    throw new RangeError(`controller ${credentials.id} needs a commandKey, got null`)
  const litresPerPulse = options.litresPerPulse === undefined ? 10 : options.litresPerPulse
  const profile: DeviceProfile = {
    valves: valves.map(({ id, ratedLpm, kind }) => ({
      id,
      ratedLpm,
      ...(kind === undefined ? {} : { kind }),
    })),
    master: options.master ?? null,
    commandKeyHex: credentials.commandKey,
    capMs: options.capMs ?? 2 * HOUR_MS,
    kind: options.class ?? 'leased',
    litresPerPulse,
    fw: 'tilth-sim 1',
  }
  const metered = valves.filter(({ kind }) => kind === undefined)
  const iron = hydraulics({
    world,
    valves,
    master: profile.master,
    litresPerPulse: litresPerPulse ?? 10,
    seed: `${options.seed}/${credentials.id}`,
    startMs: clock.now(),
  })
  const meterEveryMs = options.meterEveryMs ?? 10 * SECOND_MS
  let machine: ValveDevice | null = null // null without power
  let isFlashBroken = false
  let isLying = false
  let flowedToMs = clock.now()
  let cancelTick = () => {}
  let base: DeviceContext | null = null

  const trace = options.trace ?? (() => {})
  const io: DeviceIo = {
    drive(valve, open) {
      iron.drive(valve, open)
      trace({ type: 'effect', effect: { type: 'drive', valve, open } })
    },
    writeFlash(flash) {
      if (isFlashBroken) throw new Error('the flash cannot be written')
      base!.flash.valves = flash
      base!.saveFlash()
      trace({ type: 'effect', effect: { type: 'write-flash', flash } })
    },
    publish(effect) {
      const { kind, message } = effect
      trace({ type: 'effect', effect })
      // may be lost with the connection: the journal and the next state report it again
      base!.link.publish(kind, JSON.stringify(message)).catch(() => {})
    },
  }

  /** Water first: what has flowed until now belongs to the valves as they stood until now. */
  function applyEvent(told: EventInput | null): void {
    const before = openValveIds(machine)
    runWater()
    if (machine && base && told !== null) step({ ...told, monoMs: base.monoMs() } as DeviceEvent)
    scheduleTick()
    // the meter is read when a run begins and ends, so that its litres are known without waiting for the schedule
    if (machine && base && openValveIds(machine) !== before) base.sampleNow()
  }

  function runWater(): void {
    world.advanceTo(clock.now())
    const minutes = Math.max(0, clock.now() - flowedToMs) / MINUTE_MS
    flowedToMs = clock.now()
    if (isLying) fakeMeterReadings(minutes)
    for (const { valve, litres } of iron.runTo(clock.now())) {
      if (!machine || !base || litresPerPulse === null) continue
      base.flash.counters[`total/${valve}`] = (base.flash.counters[`total/${valve}`] ?? 0) + litres
      if (!isLying) step({ type: 'meter', valve, litres, monoMs: base.monoMs() })
    }
  }

  function fakeMeterReadings(minutes: number): void {
    for (const { id, ratedLpm } of metered)
      if (minutes > 0 && base && litresPerPulse !== null && machine?.valves[id]?.isOpen)
        step({ type: 'meter', valve: id, litres: ratedLpm * minutes, monoMs: base.monoMs() })
  }

  function step(event: DeviceEvent): void {
    trace({ type: 'event', event })
    const before = machine!
    machine = stepDevice(before, event, io)
    if (options.note) noteChanges(before, machine)
  }

  /** For a person who watches: what the outputs do, and why. */
  function noteChanges(before: ValveDevice, now: ValveDevice): void {
    for (const [id, { isOpen, why, ranMs, litres }] of Object.entries(now.valves)) {
      if (isOpen === before.valves[id]?.isOpen) continue
      const ran = `${(ranMs / MINUTE_MS).toFixed(1)} min, ${litres === null ? 'no meter' : `${Math.round(litres)} L`}`
      options.note?.(`${credentials.id} ${id}: ${isOpen ? 'open' : `shut (${why}) after ${ran}`}`)
    }
    if (now.flash.fault !== before.flash.fault)
      options.note?.(
        `${credentials.id}: ${now.flash.fault === null ? 'fault cleared' : `fault ${now.flash.fault}, latched`}`,
      )
  }

  function scheduleTick(): void {
    cancelTick()
    const nowMs = clock.now()
    const own = machine && base ? nowMs + Math.max(1, nextTickMonoMs(machine) - base.monoMs()) : Infinity
    // a stuck valve wets the field even while the controller has no power
    const next = iron.isFlowing() ? Math.min(own, nowMs + Math.min(meterEveryMs, msToDose())) : own
    cancelTick = next === Infinity ? () => {} : clock.at(next, () => applyEvent({ type: 'tick' }))
  }

  /** Until the next dose is full at today's flow, so that a short dose is not overrun by the meter's pace. */
  function msToDose(): number {
    let soonest = Infinity
    for (const [id, valve] of Object.entries(machine?.valves ?? {})) {
      if (!valve.isOpen || valve.doseLitres === null || valve.litres === null) continue
      const leftLitres = Math.max(litresPerPulse ?? 0, valve.doseLitres - valve.litres)
      soonest = Math.min(soonest, (leftLitres / iron.flowLpm(id)) * MINUTE_MS)
    }
    return Math.max(SECOND_MS, soonest)
  }

  const device = await startDevice(options, {
    kind: 'controller',
    sampleS: 1_200,
    subscriptions: ['config', 'command', 'lease'],
    onBoot(own) {
      base = own
      trace({ type: 'boot' })
      machine = startValves(profile, own.flash.valves, io)
      scheduleTick()
    },
    onPowerLost() {
      runWater()
      machine = null
      iron.powerLost()
      trace({ type: 'power-lost' })
      scheduleTick()
    },
    onConnected: (_, nonce) => applyEvent({ type: 'connected', nonce }),
    onDisconnected: () => applyEvent({ type: 'disconnected' }),
    onMessage(own, kind, payload, retained) {
      const told = toEvent(kind, payload, retained)
      if (told.ok) applyEvent(told.value)
      else options.note?.(`${credentials.id}: ${kind} refused: ${told.error}`)
    },
    sample() {
      applyEvent(null)
      return litresPerPulse === null ? null : metered.map(({ id }) => meterReading(id))
    },
  })

  function meterReading(valve: string): Measurement {
    if (iron.faultOf(valve) === 'meter-silent')
      return { metering: { water: { total: null } }, tilth: { flow: null, valve } }
    return {
      metering: {
        water: { total: toWireValue('water.total', base?.flash.counters[`total/${valve}`] ?? 0) },
      },
      tilth: { flow: toWireValue('water.flow', iron.flowLpm(valve)), valve },
    }
  }

  return {
    ...device,
    valves: valves.map(({ id }) => id),
    setValveFault(valve, fault) {
      runWater()
      iron.setFault(valve, fault)
      scheduleTick()
    },
    setMeterFaked(lies) {
      runWater()
      isLying = lies
    },
    setFlashFault: (isBroken) => void (isFlashBroken = isBroken),
    closeByHand: (valve) => applyEvent({ type: 'local-close', ...(valve === undefined ? {} : { valve }) }),
    clearFault: () => applyEvent({ type: 'clear-fault' }),
    isOpen: (valve) => machine?.valves[valve]?.isOpen ?? false,
    passedLitres: iron.passedLitres,
    latchedFault: () => machine?.flash.fault ?? null,
    async stop() {
      await device.stop()
      iron.powerLost()
      cancelTick()
    },
  }
}

const openValveIds = (machine: ValveDevice | null): string =>
  Object.entries(machine?.valves ?? {})
    .filter(([, { isOpen }]) => isOpen)
    .map(([id]) => id)
    .join()

type ParsedEvent = { ok: true; value: EventInput } | { ok: false; error: string }

function toEvent(kind: string, payload: Uint8Array, retained: boolean): ParsedEvent {
  if (kind === 'command') {
    const command = parseCommand(payload)
    return command.ok ? { ok: true, value: { type: 'command', command: command.value, retained } } : command
  }
  if (kind === 'lease') {
    const lease = parseLease(payload)
    return lease.ok ? { ok: true, value: { type: 'lease', lease: lease.value } } : lease
  }
  const config = parseConfig(payload)
  return config.ok ? { ok: true, value: { type: 'config', config: config.value } } : config
}
