/** Valves that are ready to open, with the messages that their makes send. */
import type { DriverSetup } from '../../../services/drivers/driver-state.ts'
import { ours, ValveBench, type Drivers } from './valve-bench.ts'
import { valves } from './valves.ts'

const NAME = valves.zigbee.name
export const Z2M = `zigbee2mqtt/${NAME}`
export const RESULT = 'stat/pump_house/RESULT'
export const UP = 'application/a1/device/24e124460c300009/event/up'
export const JC = `http://192.168.1.20/jc?pw=${valves.openSprinkler.passwordDigest}`

const devices = (model: string) => [
  { friendly_name: 'other', definition: { model: 'R7060' } },
  { friendly_name: NAME, definition: { model } },
]

/** Behind Zigbee2MQTT of a version. */
export function zigbee(
  driver: string,
  model: string,
  more: Partial<DriverSetup> = {},
  drivers: Drivers = ours,
  version = '2.14.1',
): ValveBench {
  const bench = new ValveBench(driver, valves.zigbee, more, drivers).up()
  bench.receive('zigbee2mqtt/bridge/info', { version }, true)
  bench.receive('zigbee2mqtt/bridge/devices', devices(model), true)
  bench.take()
  return bench
}

export const swv = (drivers?: Drivers, version?: string, more?: Partial<DriverSetup>): ValveBench =>
  zigbee('z2m-sonoff-swv', 'SWV', more, drivers, version)

export const giex = (drivers?: Drivers, more?: Partial<DriverSetup>): ValveBench =>
  zigbee('z2m-giex-qt06-2', 'QT06_2', more, drivers)

const upWith =
  (name: string, address: (typeof valves)[keyof typeof valves]) =>
  (drivers: Drivers = ours, more: Partial<DriverSetup> = {}): ValveBench => {
    const bench = new ValveBench(name, address, more, drivers).up()
    bench.take()
    return bench
  }
export const tasmota = upWith('tasmota-relay', valves.tasmota)
export const esphome = upWith('esphome-sprinkler', valves.esphome)
export const shelly = upWith('shelly-gen2', valves.shelly)
export const openSprinkler = upWith('opensprinkler', valves.openSprinkler)
export const openSprinklerMqtt = upWith('opensprinkler-mqtt', valves.openSprinklerMqtt)

const versions = { hardware_version: 'v4.0', firmware_version: 'v1.1' }
/** Class A: it wakes every 10 min. */
export const uc511 = (drivers?: Drivers, more?: Partial<DriverSetup>): ValveBench =>
  upWith('milesight-uc511', valves.chirpstack)(drivers, { wakeMs: 600_000, ...more }).receive(UP, {
    object: versions,
  })
export const uc511AtTts = (drivers?: Drivers): ValveBench =>
  upWith('milesight-uc511', valves.tts)(drivers, { wakeMs: 600_000 }).receive(
    'v3/farm@ttn/devices/valve-9/up',
    {
      uplink_message: { decoded_payload: versions },
    },
  )

/** The station bit of `/jc`. */
export const jc = (isOn: boolean, nq = isOn ? 1 : 0) => ({
  sbits: [0, isOn ? 4 : 0],
  ps: Array.from({ length: 16 }, (_, i) => (i === 10 && isOn ? [99, 300, 1, 0] : [0, 0, 0, 0])),
  nq,
})

/** A SWV that runs for 5 min with its bound proved. */
export function runningSwv(drivers?: Drivers, more?: Partial<DriverSetup>): ValveBench {
  const bench = swv(drivers, undefined, more).open(5)
  bench.receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 300 } })
  bench.take()
  return bench
}

/** A Tasmota relay that runs for 5 min. */
export function runningTasmota(drivers?: Drivers): ValveBench {
  const bench = tasmota(drivers)
    .open(5)
    .receive(RESULT, { PulseTime2: { Set: 400, Remaining: 0 } })
  bench.receive(RESULT, { POWER2: 'ON' })
  bench.take()
  return bench
}
