/**
 * A valve controller: the contract's own device machine (`broker/contract/valve-device/device.ts`) with simulated
 * hydraulics and a connection. Outputs are closed before it connects.
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
import { hydraulics, type ValveFault, type ValveOptions, type WateredWorld } from '../field/hydraulics.ts'
import { toWireValue } from './sensor.ts'

export interface ControllerOptions extends DeviceOptions {
  world: WateredWorld
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
  /** Its flow supervision gets false readings: always the rated flow. The totals of the meters stay true. */
  setMeterFaked(isMeterFaked: boolean): void
  /** The flash chip refuses writes: the device must refuse to open. */
  setFlashFault(isBroken: boolean): void
  /** A person at the device. */
  closeByHand(valve?: string): void
  clearFault(): void
  /** Whether the output is driven open. */
  isOpen(valve: string): boolean
  /** Litres that really passed, independent of the reported ones. */
  passedLitres(valve: string): number
  /** The latched fault of the device, or null. */
  latchedFault(): string | null
}

type EventInput = DeviceEvent extends infer E
  ? E extends { monoMs: number }
    ? Omit<E, 'monoMs'>
    : never
  : never

/**
 * Resolves after the first attempt to connect. RangeError without a command key. By default a meter pulse is 10 L and
 * the longest run 2 h.
 */
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
  const waterSupply = hydraulics({
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
  let isMeterFaked = false
  let flowedToMs = clock.now()
  let cancelTick = () => {}
  let base: DeviceContext | null = null

  const trace = options.trace ?? (() => {})
  const io: DeviceIo = {
    drive(valve, open) {
      waterSupply.drive(valve, open)
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

  /** Water first: the flow until now belongs to the valves that were open until now. */
  function applyEvent(input: EventInput | null): void {
    const openBefore = openValveIds(machine)
    runWater()
    if (machine && base && input !== null) step({ ...input, monoMs: base.monoMs() } as DeviceEvent)
    scheduleTick()
    // the meter is read when a run begins and ends, so that its litres are known without waiting for the schedule
    if (machine && base && openValveIds(machine) !== openBefore) base.sampleNow()
  }

  function runWater(): void {
    world.advanceTo(clock.now())
    const minutes = Math.max(0, clock.now() - flowedToMs) / MINUTE_MS
    flowedToMs = clock.now()
    if (isMeterFaked) fakeMeterReadings(minutes)
    for (const { valve, litres } of waterSupply.runTo(clock.now())) {
      if (!machine || !base || litresPerPulse === null) continue
      base.flash.counters[`total/${valve}`] = (base.flash.counters[`total/${valve}`] ?? 0) + litres
      if (!isMeterFaked) step({ type: 'meter', valve, litres, monoMs: base.monoMs() })
    }
  }

  function fakeMeterReadings(minutes: number): void {
    for (const { id, ratedLpm } of metered)
      if (minutes > 0 && base && litresPerPulse !== null && machine?.valves[id]?.isOpen)
        step({ type: 'meter', valve: id, litres: ratedLpm * minutes, monoMs: base.monoMs() })
  }

  function step(event: DeviceEvent): void {
    trace({ type: 'event', event })
    const previous = machine!
    machine = stepDevice(previous, event, io)
    if (options.note) noteChanges(previous, machine)
  }

  /** Notes each change of an output with its reason, for the person who runs the simulator. */
  function noteChanges(previous: ValveDevice, now: ValveDevice): void {
    for (const [id, { isOpen, why: reason, ranMs, litres }] of Object.entries(now.valves)) {
      if (isOpen === previous.valves[id]?.isOpen) continue
      const runText = `${(ranMs / MINUTE_MS).toFixed(1)} min, ${litres === null ? 'no meter' : `${Math.round(litres)} L`}`
      options.note?.(`${credentials.id} ${id}: ${isOpen ? 'open' : `shut (${reason}) after ${runText}`}`)
    }
    if (now.flash.fault !== previous.flash.fault)
      options.note?.(
        `${credentials.id}: ${now.flash.fault === null ? 'fault cleared' : `fault ${now.flash.fault}, latched`}`,
      )
  }

  function scheduleTick(): void {
    cancelTick()
    const nowMs = clock.now()
    const machineTickMs =
      machine && base ? nowMs + Math.max(1, nextTickMonoMs(machine) - base.monoMs()) : Infinity
    // a stuck valve wets the field even while the controller has no power
    const next = waterSupply.isFlowing()
      ? Math.min(machineTickMs, nowMs + Math.min(meterEveryMs, msToDose()))
      : machineTickMs
    cancelTick = next === Infinity ? () => {} : clock.at(next, () => applyEvent({ type: 'tick' }))
  }

  /**
   * Time until the next dose is complete at the current flow, so that the meter interval does not overrun a short
   * dose.
   */
  function msToDose(): number {
    let soonest = Infinity
    for (const [id, valve] of Object.entries(machine?.valves ?? {})) {
      if (!valve.isOpen || valve.doseLitres === null || valve.litres === null) continue
      const leftLitres = Math.max(litresPerPulse ?? 0, valve.doseLitres - valve.litres)
      soonest = Math.min(soonest, (leftLitres / waterSupply.flowLpm(id)) * MINUTE_MS)
    }
    return Math.max(SECOND_MS, soonest)
  }

  const device = await startDevice(options, {
    kind: 'controller',
    sampleS: 1_200,
    subscriptions: ['config', 'command', 'lease'],
    onBoot(context) {
      base = context
      trace({ type: 'boot' })
      machine = startValves(profile, context.flash.valves, io)
      scheduleTick()
    },
    onPowerLost() {
      runWater()
      machine = null
      waterSupply.powerLost()
      trace({ type: 'power-lost' })
      scheduleTick()
    },
    onConnected: (_, nonce) => applyEvent({ type: 'connected', nonce }),
    onDisconnected: () => applyEvent({ type: 'disconnected' }),
    onMessage(context, kind, payload, retained) {
      const input = toEvent(kind, payload, retained)
      if (input.ok) applyEvent(input.value)
      else options.note?.(`${credentials.id}: ${kind} refused: ${input.error}`)
    },
    sample() {
      applyEvent(null)
      return litresPerPulse === null ? null : metered.map(({ id }) => meterReading(id))
    },
  })

  function meterReading(valve: string): Measurement {
    if (waterSupply.faultOf(valve) === 'meter-silent')
      return { metering: { water: { total: null } }, tilth: { flow: null, valve } }
    return {
      metering: {
        water: { total: toWireValue('water.total', base?.flash.counters[`total/${valve}`] ?? 0) },
      },
      tilth: { flow: toWireValue('water.flow', waterSupply.flowLpm(valve)), valve },
    }
  }

  return {
    ...device,
    valves: valves.map(({ id }) => id),
    setValveFault(valve, fault) {
      runWater()
      waterSupply.setFault(valve, fault)
      scheduleTick()
    },
    setMeterFaked(isFaked) {
      runWater()
      isMeterFaked = isFaked
    },
    setFlashFault: (isBroken) => void (isFlashBroken = isBroken),
    closeByHand: (valve) => applyEvent({ type: 'local-close', ...(valve === undefined ? {} : { valve }) }),
    clearFault: () => applyEvent({ type: 'clear-fault' }),
    isOpen: (valve) => machine?.valves[valve]?.isOpen ?? false,
    passedLitres: waterSupply.passedLitres,
    latchedFault: () => machine?.flash.fault ?? null,
    async stop() {
      await device.stop()
      waterSupply.powerLost()
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
