/**
 * Mid-season drainage (nakaboshi), one day at a time: its start, the days it has lasted, and its end. The counted
 * days with their dates are the evidence of a longer drainage for a J-Credit.
 */
import { assertNumbers, finite } from '../finite.ts'
import { startOfStage } from './stages.ts'

/** Days without standing water that cause small cracks in a loam: JA and prefectures recommend 7 to 10. */
export const DEFAULT_DRY_DAYS = 7
/** J-Credit AG-005: this many days longer than the mean of the last two years or more. */
const CREDIT_EXTRA_DAYS = 7

export interface Drainage {
  fromDay: string // civil days, '2026-06-14'
  /** its last day; null while it is active */
  lastDay: string | null
  /** days of the period so far, rain or not: the count of the credit (according to its operators; unconfirmed) */
  days: number
  /** of these, days that ended without standing water */
  dryDays: number
  /** days without a measurement: not counted as dry */
  unknownDays: number
  /** reason of its end */
  endReason: 'dried' | 'cracked' | 'panicle-near' | 'person' | null
}

export interface DrainageTarget {
  dryDays: number // target
  baselineDays: number | null // mean length of the previous years; null: no credit is claimed
}

/** Days of the whole period that a credit requires; null where none is claimed. */
export const creditDays = ({ baselineDays }: DrainageTarget): number | null =>
  baselineDays === null ? null : finite(baselineDays + CREDIT_EXTRA_DAYS, { baselineDays })

export interface DrainageDay {
  day: string
  development: number
  levelMm: number | null // at the end of the day; null: unknown
  /** the target number of tillers was counted; small cracks were observed: on or before this day */
  hasTillers: boolean
  isCracked: boolean
  /** a hold is active: no drainage */
  isHeld: boolean
  /** a person has reported that it is active, or over, from this day on */
  reported: 'under-way' | 'over' | null
}

/** A lower level above the soil is mud, not water: gauges are accurate to a few mm. */
const PUDDLE_MM = 5

/** The drainage at the end of a day, from that of the day before. Null: not started. */
export function nextDrainage(
  before: Drainage | null,
  x: DrainageDay,
  target: DrainageTarget,
): Drainage | null {
  assertNumbers({ before, x, wish: target })
  if (before?.lastDay != null) return before
  if (before === null) {
    if (x.reported === 'over' || !mayStart(x)) return null
    return withDay(
      { fromDay: x.day, lastDay: null, days: 0, dryDays: 0, unknownDays: 0, endReason: null },
      x,
      target,
    )
  }
  return withDay(before, x, target)
}

function mayStart({ development, hasTillers, isHeld, reported }: DrainageDay): boolean {
  if (reported === 'under-way') return true
  if (isHeld || development >= startOfStage('intermittent')) return false
  return (
    development >= startOfStage('mid-season-drainage') ||
    (hasTillers && development >= startOfStage('tillering'))
  )
}

function withDay(before: Drainage, x: DrainageDay, target: DrainageTarget): Drainage {
  const now: Drainage = {
    ...before,
    days: before.days + 1,
    dryDays: before.dryDays + (x.levelMm !== null && x.levelMm <= PUDDLE_MM ? 1 : 0),
    unknownDays: before.unknownDays + (x.levelMm === null ? 1 : 0),
  }
  const reason = endReason(now, x, target)
  return reason === null ? now : { ...now, lastDay: x.day, endReason: reason }
}

function endReason(now: Drainage, x: DrainageDay, target: DrainageTarget): Drainage['endReason'] {
  if (x.reported === 'over') return 'person'
  // the panicle needs water: a credit is not completed at the expense of the crop
  const latest = startOfStage(x.reported === 'under-way' ? 'panicle' : 'intermittent')
  if (x.development >= latest) return 'panicle-near'
  if (now.days < (creditDays(target) ?? 0)) return null
  if (x.isCracked) return 'cracked'
  // an unmeasured day counts as a dry day, so that a field without a gauge is not kept dry indefinitely
  return now.dryDays + now.unknownDays >= target.dryDays ? 'dried' : null
}
