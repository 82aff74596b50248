/** A level gauge in a paddy: water relative to the soil surface, mm; below the surface in a perforated tube. */
import type { World } from '../world.ts'
import { startDevice, type Device, type DeviceOptions } from './device.ts'

export interface GaugeOptions extends DeviceOptions {
  world: World
  field: string
}

/** Samples every 20 minutes by default. Resolves after the first attempt to connect. */
export const startGauge = (options: GaugeOptions): Promise<Device> =>
  startDevice(options, {
    kind: 'gauge',
    sampleS: 1_200,
    subscriptions: ['config'],
    sample: ({ sensors }) => [
      { tilth: { waterLevel: sensors.read('water.level', options.world.levelMm(options.field)) } },
    ],
  })
