/**
 * A Sonoff SWV behind Zigbee2MQTT: what the bridge publishes of itself and of the valve, and the valve with its own timer,
 * which closes it whatever happens to the bridge. Its water comes from the hydraulics of the simulated valves.
 */
import mqtt from 'mqtt'
import { every, MINUTE_MS, SECOND_MS, type Clock } from '../../broker/contract/time.ts'
import { disableNagle } from '../devices/link.ts'
import { hydraulics, type WateredWorld } from '../field/hydraulics.ts'
import { random } from '../random.ts'

const ROOT = 'zigbee2mqtt'
const VERSION = '2.14.1'
/** standard deviation of its turbine, as a share of the flow */
const FLOW_NOISE = 0.02
/** by a plain ON, or its button */
const DEFAULT_RUN_S = 600
const VALVE = 'V1'

export interface SonoffValve {
  isOpen(): boolean
  passedLitres(): number
  stop(): Promise<void>
}

/** `account`: of the gateway. Reports at this interval, each minute while it is open, and at every change. */
export async function startSonoffSwv(options: {
  url: string
  account: { id: string; secret: string }
  name: string
  world: WateredWorld
  clock: Clock
  field: string
  ratedLpm: number
  everyMs: number
  seed: string
}): Promise<SonoffValve> {
  const { url, account, name, world, clock, field, ratedLpm } = options
  const water = hydraulics({
    world,
    valves: [{ id: VALVE, field, ratedLpm }],
    master: null,
    litresPerPulse: 1,
    seed: `${options.seed}/${name}`,
    startMs: clock.now(),
  })
  const turbine = random(`${options.seed}/${name}/turbine`)
  let isOpen = false
  let durationS = 0
  let cancelTimer = () => {}
  const client = await mqtt.connectAsync(url, {
    clientId: `mqttjs_${account.id.slice(0, 8)}`,
    username: account.id,
    password: account.secret,
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
  })
  disableNagle(client)

  const publish = (topic: string, payload: object, retain = false) =>
    // without a connection it is lost, as at the radio
    void client.publishAsync(`${ROOT}/${topic}`, JSON.stringify(payload), { qos: 1, retain }).catch(() => {})

  function report(): void {
    publish(name, {
      battery: 88,
      current_device_status: 'normal_state',
      cyclic_timed_irrigation: {
        current_count: 1,
        total_number: 1,
        irrigation_duration: durationS,
        irrigation_interval: 0,
      },
      flow: flowM3h(),
      last_seen: new Date(clock.now()).toISOString(),
      linkquality: 112,
      state: isOpen ? 'ON' : 'OFF',
    })
  }

  /** As its cluster reports it, in steps of 0.1 m3/h. */
  const flowM3h = (): number =>
    Math.round(water.flowLpm(VALVE) * 0.6 * (1 + FLOW_NOISE * turbine.normal())) / 10

  function runWater(): void {
    world.advanceTo(clock.now())
    water.runTo(clock.now())
  }

  function open(seconds: number): void {
    runWater()
    isOpen = true
    durationS = seconds
    water.drive(VALVE, true)
    // a repeated ON starts the timer again
    cancelTimer()
    cancelTimer = clock.at(clock.now() + seconds * SECOND_MS, close)
    report()
  }

  function close(): void {
    cancelTimer()
    runWater()
    isOpen = false
    water.drive(VALVE, false)
    report()
  }

  function take(topic: string, text: string): void {
    if (topic === `${ROOT}/${name}/get`) return report()
    if (topic !== `${ROOT}/${name}/set`) return
    let body: { state?: unknown; on_time?: unknown }
    try {
      body = JSON.parse(text) as typeof body
    } catch {
      return
    }
    const { state, on_time: seconds } = body
    if (state === 'ON') open(typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_RUN_S)
    if (state === 'OFF') close()
  }

  function announce(): void {
    publish('bridge/state', { state: 'online' }, true)
    publish('bridge/info', { version: VERSION, commit: 'unknown', coordinator: { type: 'EmberZNet' } }, true)
    publish('bridge/devices', [bridgeEntry(name)], true)
    publish(`${name}/availability`, { state: 'online' }, true)
    report()
  }

  client.on('message', (topic, payload) => take(topic, payload.toString()))
  client.on('connect', announce)
  client.on('error', () => {})
  await client.subscribeAsync([`${ROOT}/${name}/set`, `${ROOT}/${name}/get`], { qos: 0 })
  announce()
  const stops = [
    every(clock, options.everyMs, report),
    every(clock, MINUTE_MS, () => {
      if (!isOpen) return
      runWater()
      report()
    }),
  ]

  return {
    isOpen: () => isOpen,
    passedLitres: () => water.passedLitres(VALVE),
    async stop() {
      stops.forEach((end) => end())
      cancelTimer()
      await client.endAsync(true)
    },
  }
}

/** Of the list at `bridge/devices`. */
const bridgeEntry = (name: string) => ({
  friendly_name: name,
  ieee_address: '0x00124b0029e1f7a3',
  type: 'EndDevice',
  interview_state: 'SUCCESSFUL',
  supported: true,
  definition: {
    model: 'SWV',
    vendor: 'SONOFF',
    description: 'Zigbee smart water valve',
    exposes: [
      { type: 'switch', features: [{ type: 'binary', name: 'state', property: 'state' }] },
      { type: 'numeric', name: 'flow', property: 'flow', unit: 'm³/h' },
      { type: 'numeric', name: 'battery', property: 'battery', unit: '%' },
    ],
  },
})
