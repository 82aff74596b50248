/**
 * The common behaviour of all devices: boot, connect, sample on time, number each message uniquely, store it in flash
 * until the PUBACK, send the oldest first, apply the configuration, lose power and restart.
 */
import { parseConfig, type Config, type Measurement, type Telemetry } from '../../broker/contract/messages.ts'
import type { QuantityName } from '../../broker/contract/quantities.ts'
import { DAY_MS, SECOND_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import type { ServerKind } from '../../broker/contract/topics.ts'
import { emptyFlash, memoryFlash, type Flash, type FlashStore } from './flash.ts'
import { deviceLink, type Credentials, type Link } from './link.ts'
import { sensors, type SensorFault, type Sensors } from './sensor.ts'
import type { World } from '../world.ts'

export type DeviceKindName = 'probe' | 'station' | 'trap' | 'gauge' | 'controller'

export interface DeviceOptions {
  credentials: Credentials
  url: string
  clock: Clock
  /** moved along before each sample */
  world: Pick<World, 'advanceTo'>
  seed: string
  /** seconds between samples until a configuration changes it (default 20 min) */
  sampleS?: number
  /** offset of the samples within the period, so that a fleet does not publish at one instant */
  phaseMs?: number
  flash?: FlashStore
  keepaliveS?: number
  note?(text: string): void
}

export interface Device {
  readonly id: string
  readonly kind: DeviceKindName
  /** Publishes handed to MQTT, of every kind. */
  sent(): number
  /** Messages received. */
  received(): number
  /** Resolves when nothing waits for an acknowledgement and no attempt to connect is under way. */
  settled(): Promise<void>
  isOnline(): boolean
  /** Telemetry in flash that has no PUBACK yet. */
  unsent(): number
  /** Measures now, in addition to the schedule. */
  sampleNow(): void
  setFault(quantity: QuantityName, fault: SensorFault | null, place?: string): void
  /** Sets the error of the device's wall clock; null: it has no clock and sends no time. */
  setClockError(ms: number | null): void
  /** Sets the daily drain of its battery from now on, V, in addition to the drain of each message. */
  setDrain(vPerDay: number): void
  cutNetwork(): void
  restoreNetwork(): Promise<void>
  /** Cuts the power without a disconnect. The flash stays. */
  cutPower(): void
  restorePower(): Promise<void>
  stop(): Promise<void>
}

/** The behaviour of one kind of device: its samples, and for a controller its handling of messages. */
export interface DeviceBehaviour {
  kind: DeviceKindName
  sampleS: number
  subscriptions: readonly ServerKind[]
  /** null: no sample this time */
  sample(base: DeviceContext): Measurement[] | null
  onBoot?(base: DeviceContext): void
  onPowerLost?(base: DeviceContext): void
  onConnected?(base: DeviceContext, nonce: string): void
  onDisconnected?(base: DeviceContext): void
  onMessage?(base: DeviceContext, kind: ServerKind, payload: Uint8Array, retained: boolean): void
}

/** The functions that a behaviour may use. */
export interface DeviceContext {
  clock: Clock
  sensors: Sensors
  flash: Flash
  saveFlash(): void
  link: Link
  monoMs(): number
  sampleNow(): void
}

/** 28 days at 20 minutes; when full the oldest is dropped, and its number is a visible gap */
const MAX_UNSENT = 2_016
const IN_FLIGHT = 20
const BATTERY_FULL_V = 3.65
const BATTERY_EMPTY_V = 2.7
const DRAIN_V_PER_DAY = 0.0012
const DRAIN_V_PER_MESSAGE = 0.000_01

/** Boots the device; resolves after its first attempt to connect. It retries until it is stopped. */
export async function startDevice(options: DeviceOptions, behaviour: DeviceBehaviour): Promise<Device> {
  const { credentials, clock, world, seed } = options
  const { id } = credentials
  const store = options.flash ?? memoryFlash()
  const ownSensors = sensors(`${seed}/${id}`)
  let flash: Flash = emptyFlash()
  let bootMs: AtMs = 0
  let link: Link | null = null
  let sampleMs = (options.sampleS ?? behaviour.sampleS) * SECOND_MS
  let cancelSample = () => {}
  let inFlight = new Set<number>()
  let hasNetwork = true
  let clockErrorMs: number | null = 0
  let drainVPerDay = DRAIN_V_PER_DAY
  let sentBefore = 0 // by links of earlier boots
  let receivedBefore = 0
  let sampledMs: AtMs = clock.now()

  const base: DeviceContext = {
    clock,
    sensors: ownSensors,
    get flash() {
      return flash
    },
    saveFlash: () => store.save(flash),
    get link() {
      return link!
    },
    monoMs: () => Math.max(0, Math.floor(clock.now() - bootMs)),
    sampleNow: () => sample(),
  }

  async function boot(): Promise<void> {
    flash = store.load() ?? emptyFlash()
    flash.boot += 1
    store.save(flash)
    bootMs = clock.now()
    inFlight = new Set()
    link = deviceLink({
      credentials,
      url: options.url,
      clock,
      seed,
      boot: flash.boot,
      subscriptions: behaviour.subscriptions,
      ...(options.keepaliveS === undefined ? {} : { keepaliveS: options.keepaliveS }),
      ...(options.note ? { note: options.note } : {}),
      onConnected(nonce) {
        behaviour.onConnected?.(base, nonce)
        sendUnsent()
      },
      onDisconnected() {
        // without a PUBACK a message counts as unsent: it is sent again, and the server recognises its number
        inFlight = new Set()
        behaviour.onDisconnected?.(base)
      },
      onMessage,
    })
    behaviour.onBoot?.(base)
    scheduleSample()
    if (hasNetwork) await link.open()
  }

  function scheduleSample(): void {
    cancelSample()
    const phaseMs = options.phaseMs ?? 0
    const next = (Math.floor((clock.now() - phaseMs) / sampleMs) + 1) * sampleMs + phaseMs
    cancelSample = clock.at(next, () => {
      scheduleSample()
      sample()
    })
  }

  function sample(): void {
    if (!link) return
    const nowMs = clock.now()
    world.advanceTo(nowMs)
    const measurements = behaviour.sample(base)
    if (!measurements || measurements.length === 0) return
    flash.n += 1
    flash.counters.drainedV =
      (flash.counters.drainedV ?? 0) +
      DRAIN_V_PER_MESSAGE +
      (drainVPerDay * Math.max(0, nowMs - sampledMs)) / DAY_MS
    sampledMs = nowMs
    const message: Telemetry = {
      v: 1,
      n: flash.n,
      boot: flash.boot,
      monoMs: base.monoMs(),
      ...(clockErrorMs === null ? {} : { time: new Date(nowMs + clockErrorMs).toISOString() }),
      measurements,
      battery: ownSensors.read(
        'device.battery',
        Math.max(BATTERY_EMPTY_V, BATTERY_FULL_V - flash.counters.drainedV),
      ),
    }
    flash.unsent.push({ n: flash.n, payload: JSON.stringify(message) })
    if (flash.unsent.length > MAX_UNSENT) flash.unsent.shift()
    store.save(flash)
    sendUnsent()
  }

  function sendUnsent(): void {
    const currentLink = link
    const flight = inFlight
    if (!currentLink?.isUp()) return
    for (const { n, payload } of flash.unsent) {
      if (flight.size >= IN_FLIGHT) break
      if (flight.has(n)) continue
      flight.add(n)
      currentLink.publish('telemetry', payload).then(
        () => {
          // an acknowledgement of an earlier session: that message is sent again
          if (flight !== inFlight || currentLink !== link) return
          flight.delete(n)
          const index = flash.unsent.findIndex((message) => message.n === n)
          if (index >= 0) flash.unsent.splice(index, 1)
          store.save(flash)
          sendUnsent()
        },
        () => void flight.delete(n),
      )
    }
  }

  function onMessage(kind: ServerKind, payload: Uint8Array, retained: boolean): void {
    if (kind === 'config') {
      const config = parseConfig(payload)
      if (config.ok) applyConfig(config.value)
      else options.note?.(`${id}: config refused: ${config.error}`)
    }
    behaviour.onMessage?.(base, kind, payload, retained)
  }

  function applyConfig({ sampleS }: Config): void {
    if (sampleS === undefined || sampleS * SECOND_MS === sampleMs) return
    sampleMs = sampleS * SECOND_MS
    scheduleSample()
  }

  function cutPower(): void {
    if (!link) return
    cancelSample()
    behaviour.onPowerLost?.(base)
    const currentLink = link
    link = null
    currentLink.cut()
    sentBefore += currentLink.sent()
    receivedBefore += currentLink.received()
  }

  await boot()
  return {
    id,
    kind: behaviour.kind,
    sent: () => sentBefore + (link?.sent() ?? 0),
    received: () => receivedBefore + (link?.received() ?? 0),
    settled: async () => link?.settled(),
    isOnline: () => link?.isUp() ?? false,
    unsent: () => flash.unsent.length,
    sampleNow: sample,
    setFault: ownSensors.setFault,
    setClockError: (ms) => void (clockErrorMs = ms),
    setDrain: (vPerDay) => void (drainVPerDay = vPerDay),
    cutNetwork() {
      hasNetwork = false
      link?.cut()
    },
    async restoreNetwork() {
      hasNetwork = true
      await link?.open()
    },
    cutPower,
    async restorePower() {
      if (!link) await boot()
    },
    async stop() {
      cancelSample()
      const currentLink = link
      await currentLink?.settled()
      if (link !== currentLink || !currentLink) return
      behaviour.onPowerLost?.(base)
      await currentLink.close()
      sentBefore += currentLink.sent()
      receivedBefore += currentLink.received()
      link = null
    },
  }
}
