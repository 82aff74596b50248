/**
 * The hourly weather of the next 24 hours. A forecast has the median rain of each hour and the range of each
 * day: the range is spread over the hours in proportion to the median.
 */
import { HOUR_MS, dayOf, zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import type { Sky } from './today-schemas.ts'

const HOURS = 24
/** Not noticeable, mm in an hour. */
const DRY_MM = 0.1
/** Rain with a shorter pause counts as one shower. */
const PAUSE_MS = HOUR_MS

/** Null without an hourly forecast. */
export function skyView(response: ForecastResponse | null, timeZone: string, nowMs: AtMs): Sky | null {
  const offsetMs = zoneOffsetMs(nowMs, timeZone)
  const fromMs = Math.floor((nowMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs
  const hourAt = new Map((response?.hours ?? []).map((hour) => [hour.atMs, hour]))
  const shareOf = sharesOf(response, timeZone)
  const hours = Array.from({ length: HOURS }, (_, i) => {
    const hour = hourAt.get(fromMs + i * HOUR_MS)
    const windMps = hour?.windMps == null ? null : round(hour.windMps)
    return { atMs: fromMs + i * HOUR_MS, windMps, rain: hour?.rainMm == null ? null : shareOf(hour) }
  })
  if (hours.every(({ rain, windMps }) => rain === null && windMps === null)) return null
  return {
    fromMs,
    rain: hours.map(({ rain }) => rain && [round(rain[0]), round(rain[1]), round(rain[2])]),
    windMps: hours.map(({ windMps }) => windMps),
    showers: showersOf(hours),
  }
}

type Rain = readonly [loMm: number, midMm: number, hiMm: number]
type SkyHour = { atMs: AtMs; rain: Rain | null }

/** The share of an hour in the range of its day. */
function sharesOf(response: ForecastResponse | null, timeZone: string) {
  const days = new Map((response?.days ?? []).map(({ day, rainMm }) => [day, rainMm]))
  const sums = new Map<string, number>()
  for (const { atMs, rainMm } of response?.hours ?? []) {
    const day = dayOf(atMs, timeZone)
    sums.set(day, (sums.get(day) ?? 0) + (rainMm ?? 0))
  }
  return ({ atMs, rainMm }: { atMs: AtMs; rainMm: number | null }): Rain | null => {
    if (rainMm === null) return null
    const day = dayOf(atMs, timeZone)
    const range = days.get(day)
    const sumMm = sums.get(day) ?? 0
    if (!range || sumMm === 0) return [rainMm, rainMm, rainMm]
    const share = rainMm / sumMm
    return [range.lo * share, range.mid * share, range.hi * share]
  }
}

function showersOf(hours: readonly SkyHour[]): Sky['showers'] {
  const showers: Sky['showers'] = []
  for (const { atMs, rain } of hours) {
    if (rain === null || rain[2] < DRY_MM) continue
    const last = showers.at(-1)
    const shower = { fromMs: atMs, toMs: atMs + HOUR_MS, loMm: rain[0], midMm: rain[1], hiMm: rain[2] }
    if (!last || atMs - last.toMs > PAUSE_MS) {
      showers.push(shower)
      continue
    }
    last.toMs = shower.toMs
    last.loMm += shower.loMm
    last.midMm += shower.midMm
    last.hiMm += shower.hiMm
  }
  return showers.map((item) => ({
    ...item,
    loMm: round(item.loMm),
    midMm: round(item.midMm),
    hiMm: round(item.hiMm),
  }))
}

const round = (value: number): number => Math.round(10 * value) / 10
