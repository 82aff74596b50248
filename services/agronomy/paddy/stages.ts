/**
 * The stages of a paddy's water and their starts. Development of the rice runs from 0 (transplanted) over 1 (heading)
 * to 2 (ripe), along a degree-day sum; by the calendar where that sum is incomplete.
 */
import { assertNumbers } from '../finite.ts'

export const paddyStages = [
  'rooting',
  'tillering',
  'mid-season-drainage',
  'intermittent',
  'panicle', // from panicle initiation on
  'booting', // the pollen's meiosis, 14 to 7 days before heading, and the days up to heading
  'heading', // and flowering
  'ripening',
  'final-drainage',
] as const
export type PaddyStage = (typeof paddyStages)[number]

/**
 * Degree-days above 10 °C from transplanting to heading, °C·d, and from heading to ripe grain. For a mid-season
 * japonica variety on the plains of Niigata, by monthly normals: transplanted in mid May, heading at the beginning of
 * August; ripe 1,000 °C·d above 0 °C after heading, as prefectures advise. Day length has an effect too: unconfirmed
 * for a given variety, a reported stage corrects it.
 */
export const HEADING_CD = 1000
const RIPE_CD = 620

/**
 * Starts of the stages: development, and days after transplanting without a degree-day sum. Drainage starts at 80 %
 * of the target panicles and ends a month before heading (JA and prefecture, Joetsu 2015: cracks below 1 cm, light
 * footprints); panicle initiation is about 24 days before heading, meiosis 14 to 7 days before it; flowering needs
 * ponded water for about two weeks; final drainage not before 30 days after heading (Yamamoto town, Miyagi). The
 * values between are unconfirmed.
 */
export const stageStarts = [
  { stage: 'rooting', at: 0, day: 0 },
  { stage: 'tillering', at: 0.08, day: 10 },
  { stage: 'mid-season-drainage', at: 0.34, day: 35 },
  { stage: 'intermittent', at: 0.54, day: 48 }, // drainage ends by then, whatever its result
  { stage: 'panicle', at: 0.64, day: 53 },
  { stage: 'booting', at: 0.8, day: 63 },
  { stage: 'heading', at: 0.95, day: 72 },
  { stage: 'ripening', at: 1.4, day: 90 },
  { stage: 'final-drainage', at: 1.77, day: 105 },
] as const satisfies readonly { stage: PaddyStage; at: number; day: number }[]

/** The development at which a stage starts. */
export const startOfStage = (stage: PaddyStage): number =>
  stageStarts.find((start) => start.stage === stage)!.at

const RIPE_DAY = 115

export interface GrowthInputs {
  daysSinceTransplanting: number
  sumCd: number | null // since transplanting; null: unknown
  isWhole: boolean // no day of the sum is missing
}

/** Development, 0 to 2, and its basis. `headingCd`: of the variety, °C·d. */
export function developmentOf(
  x: GrowthInputs,
  headingCd: number = HEADING_CD,
): { development: number; from: 'heat' | 'calendar' } {
  assertNumbers({ ...x, headingCd })
  if (!(headingCd > 0)) throw new RangeError(`headingCd must be above 0, got ${headingCd}`)
  const { sumCd } = x
  if (sumCd !== null && x.isWhole) {
    const development = sumCd <= headingCd ? sumCd / headingCd : 1 + (sumCd - headingCd) / RIPE_CD
    return { development: Math.min(2, Math.max(0, development)), from: 'heat' }
  }
  return { development: byCalendar(x.daysSinceTransplanting), from: 'calendar' }
}

/** The stage by days after transplanting, without better information, with a drainage of usual length. */
export function stageByCalendar(daysSinceTransplanting: number): PaddyStage {
  assertNumbers({ daysSinceTransplanting })
  return stageStarts.findLast(({ day }) => daysSinceTransplanting >= day)?.stage ?? 'rooting'
}

const knots = [...stageStarts.map(({ at, day }) => [day, at] as const), [RIPE_DAY, 2] as const]

function byCalendar(days: number): number {
  const next = knots.findIndex(([day]) => day > days)
  if (next === -1) return 2
  if (next === 0) return 0
  const [d0, at0] = knots[next - 1]!
  const [d1, at1] = knots[next]!
  return at0 + ((at1 - at0) * (days - d0)) / (d1 - d0)
}

/**
 * The stage of a development. Drainage comes between tillering and alternate wetting and drying, for as long as it is
 * active (`isDraining`); `hasDrained`: it is over.
 */
export function stageAt(
  development: number,
  { isDraining, hasDrained }: { isDraining: boolean; hasDrained: boolean },
): PaddyStage {
  const stage = stageStarts.findLast(({ at }) => development >= at)?.stage ?? 'rooting'
  if (stage !== 'tillering' && stage !== 'mid-season-drainage' && stage !== 'intermittent') return stage
  if (isDraining) return 'mid-season-drainage'
  return hasDrained || stage === 'intermittent' ? 'intermittent' : 'tillering'
}
