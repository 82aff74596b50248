/**
 * The stages of a paddy's water and when they begin. Development of the rice runs from 0 (transplanted) over 1 (heading)
 * to 2 (ripe), along a sum of heat; by the calendar where that sum is not whole.
 */
import { assertNumbers } from '../finite.ts'

export const paddyStages = [
  'rooting',
  'tillering',
  'mid-season-drainage',
  'intermittent',
  'panicle', // from the panicle's initiation on
  'booting', // the pollen's meiosis, 14 to 7 days before heading, and the days up to heading
  'heading', // and flowering
  'ripening',
  'final-drainage',
] as const
export type PaddyStage = (typeof paddyStages)[number]

/**
 * Heat above 10 °C from transplanting to heading, °C·d, and from heading to ripe grain. Of a mid-season japonica variety on
 * the plains of Niigata, by monthly normals: transplanted in mid May, in ear at the beginning of August; ripe 1,000 °C·d above
 * 0 °C after heading, as prefectures advise. Day length plays its part too: unconfirmed for a given variety, a person's word on a stage corrects it.
 */
export const HEADING_CD = 1000
const RIPE_CD = 620

/**
 * Where stages begin: development, and days after transplanting for want of a heat sum. Drainage begins at 80 % of the panicles
 * aimed at, a month before the ear it is over (JA and prefecture, Joetsu 2015: cracks below 1 cm, light footprints); the panicle is
 * initiated about 24 days before heading, meiosis 14 to 7 days before it; flowering keeps its water for about two weeks;
 * drained not before 30 days after heading (Yamamoto town, Miyagi). The shares between are unconfirmed.
 */
export const stageStarts = [
  { stage: 'rooting', at: 0, day: 0 },
  { stage: 'tillering', at: 0.08, day: 10 },
  { stage: 'mid-season-drainage', at: 0.34, day: 35 },
  { stage: 'intermittent', at: 0.54, day: 48 }, // drainage is over by then, whatever it has come to
  { stage: 'panicle', at: 0.64, day: 53 },
  { stage: 'booting', at: 0.8, day: 63 },
  { stage: 'heading', at: 0.95, day: 72 },
  { stage: 'ripening', at: 1.4, day: 90 },
  { stage: 'final-drainage', at: 1.77, day: 105 },
] as const satisfies readonly { stage: PaddyStage; at: number; day: number }[]

/** The development at which a stage begins. */
export const startOfStage = (stage: PaddyStage): number => stageStarts.find((start) => start.stage === stage)!.at

const RIPE_DAY = 115

export interface GrowthInputs {
  daysSinceTransplanting: number
  sumCd: number | null // since transplanting; null: unknown
  isWhole: boolean // no day of the sum is missing
}

/** Development, 0 to 2, and what it rests on. `headingCd`: of the variety, °C·d. */
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

/** The stage of a day after transplanting for want of anything better, with a drainage of its usual length. */
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
 * The stage of a development. Drainage stands between tillering and wet and dry by turns for as long as it is under way:
 * `isDraining` says so, `hasDrained` that it is over.
 */
export function stageAt(
  development: number,
  { isDraining, hasDrained }: { isDraining: boolean; hasDrained: boolean },
): PaddyStage {
  const by = stageStarts.findLast(({ at }) => development >= at)?.stage ?? 'rooting'
  if (by !== 'tillering' && by !== 'mid-season-drainage' && by !== 'intermittent') return by
  if (isDraining) return 'mid-season-drainage'
  return hasDrained || by === 'intermittent' ? 'intermittent' : 'tillering'
}
