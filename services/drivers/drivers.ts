/** Every driver by its name. A new way of commanding is a file of its own and a line here. */
import type { Driver } from './driver-types.ts'
import { esphomeDrivers } from './esphome.ts'
import { milesightUc511 } from './milesight-uc511.ts'
import { openSprinkler, openSprinklerMqtt } from './opensprinkler.ts'
import { shellyGen2 } from './shelly.ts'
import { stregaSmartValve } from './strega.ts'
import { tasmotaRelay } from './tasmota.ts'
import { zigbee2mqttDrivers } from './zigbee2mqtt.ts'

export const drivers: readonly Driver[] = [
  ...zigbee2mqttDrivers,
  tasmotaRelay,
  ...esphomeDrivers,
  shellyGen2,
  openSprinkler,
  openSprinklerMqtt,
  milesightUc511,
  stregaSmartValve,
]

const byName = new Map(drivers.map((driver) => [driver.name, driver]))

/** The driver of this name, null when there is none. */
export const driverOf = (name: string): Driver | null => byName.get(name) ?? null
