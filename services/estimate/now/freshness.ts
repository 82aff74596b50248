/** Age of the inputs: late after two of the device's intervals, lost after six. */
import type { AtMs } from '../../../broker/contract/time.ts'

export type Freshness = 'ok' | 'late' | 'lost'

const LATE_INTERVALS = 2
const LOST_INTERVALS = 6

/** Age of a reading in the device's own intervals. A reading from the future (a wrong clock) counts as current. */
export function freshnessOf(atMs: AtMs | null, nowMs: AtMs, everyS: number): Freshness {
  if (atMs === null) return 'lost'
  const intervals = (nowMs - atMs) / (everyS * 1000)
  return intervals > LOST_INTERVALS ? 'lost' : intervals > LATE_INTERVALS ? 'late' : 'ok'
}

const order: Record<Freshness, number> = { ok: 0, late: 1, lost: 2 }

/** The best of several; 'lost' without any. */
export const freshest = (values: readonly Freshness[]): Freshness =>
  values.reduce((a, b) => (order[a] <= order[b] ? a : b), 'lost')

/** The worst of several; 'ok' without any. */
export const stalest = (values: readonly Freshness[]): Freshness =>
  values.reduce((a, b) => (order[a] >= order[b] ? a : b), 'ok')

/**
 * Freshness of an upland field's state. The balance runs on weather and is corrected by probes: while one of the two
 * reports, the state is known with less certainty ('late'); with both lost it is lost. `null`: the field has no such
 * device.
 */
export function uplandFreshness(weather: Freshness | null, soil: Freshness | null): Freshness | 'none' {
  if (weather === null) return soil ?? 'none'
  if (soil === null) return weather
  if (weather === 'lost' && soil === 'lost') return 'lost'
  const combined = stalest([weather, soil])
  return combined === 'lost' ? 'late' : combined
}
