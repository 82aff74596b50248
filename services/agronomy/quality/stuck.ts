/**
 * A soil-moisture sensor that is stuck at a normal level: it is constant although it otherwise varies. The natural
 * length of its constant runs is estimated from its own runs, from the shortest upwards: a run that continues their
 * distribution is natural, one that stands apart is not. So two faults within two weeks do not mask each other, and a
 * deep sensor, or one of coarse resolution, is not flagged.
 */
import { isWatered, quantile, type Point, type SoilFinding, type SoilRecord } from './soil-record.ts'
import { minStepPct, REST_H } from './steps.ts'

const STUCK_H = 24 // at least a day, while the soil's temperature varies: persistence tests of WMO and of the ISMN
const MOVES_C = 0.5
const CHANCE = 1e-4 // probability that a sound sensor is constant for so long in the month around
const AROUND_H = 15 * 24
const MIN_RUNS = 24 // minimum to know the sensor's behaviour
const MIN_RESTS = 5 // minimum number of runs of an age
const QUIET_SHARE = 0.5 // share of its time in runs that stand apart: above it they are natural
const AGES_H = [0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 72] // the longer a run has lasted, the longer it may continue

/** Constant runs of a day, or of half a day after a step, that are not natural for this sensor. */
export function stuck(record: SoilRecord, points: readonly Point[]): SoilFinding[] {
  const everyH = stepOf(points)
  const runs = runsOf(points, everyH)
  const isLong = (run: Run) => run.hours >= (startsWithStep(record, points, run) ? REST_H : STUCK_H)
  const long = runs.filter(isLong).toSorted((a, b) => a.hours - b.hours)
  const shortRuns = runs.filter((run) => !long.includes(run))
  const unlike: Run[] = []
  for (const run of long)
    if (isSoilTempSteady(record.soilTempC, points, run) || !isUnlikely(run, shortRuns, everyH))
      shortRuns.push(run)
    else unlike.push(run)
  return unlike
    .filter((run) => !isQuiet(run, runs, unlike))
    .map(({ first, last }) => ({ test: 'stuck', from: points[first]!.at, to: points[last]!.at + 1 }))
}

/** Whether a run started with a step that neither noise nor water explains. */
function startsWithStep(record: SoilRecord, points: readonly Point[], { first, hours }: Run): boolean {
  if (first === 0 || hours < REST_H) return false
  const step = points[first]!.pct - points[first - 1]!.pct
  return Math.abs(step) > minStepPct(points, first) && !(step > 0 && isWatered(record, points[first]!))
}

function isSoilTempSteady(
  soilTempC: SoilRecord['soilTempC'],
  points: readonly Point[],
  { first, last }: Run,
): boolean {
  const temps = soilTempC.slice(points[first]!.at, points[last]!.at + 1).filter((tempC) => tempC != null)
  return temps.length > 0 && Math.max(...temps) - Math.min(...temps) <= MOVES_C
}

/** Points `first` to `last` with one value. */
interface Run {
  first: number
  last: number
  fromH: number
  toH: number
  hours: number
}

const SILENT_STEPS = 6 // after so many steps without a value it is unknown whether it was constant

function runsOf(points: readonly Point[], everyH: number): Run[] {
  const runs: Run[] = []
  const goesOn = (a: Point, b: Point) => a.pct === b.pct && b.h - a.h <= SILENT_STEPS * everyH
  for (let first = 0; first < points.length;) {
    let last = first
    while (last + 1 < points.length && goesOn(points[last]!, points[last + 1]!)) last++
    const fromH = points[first]!.h
    const toH = points[last]!.h
    runs.push({ first, last, fromH, toH, hours: toH - fromH })
    first = last + 1
  }
  return runs
}

/**
 * Whether it was improbable at every age that one of the runs of the two weeks on either side continues as long as
 * `run`: by how those runs end, and by how all runs of the record end.
 */
function isUnlikely(run: Run, shortRuns: readonly Run[], everyH: number): boolean {
  const similarRuns = shortRuns.filter((other) => isNear(run, other))
  if (similarRuns.length < MIN_RUNS) return false
  return AGES_H.every((ageH) => {
    const rests = similarRuns.filter(({ hours }) => hours >= ageH).length + 1
    return [similarRuns, shortRuns].every((sample) => {
      const share = continuationShare(sample, ageH, everyH)
      return share === null || rests * share ** ((run.hours - ageH) / everyH) < CHANCE
    })
  })
}

/** Share of the runs of an age that continue at the next value, if that no longer changes with age. */
function continuationShare(sample: readonly Run[], ageH: number, everyH: number): number | null {
  const older = sample.filter(({ hours }) => hours >= ageH)
  if (older.length < MIN_RESTS) return null // too few runs of this age: a younger age decides
  const wentOn = older.reduce((sum, { hours }) => sum + (hours - ageH) / everyH, 0)
  return (wentOn + 1) / (wentOn + older.length + 2) // rule of succession (Laplace)
}

/** Whether the sensor spends its time in runs that stand apart: between them it flickers. */
function isQuiet(run: Run, runs: readonly Run[], unlike: readonly Run[]): boolean {
  const hoursOf = (sample: readonly Run[]) =>
    sample.reduce((sum, other) => sum + (other !== run && isNear(run, other) ? other.hours + 1 : 0), 0)
  return hoursOf(unlike) > QUIET_SHARE * hoursOf(runs)
}

const isNear = (run: Run, other: Run): boolean =>
  other.toH >= run.fromH - AROUND_H && other.fromH <= run.toH + AROUND_H

/** Typical hours from one value to the next. */
const stepOf = (points: readonly Point[]): number =>
  quantile(
    points.slice(1).map(({ h }, i) => h - points[i]!.h),
    0.5,
  )
