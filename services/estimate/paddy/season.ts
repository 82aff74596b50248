/**
 * A paddy's season from its rows: advanced by a day, brought up to today, and the findings of its last days. Pure.
 */
import { addDays, dayOf, daysBetween, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { DEFAULT_DRY_DAYS, type DrainageTarget } from '../../agronomy/paddy/drainage.ts'
import { lossTrend, medianRateMmH } from '../../agronomy/paddy/loss.ts'
import { nextSeason, type PaddySeason } from '../../agronomy/paddy/season.ts'
import { holdDay } from '../../agronomy/paddy/defaults.ts'
import { medianOf } from '../../agronomy/math.ts'
import {
  readDayNotes,
  readPaddyDay,
  type FieldDayRow,
  type PaddyDay,
  type PaddyNow,
  type PaddyRow,
  type SeasonRow,
} from '../../tables.ts'

const drainageTarget = ({ dryDays, baselineDays }: PaddyRow): DrainageTarget => ({
  dryDays: dryDays ?? DEFAULT_DRY_DAYS,
  baselineDays,
})

/** Whether a herbicide hold is active on a day: no outflow. */
const isHeldOn = (
  { herbicideDay, holdDays }: PaddyRow,
  { plantedDay }: Pick<SeasonRow, 'plantedDay'>,
  day: Day,
): boolean => {
  const sinceHerbicideDays = herbicideDay === null ? null : daysBetween(herbicideDay, day)
  return (
    holdDay({ sinceHerbicideDays, sinceTransplantingDays: daysBetween(plantedDay, day) }, holdDays) !== null
  )
}

/** State of a paddy's season at the end of a day, by degree-days and by the reports up to then. */
export function seasonOnDay(
  before: PaddySeason | null,
  paddy: PaddyRow,
  season: Pick<SeasonRow, 'plantedDay'>,
  x: { day: Day; levelMm: number | null; sumCd: number | null; isWhole: boolean },
): PaddySeason {
  const { reportedStage, reportedStageDay } = paddy
  const isPast = (day: Day | null): boolean => day !== null && day >= season.plantedDay && day <= x.day
  return nextSeason(
    before,
    {
      ...x,
      daysSinceTransplanting: daysBetween(season.plantedDay, x.day),
      headingCd: paddy.headingCd,
      reported:
        reportedStage !== null && reportedStageDay !== null && reportedStageDay >= season.plantedDay
          ? { stage: reportedStage, day: reportedStageDay, daysAgo: daysBetween(reportedStageDay, x.day) }
          : null,
      hasTillers: isPast(paddy.tillersDay),
      isCracked: isPast(paddy.crackedDay),
      isHeld: isHeldOn(paddy, season, x.day),
    },
    drainageTarget(paddy),
  )
}

type RecentPaddyDay = Pick<
  FieldDayRow,
  'day' | 'levelMm' | 'tempMinC' | 'tempMaxC' | 'heatSumCd' | 'notes'
> & {
  paddy?: FieldDayRow['paddy']
}

/** `days`: of this season, oldest first, up to yesterday. */
export function paddyStateNow(
  days: readonly RecentPaddyDay[],
  paddy: PaddyRow,
  season: Pick<SeasonRow, 'plantedDay'>,
  x: { today: Day; timeZone: string; levelMm: number | null; levelAtMs: AtMs | null; isHeatWhole: boolean },
): PaddyNow {
  const seasonDays = days.filter(({ day }) => day >= season.plantedDay)
  const paddyDays = seasonDays.map((row) => (row.paddy ? readPaddyDay(row.paddy) : null))
  const last = seasonDays.at(-1)
  const isUpToDate = last?.day === addDays(x.today, -1)
  const now = seasonOnDay(paddyDays.at(-1) ?? null, paddy, season, {
    day: x.today,
    levelMm: x.levelMm,
    sumCd: last?.heatSumCd == null ? null : last.heatSumCd + paceCd(seasonDays),
    isWhole: x.isHeatWhole && isUpToDate,
  })
  const nights = nightsOf(paddyDays)
  return {
    ...now,
    loss: lossTrend(nights),
    inletMmH: medianRateMmH(paddyDays.flatMap((day) => day?.inletMmH ?? []).slice(-RUNS)),
    outletMmH: medianRateMmH(paddyDays.flatMap((day) => day?.outletMmH ?? []).slice(-RUNS)),
    recent: seasonDays.slice(-RECENT_DAYS).map(({ tempMinC, tempMaxC }) => ({
      minC: tempMinC,
      meanC: tempMinC === null || tempMaxC === null ? null : (tempMinC + tempMaxC) / 2,
    })),
    levelDay: levelDay(seasonDays, paddy, season, x),
  }
}

const RECENT_DAYS = 2
const RUNS = 5
const NIGHTS = 7
const MIN_NIGHTS = 3

const nightsOf = (paddyDays: readonly (PaddyDay | null)[]): number[] =>
  paddyDays.flatMap((day) => day?.nightLossMmD ?? [])

/** Loss of a field in addition to crop use, from its quiet nights; null with fewer than three. mm/d */
export function nightLossMmD(days: readonly { paddy?: FieldDayRow['paddy'] }[]): number | null {
  const nights = nightsOf(days.map((row) => (row.paddy ? readPaddyDay(row.paddy) : null))).slice(-NIGHTS)
  return nights.length < MIN_NIGHTS ? null : medianOf(nights)
}

type LevelDay = Pick<FieldDayRow, 'day' | 'levelMm' | 'deepPercolationMm' | 'notes'>

/** Percolation between two measured ponded levels, mm. `days` in order. */
export function measuredPercolationsMm(days: readonly LevelDay[]): number[] {
  return days.flatMap((row, i) => {
    const before = days[i - 1]
    if (!before || before.day !== addDays(row.day, -1) || !isPonded(row) || !isPonded(before)) return []
    return row.deepPercolationMm === null ? [] : [row.deepPercolationMm]
  })
}

const isPonded = ({ levelMm, notes }: LevelDay): boolean =>
  levelMm !== null && levelMm >= 0 && !readDayNotes(notes).some(({ key }) => key === 'level-modelled')

/** Degree-days of the last day, assumed for today. */
function paceCd(seasonDays: readonly RecentPaddyDay[]): number {
  const [before, last] = seasonDays.slice(-2)
  if (before?.heatSumCd == null || last?.heatSumCd == null) return 0
  return Math.max(0, last.heatSumCd - before.heatSumCd)
}

function levelDay(
  seasonDays: readonly RecentPaddyDay[],
  { observedLevelAtMs }: PaddyRow,
  { plantedDay }: Pick<SeasonRow, 'plantedDay'>,
  x: { today: Day; timeZone: string; levelAtMs: AtMs | null },
): Day | null {
  if (x.levelAtMs !== null) return dayOf(x.levelAtMs, x.timeZone)
  const measured = seasonDays.findLast(
    ({ levelMm, notes }) =>
      levelMm !== null && !readDayNotes(notes).some(({ key }) => key === 'level-modelled'),
  )
  const observedDay = observedLevelAtMs === null ? null : dayOf(observedLevelAtMs, x.timeZone)
  const days = [measured?.day ?? null, observedDay].filter(
    (day) => day !== null && day >= plantedDay && day <= x.today,
  )
  return days.length === 0 ? null : days.reduce((a, b) => (a! > b! ? a : b))
}
