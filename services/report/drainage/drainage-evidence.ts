/**
 * Evidence of a longer mid-season drainage from a paddy's records, as a J-Credit requires (AG-005 中干し期間の延長): each date
 * with its source, the days compared with earlier years, and the daily water loss. Pure. Unknown values are null;
 * without two earlier years it is unknown whether the drainage was longer.
 */
import { addDays, daysBetween, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { creditDays, DEFAULT_DRY_DAYS, type Drainage } from '../../agronomy/paddy/drainage.ts'
import { readDayNotes, readPaddyDay, type FieldDayRow, type PaddyDay, type WorkKind } from '../../tables.ts'

/** Entered by a person, estimated from the heat sum, or from the calendar alone. */
export type DateSource = 'person' | 'heat' | 'calendar'

export type EvidenceDay = Pick<
  FieldDayRow,
  'day' | 'levelMm' | 'rainMm' | 'irrigationMm' | 'irrigationSource' | 'notes' | 'paddy'
>

/** A photo of work on the paddy. */
export interface EvidencePhoto {
  day: Day // on which it was taken, by the phone's clock
  takenMs: AtMs
  addedAtMs: AtMs // when the server received it
  work: WorkKind
  sha256: string // of the stored picture
}

export interface DrainageFacts {
  plantedDay: Day
  days: readonly EvidenceDay[] // of the season, in order
  before: readonly { year: number; days: readonly EvidenceDay[] }[] // of earlier years, newest first
  statedDays: number | null // mean of earlier years, entered by a person
  puddledDay: Day | null
  drainedDays: readonly Day[] // with a work record of drainage
  photos: readonly EvidencePhoto[] // of the season, in order
}

export interface DrainageEvidence {
  plantedDay: Day // entered by a person
  drainage: (Omit<Drainage, 'endReason'> & { began: DateSource; ended: Drainage['endReason'] }) | null // null: none on record
  heading: { day: Day; how: DateSource } | null
  before: { year: number; days: number | null }[]
  baseline: { days: number; from: 'records' | 'person' } | null
  neededDays: number | null // the baseline plus a week
  isLonger: boolean | null // null: unknown
  losses: { day: Day; mm: number }[] // days without rain and irrigation, between two measured levels
  levels: { day: Day; mm: number | null }[] // measured at the end of the day, from a week before the drainage to a week after
  photos: EvidencePhoto[] // of the same days; without a drainage, of the season
}

const MIN_YEARS = 2
const WEEK = 7

/** `isLonger` is null while the drainage has not ended, and without a baseline. Levels and losses in mm. */
export function drainageEvidence(facts: DrainageFacts): DrainageEvidence {
  const { plantedDay, days, statedDays } = facts
  const drainage = drainageOf(days)
  const before = facts.before.map((season) => ({ year: season.year, days: endedDays(season.days) }))
  const baseline = baselineOf(before, statedDays)
  const neededDays = creditDays({ dryDays: DEFAULT_DRY_DAYS, baselineDays: baseline?.days ?? null })
  return {
    plantedDay,
    before,
    baseline,
    neededDays,
    heading: headingOf(days),
    drainage: drainage && {
      ...withoutEndReason(drainage),
      began: beganBy(days, drainage.fromDay),
      ended: drainage.endReason,
    },
    isLonger: drainage?.lastDay == null || neededDays === null ? null : drainage.days >= neededDays,
    losses: lossesOf(facts),
    levels: drainage === null ? [] : aroundDrainage(days, drainage).map(levelOf),
    photos: drainage === null ? [...facts.photos] : aroundDrainage(facts.photos, drainage),
  }
}

const paddyOf = ({ paddy }: EvidenceDay): PaddyDay | null => (paddy ? readPaddyDay(paddy) : null)

/** The last day describes the whole drainage. */
const drainageOf = (days: readonly EvidenceDay[]): Drainage | null =>
  days.flatMap((day) => paddyOf(day)?.drainage ?? []).at(-1) ?? null

function endedDays(days: readonly EvidenceDay[]): number | null {
  const drainage = drainageOf(days)
  return drainage?.lastDay == null ? null : drainage.days
}

const withoutEndReason = ({ endReason: _, ...rest }: Drainage) => rest

function beganBy(days: readonly EvidenceDay[], fromDay: Day): DateSource {
  const on = days.find(({ day }) => day === fromDay)
  const then = on ? paddyOf(on) : null
  if (then?.lastReport?.startsWith('mid-season-drainage@') === true) return 'person'
  return then?.from ?? 'calendar'
}

/** The day that a person entered, otherwise the first day on which the estimated development reached heading. */
function headingOf(days: readonly EvidenceDay[]): DrainageEvidence['heading'] {
  const observation = days
    .flatMap((day) => paddyOf(day)?.lastReport ?? [])
    .findLast((text) => text.startsWith('heading@'))
  if (observation !== undefined) return { day: observation.slice('heading@'.length), how: 'person' }
  const first = days.find((day) => (paddyOf(day)?.development ?? 0) >= 1)
  return first ? { day: first.day, how: paddyOf(first)!.from } : null
}

function baselineOf(
  before: DrainageEvidence['before'],
  statedDays: number | null,
): DrainageEvidence['baseline'] {
  const knownDays = before.flatMap(({ days }) => days ?? [])
  if (knownDays.length >= MIN_YEARS)
    return { days: knownDays.reduce((sum, days) => sum + days, 0) / knownDays.length, from: 'records' }
  return statedDays === null ? null : { days: statedDays, from: 'person' }
}

const isMeasured = ({ levelMm, notes }: EvidenceDay): boolean =>
  levelMm !== null && !readDayNotes(notes).some(({ key }) => key === 'level-modelled')

/** From puddling to a week after transplanting: daily fall of standing water. */
function lossesOf({ days, plantedDay, puddledDay }: DrainageFacts): DrainageEvidence['losses'] {
  const fromDay = puddledDay ?? plantedDay
  const lastDay = addDays(plantedDay, WEEK)
  return days.flatMap((now, index) => {
    const before = days[index - 1]
    const isInTime = now.day >= fromDay && now.day <= lastDay
    if (!isInTime || !before || daysBetween(before.day, now.day) !== 1) return []
    const isQuiet = now.rainMm === 0 && now.irrigationMm === 0 && now.irrigationSource !== 'unknown'
    if (!isQuiet || !isMeasured(before) || !isMeasured(now) || now.levelMm! < 0) return []
    return [{ day: now.day, mm: before.levelMm! - now.levelMm! }]
  })
}

/** Rows from a week before the drainage to a week after it. */
function aroundDrainage<T extends { day: Day }>(rows: readonly T[], { fromDay, lastDay }: Drainage): T[] {
  const from = addDays(fromDay, -WEEK)
  const to = addDays(lastDay ?? '9999-12-01', WEEK)
  return rows.filter(({ day }) => day >= from && day <= to)
}

const levelOf = (row: EvidenceDay) => ({ day: row.day, mm: isMeasured(row) ? row.levelMm : null })
