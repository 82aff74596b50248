/** A soil probe: moisture and temperature at its depths, and tension if it has a tensiometer. */
import type { Measurement } from '../../broker/contract/messages.ts'
import type { World } from '../world.ts'
import { startDevice, type Device, type DeviceOptions } from './device.ts'

export interface ProbeOptions extends DeviceOptions {
  world: World
  field: string
  depthsCm: readonly number[]
  hasTension?: boolean
}

/**
 * One measurement per depth, every 20 minutes by default: moisture in % by volume, temperature in °C, tension in kPa.
 * Resolves after the first attempt to connect.
 */
export const startProbe = (options: ProbeOptions): Promise<Device> =>
  startDevice(options, {
    kind: 'probe',
    sampleS: 1_200,
    subscriptions: ['config'],
    sample: ({ sensors }) =>
      options.depthsCm.map((depthCm): Measurement => {
        const { field, world } = options
        const place = String(depthCm)
        return {
          soil: {
            depth: depthCm,
            moisture: sensors.read('soil.moisture', world.moistureAt(field, depthCm) * 100, place),
            temperature: sensors.read('soil.temperature', world.soilTempC(depthCm), place),
          },
          ...(options.hasTension
            ? {
                tilth: {
                  soilTension: sensors.read('soil.tension', world.tensionKPaAt(field, depthCm), place),
                },
              }
            : {}),
        }
      }),
  })
