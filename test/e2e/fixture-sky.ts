/** The sky over the fixture's day: dry in the morning, a shower in the evening. */
import { HOUR_MS } from '../../broker/contract/time.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { at } from './fixture-day.ts'

const shower: readonly [loMm: number, midMm: number, hiMm: number][] = [
  [0.4, 1, 2],
  [1, 2.6, 4.6],
  [0.6, 1.4, 2.4],
]

export const sky: NonNullable<Today['sky']> = {
  fromMs: at(5),
  rain: Array.from({ length: 24 }, (_, hour) => shower[hour - 13] ?? [0, 0, 0]),
  windMps: Array.from({ length: 24 }, (_, hour) => [1.4, 2.1, 3.2, 4.4, 5.1, 3.6][Math.floor(hour / 4)]!),
  showers: [{ fromMs: at(18), toMs: at(21), loMm: 2, midMm: 5, hiMm: 9 }],
}

export const spray: NonNullable<Today['spray']> = [
  { fromMs: at(5), toMs: at(8), verdict: 'allowed' },
  { fromMs: at(17), toMs: at(17) + 2 * HOUR_MS, verdict: 'marginal' },
]
