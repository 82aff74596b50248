/** A Milesight EM500-SMTC: soil moisture, temperature and electrical conductivity at one depth, as LoRaWAN frames. */
import { every, type Clock } from '../../broker/contract/time.ts'
import { sensors } from '../devices/sensor.ts'
import type { World } from '../world.ts'
import type { ChirpStack, LorawanDevice } from './chirpstack.ts'

const PORT = 85
const BATTERY_PERCENT = 93
/** bulk conductivity rises about linearly with the water of a soil (Rhoades et al. 1976) */
const DRY_EC_US_CM = 60
const EC_US_CM_PER_WATER = 1_400

export interface ProbeOfChirpstack {
  stop(): void
}

/** Sends at once, and then at this interval. */
export function startEm500(options: {
  network: ChirpStack
  device: LorawanDevice
  world: World
  clock: Clock
  field: string
  depthCm: number
  everyMs: number
  seed: string
}): ProbeOfChirpstack {
  const { network, device, world, clock, field, depthCm } = options
  const sensor = sensors(`${options.seed}/${device.devEui}`)

  function sampleNow(): void {
    world.advanceTo(clock.now())
    const water = world.moistureAt(field, depthCm)
    const frame = em500Frame({
      batteryPercent: BATTERY_PERCENT,
      tempC: sensor.read('soil.temperature', world.soilTempC(depthCm))!,
      moisturePct: sensor.read('soil.moisture', water * 100)!,
      ecUsCm: DRY_EC_US_CM + EC_US_CM_PER_WATER * water,
    })
    network.uplink(device, PORT, frame)
  }

  sampleNow()
  return { stop: every(clock, options.everyMs, sampleNow) }
}

/** The channels of a report, as in Milesight's user guide: id, type, value in little-endian order. */
export function em500Frame(values: {
  batteryPercent: number
  tempC: number
  moisturePct: number
  ecUsCm: number
}): Buffer {
  const frame = Buffer.alloc(15)
  frame.set([0x01, 0x75, Math.round(values.batteryPercent)], 0)
  frame.set([0x03, 0x67], 3)
  frame.writeInt16LE(Math.round(values.tempC * 10), 5)
  frame.set([0x04, 0xca], 7)
  frame.writeUInt16LE(Math.round(values.moisturePct * 100), 9)
  frame.set([0x05, 0x7f], 11)
  frame.writeUInt16LE(Math.round(values.ecUsCm), 13)
  return frame
}
