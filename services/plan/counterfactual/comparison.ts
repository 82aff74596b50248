/**
 * What the valve gave beside what Tilth and the old habit would have given, over the last seven days and the season, in
 * m³. Pure.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import type { Comparison, ComparisonSpan, HabitRow, SpanWater, ZoneRow } from '../../tables.ts'
import { replay, type LivedDay, type ReplayDay } from './replay.ts'
import { given, timer } from './rules.ts'

/** The timer of a grower who has said nothing else. */
const usualTimer = { timerMm: 35, timerDays: 7 }
const WEEK_DAYS = 7

/** Null for a field without a zone, or before two days of it are known. */
export function comparisonOf(x: {
  days: readonly ReplayDay[] // of the season, in order
  zones: readonly ZoneRow[]
  habit: Pick<HabitRow, 'timerMm' | 'timerDays'> | null
  /** the same days with Tilth's hand on the valve (tilth-rule.ts) */
  tilth: readonly LivedDay[]
}): Comparison | null {
  const water = waterOf(x.zones)
  if (!water) return null
  const habit = x.habit ?? usualTimer
  const lives = {
    given: replay(x.days, given),
    tilth: x.tilth,
    timer: replay(x.days, timer(habit, water.efficiency)),
  }
  const last = lives.given.at(-1)
  if (!last) return null
  const metered = new Map(x.days.map((row) => [row.day, row.irrigationSource]))
  const spanFrom = (key: ComparisonSpan['key'], fromDay: Day): ComparisonSpan => {
    const of = (life: readonly LivedDay[]): LivedDay[] => life.filter(({ day }) => day >= fromDay)
    const sum = (life: readonly LivedDay[]): SpanWater => sumOf(of(life), water)
    const days = of(lives.given)
    const watered = days.filter(({ netMm }) => netMm > 0)
    return {
      key,
      fromDay: days[0]?.day ?? fromDay,
      throughDay: last.day,
      days: days.length,
      missingDays: days.filter(({ isKnown }) => !isKnown).length,
      given: {
        ...sum(lives.given),
        isMetered: watered.every(({ day }) => metered.get(day) === 'metered'),
      },
      tilth: sum(lives.tilth),
      timer: sum(lives.timer),
    }
  }
  return {
    timer: { mm: habit.timerMm, days: habit.timerDays },
    spans: [spanFrom('week', addDays(last.day, 1 - WEEK_DAYS)), spanFrom('season', lives.given[0]!.day)],
  }
}

interface Water {
  areaM2: number
  efficiency: number
}

/** The zones of a field as one. */
function waterOf(zones: readonly ZoneRow[]): Water | null {
  if (zones.length === 0) return null
  const areaM2 = zones.reduce((sum, one) => sum + one.areaM2, 0)
  const efficiency = zones.reduce((sum, one) => sum + one.efficiency * one.areaM2, 0) / areaM2
  return { areaM2, efficiency }
}

function sumOf(days: readonly LivedDay[], { areaM2, efficiency }: Water): SpanWater {
  const netMm = days.reduce((sum, day) => sum + day.netMm, 0)
  return {
    m3: ((netMm / efficiency) * areaM2) / 1000,
    runs: days.filter((day) => day.netMm > 0).length,
    stressDays: days.filter((day) => day.isStressed).length,
    drainedMm: days.reduce((sum, day) => sum + day.drainedMm, 0),
  }
}
