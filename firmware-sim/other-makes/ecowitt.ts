/** An Ecowitt GW2000 with its outdoor sensors: it pushes a form over HTTP, in the units of its protocol. */
import { createHash } from 'node:crypto'
import { every, HOUR_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import { sensors } from '../devices/sensor.ts'
import type { Weather } from '../weather/weather.ts'

const MM_PER_INCH = 25.4
const MPS_PER_MPH = 0.44704
const HPA_PER_INHG = 33.8639
/** mm a tip */
const BUCKET_MM = 0.254
/** rain since it was mounted */
const MOUNTED_WITH_MM = 412

export interface EcowittStation {
  /** Resolves when Tilth has answered. */
  pushNow(): Promise<void>
  stop(): void
}

/** `url`: with the token of the station, as a person enters it in the app. Pushes at this interval. */
export function startEcowitt(options: {
  url: string
  weather: Weather
  clock: Clock
  everyMs: number
  seed: string
}): EcowittStation {
  const { url, weather, clock, everyMs } = options
  const sensor = sensors(`${options.seed}/ecowitt`)
  const key = createHash('md5').update(options.seed).digest('hex').toUpperCase()
  const startMs = clock.now()
  let sinceMs = startMs - everyMs
  let fallenMm = MOUNTED_WITH_MM

  async function pushNow(): Promise<void> {
    const nowMs = clock.now()
    fallenMm += weather.rainMm(sinceMs, nowMs)
    const form = formOf(sinceMs, nowMs)
    sinceMs = nowMs
    // as the console: what does not arrive is not sent again
    await fetch(url, { method: 'POST', body: new URLSearchParams(form) }).catch(() => {})
  }

  function formOf(fromMs: AtMs, nowMs: AtMs): Record<string, string> {
    const air = weather.at(nowMs)
    const { windMps, radiationWm2 } = weather.mean(fromMs, nowMs)
    const mph = sensor.read('wind.speed', windMps)! / MPS_PER_MPH
    const pressureInHg = sensor.read('air.pressure', air.pressureHPa)! / HPA_PER_INHG
    const rainIn = (Math.floor(fallenMm / BUCKET_MM) * BUCKET_MM) / MM_PER_INCH
    const hourIn = weather.rainMm(nowMs - HOUR_MS, nowMs) / MM_PER_INCH
    return {
      PASSKEY: key,
      stationtype: 'GW2000A_V3.1.4',
      runtime: String(Math.round((nowMs - startMs) / 1000)),
      heap: '158240',
      dateutc: new Date(nowMs).toISOString().slice(0, 19).replace('T', ' '),
      tempinf: '75.2',
      humidityin: '54',
      baromrelin: pressureInHg.toFixed(3),
      baromabsin: pressureInHg.toFixed(3),
      tempf: (sensor.read('air.temperature', air.tempC)! * 1.8 + 32).toFixed(1),
      humidity: String(Math.round(Math.min(100, sensor.read('air.relativeHumidity', air.humidityPct)!))),
      winddir: String(Math.round((sensor.read('wind.direction', air.windDirectionDeg)! + 360) % 360)),
      windspeedmph: mph.toFixed(2),
      windgustmph: (mph * 1.4).toFixed(2),
      solarradiation: sensor.read('solar.radiation', radiationWm2)!.toFixed(2),
      uv: '0',
      rainratein: hourIn.toFixed(3),
      hourlyrainin: hourIn.toFixed(3),
      totalrainin: rainIn.toFixed(3),
      wh65batt: '0',
      freq: '920M',
      model: 'GW2000A',
      interval: String(Math.round(everyMs / 1000)),
    }
  }

  return { pushNow, stop: every(clock, everyMs, () => void pushNow()) }
}
