/** A level gauge in a paddy: water relative to the soil surface, mm; below the surface in a perforated tube. */
import { startDevice, type Device, type DeviceOptions } from './device.ts'

export interface GaugeOptions extends DeviceOptions {
  field: string
}

/** Samples every 20 minutes by default. Resolves after the first attempt to connect. */
export const startGauge = (options: GaugeOptions): Promise<Device> =>
  startDevice(options, {
    kind: 'gauge',
    sampleS: 1_200,
    subscriptions: ['config'],
    sample: ({ world, sensors }) => [
      { tilth: { waterLevel: sensors.read('water.level', world.levelMm(options.field)) } },
    ],
  })
