/**
 * A weather station: air, wind and light, a tipping bucket whose count only grows, and on some a leaf sensor. Wind,
 * light and wetness are means since the last sample, as in a logger; temperature and humidity are of the instant.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { World } from '../world.ts'
import { startDevice, type Device, type DeviceOptions } from './device.ts'
import { leafAt } from './leaf.ts'

/** mm a tip */
const BUCKET_MM = 0.2

export interface StationOptions extends DeviceOptions {
  world: World
  hasLeafSensor?: boolean // true by default
}

/**
 * Samples every 20 minutes by default; the rain of a power cut is not counted. Resolves after the first attempt to
 * connect.
 */
export function startStation(options: StationOptions): Promise<Device> {
  const { weather } = options.world
  const leaf = options.hasLeafSensor === false ? null : leafAt(weather, options.clock.now())
  let sinceMs: AtMs = options.clock.now()
  return startDevice(options, {
    kind: 'station',
    sampleS: 1_200,
    subscriptions: ['config'],
    onBoot({ clock, flash }) {
      // without power nothing is counted: the rain of an outage is missing
      sinceMs = clock.now()
      flash.counters.rainMm ??= 0
    },
    sample({ clock, flash, sensors }) {
      const nowMs = clock.now()
      const air = weather.at(nowMs)
      const { windMps, radiationWm2 } = weather.mean(sinceMs, nowMs)
      const fallenMm = weather.rainMm(sinceMs, nowMs)
      const rainMm = (flash.counters.rainMm ?? 0) + fallenMm
      flash.counters.rainMm = rainMm
      sinceMs = nowMs
      const wetShare = leaf?.wetShareUntil(nowMs) ?? null
      return [
        {
          air: {
            location: 'outdoor',
            temperature: sensors.read('air.temperature', air.tempC),
            relativeHumidity: sensors.read('air.relativeHumidity', air.humidityPct),
            pressure: sensors.read('air.pressure', air.pressureHPa),
          },
          wind: {
            speed: sensors.read('wind.speed', windMps),
            direction: direction(sensors.read('wind.direction', air.windDirectionDeg)),
          },
          // the fraction of a tip is carried over, so no rain is lost
          rain: {
            cumulative: sensors.read('rain.cumulative', Math.floor(rainMm / BUCKET_MM + 1e-9) * BUCKET_MM),
          },
          tilth: {
            solarRadiation: sensors.read('solar.radiation', radiationWm2),
            ...(wetShare === null ? {} : { leafWetness: sensors.read('leaf.wetness', wetShare) }),
          },
        },
      ]
    },
  })
}

const direction = (deg: number | null): number | null => (deg === null ? null : (deg + 360) % 360)
