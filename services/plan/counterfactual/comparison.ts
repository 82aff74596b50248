/**
 * The recorded irrigation compared with Tilth's rule and the previous fixed schedule, over the last seven days
 * and the season, in m³. Pure.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import type { WaterComparison, ComparisonSpan, FixedScheduleRow, SpanWater, ZoneRow } from '../../tables.ts'
import { simulateSeason, type ReplayDay, type SimulatedDay, type WaterRule } from './replay.ts'
import { sumBy } from '../../runtime/math.ts'

/** The fixed schedule of a grower who has entered none. */
const defaultSchedule = { depthMm: 35, everyDays: 7 }
const WEEK_DAYS = 7

/** Null for a field without a zone, or with fewer than two days. */
export function compareWater(x: {
  days: readonly ReplayDay[] // of the season, in order
  zones: readonly ZoneRow[]
  habit: Pick<FixedScheduleRow, 'depthMm' | 'everyDays'> | null
  /** the same days with Tilth's rule (tilth-rule.ts) */
  tilth: readonly SimulatedDay[]
}): WaterComparison | null {
  const water = combineZones(x.zones)
  if (!water) return null
  const schedule = x.habit ?? defaultSchedule
  const outcomes = {
    actual: simulateSeason(x.days, recordedRule),
    tilth: x.tilth,
    fixedSchedule: simulateSeason(x.days, fixedScheduleRule(schedule, water.efficiency)),
  }
  const last = outcomes.actual.at(-1)
  if (!last) return null
  const metered = new Map(x.days.map((row) => [row.day, row.irrigationSource]))
  const spanFrom = (key: ComparisonSpan['key'], fromDay: Day): ComparisonSpan => {
    const inSpan = (season: readonly SimulatedDay[]): SimulatedDay[] =>
      season.filter(({ day }) => day >= fromDay)
    const sum = (season: readonly SimulatedDay[]): SpanWater => spanTotals(inSpan(season), water)
    const days = inSpan(outcomes.actual)
    const irrigatedDays = days.filter(({ netMm }) => netMm > 0)
    return {
      key,
      fromDay: days[0]?.day ?? fromDay,
      throughDay: last.day,
      days: days.length,
      missingDays: days.filter(({ isKnown }) => !isKnown).length,
      actual: {
        ...sum(outcomes.actual),
        isMetered: irrigatedDays.every(({ day }) => metered.get(day) === 'metered'),
      },
      tilth: sum(outcomes.tilth),
      fixedSchedule: sum(outcomes.fixedSchedule),
    }
  }
  return {
    fixedSchedule: { mm: schedule.depthMm, days: schedule.everyDays },
    spans: [spanFrom('week', addDays(last.day, 1 - WEEK_DAYS)), spanFrom('season', outcomes.actual[0]!.day)],
  }
}

interface CombinedZone {
  areaM2: number
  efficiency: number
}

/** The zones of a field as one. */
function combineZones(zones: readonly ZoneRow[]): CombinedZone | null {
  if (zones.length === 0) return null
  const areaM2 = sumBy(zones, (zone) => zone.areaM2)
  const efficiency = sumBy(zones, (zone) => zone.efficiency * zone.areaM2) / areaM2
  return { areaM2, efficiency }
}

function spanTotals(days: readonly SimulatedDay[], { areaM2, efficiency }: CombinedZone): SpanWater {
  const netMm = sumBy(days, (day) => day.netMm)
  return {
    m3: ((netMm / efficiency) * areaM2) / 1000,
    runs: days.filter((day) => day.netMm > 0).length,
    stressDays: days.filter((day) => day.isStressed).length,
    drainedMm: sumBy(days, (day) => day.drainedMm),
  }
}

/** The recorded irrigation as a rule. */
export const recordedRule: WaterRule = (_evening, next) => next.irrigationMm

/** The same gross depth at a fixed interval, independent of the weather. */
export const fixedScheduleRule =
  (schedule: { depthMm: number; everyDays: number }, efficiency: number): WaterRule =>
  ({ n }) =>
    n % schedule.everyDays === 0 ? schedule.depthMm * efficiency : 0
