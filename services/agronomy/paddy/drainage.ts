/**
 * Mid-season drainage (nakaboshi), a day at a time: when it begins, which days it has held, and when it is over. What is
 * counted with its dates is the evidence of a longer drainage for a J-Credit.
 */
import { assertNumbers, finite } from '../finite.ts'
import { startOfStage } from './stages.ts'

/** Days without standing water that bring the small cracks of a loam: JA and prefectures name 7 to 10. */
export const DEFAULT_DRY_DAYS = 7
/** J-Credit AG-005: so many days longer than the mean of the last two years or more. */
const CREDIT_EXTRA_DAYS = 7

export interface Drainage {
  fromDay: string // civil days, '2026-06-14'
  /** its last day; null while it is under way */
  lastDay: string | null
  /** days of the period so far, rain or not: so the credit counts them (as its operators say; unconfirmed) */
  days: number
  /** of them, days that ended without standing water */
  dryDays: number
  /** days of which nobody measured the water: dry neither */
  unknownDays: number
  /** why it ended */
  why: 'dried' | 'cracked' | 'panicle-near' | 'person' | null
}

export interface DrainageTarget {
  dryDays: number // wanted
  baselineDays: number | null // mean length of the years before; null: no credit is claimed
}

/** Days of the whole period that a credit asks for; null where none is claimed. */
export const creditDays = ({ baselineDays }: DrainageTarget): number | null =>
  baselineDays === null ? null : finite(baselineDays + CREDIT_EXTRA_DAYS, { baselineDays })

export interface DrainageDay {
  day: string
  development: number
  levelMm: number | null // at the end of the day; null: unknown
  /** the tillers aimed at were counted; small cracks were seen: on or before this day */
  hasTillers: boolean
  isCracked: boolean
  /** water is locked in: nothing is drained */
  isHeld: boolean
  /** a person has said that it is under way, or over, from this day on */
  reported: 'under-way' | 'over' | null
}

/** A level so low over the soil is mud, not water: gauges read to a few mm. */
const PUDDLE_MM = 5

/** The drainage at the end of a day, from that of the day before. Null: it has not begun. */
export function nextDrainage(before: Drainage | null, x: DrainageDay, wish: DrainageTarget): Drainage | null {
  assertNumbers({ before, x, wish })
  if (before?.lastDay != null) return before
  if (before === null) {
    if (x.reported === 'over' || !mayStart(x)) return null
    return withDay({ fromDay: x.day, lastDay: null, days: 0, dryDays: 0, unknownDays: 0, why: null }, x, wish)
  }
  return withDay(before, x, wish)
}

function mayStart({ development, hasTillers, isHeld, reported: said }: DrainageDay): boolean {
  if (said === 'under-way') return true
  if (isHeld || development >= startOfStage('intermittent')) return false
  return (
    development >= startOfStage('mid-season-drainage') ||
    (hasTillers && development >= startOfStage('tillering'))
  )
}

function withDay(before: Drainage, x: DrainageDay, wish: DrainageTarget): Drainage {
  const now: Drainage = {
    ...before,
    days: before.days + 1,
    dryDays: before.dryDays + (x.levelMm !== null && x.levelMm <= PUDDLE_MM ? 1 : 0),
    unknownDays: before.unknownDays + (x.levelMm === null ? 1 : 0),
  }
  const why = endReason(now, x, wish)
  return why === null ? now : { ...now, lastDay: x.day, why }
}

function endReason(now: Drainage, x: DrainageDay, wish: DrainageTarget): Drainage['why'] {
  if (x.reported === 'over') return 'person'
  // the ear needs water: what is missing of a credit is not made up against the crop
  const latest = startOfStage(x.reported === 'under-way' ? 'panicle' : 'intermittent')
  if (x.development >= latest) return 'panicle-near'
  if (now.days < (creditDays(wish) ?? 0)) return null
  if (x.isCracked) return 'cracked'
  // a day that nobody measured counts as a day, so that a field without a gauge is not kept dry for ever
  return now.dryDays + now.unknownDays >= wish.dryDays ? 'dried' : null
}
