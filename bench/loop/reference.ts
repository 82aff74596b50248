/**
 * Results of AquaCrop for the same three places and rules, mean of many seasons: the reference points of this
 * simulator. Dry yield, t/ha, and irrigation, mm.
 */
import type { PolicyName } from './compare.ts'

type Points = Partial<Record<PolicyName, readonly [tHa: number, mm: number]>>

const points: Record<string, Points> = {
  'champion-maize': {
    rainfed: [4.73, 0],
    timer: [13.62, 630],
    checkbook: [12.94, 453],
    'refill-70': [13.79, 485],
    'refill-50': [13.65, 401],
    stages: [13.58, 313],
  },
  'tunis-wheat': {
    rainfed: [8.42, 0],
    timer: [9.58, 630],
    checkbook: [9.62, 148],
    'refill-70': [9.64, 227],
    'refill-50': [9.63, 151],
    stages: [9.12, 55],
  },
  'brussels-potato': {
    rainfed: [8.96, 0],
    timer: [11.6, 560],
    checkbook: [11.55, 220],
    'refill-70': [11.6, 223],
    'refill-50': [11.54, 166],
    stages: [11.51, 129],
  },
}

/** As `13.62 / 630`; empty where there is none. */
export function referenceText(climate: string, policy: PolicyName): string {
  const point = points[climate.replace(/-record$/, '')]?.[policy]
  return point ? `${point[0].toFixed(2)} / ${point[1]}` : ''
}
