/**
 * A soil-moisture sensor that is stuck at a normal level: it rests although it else moves. How long it rests by nature
 * is learned from its own rests, from the shortest upwards: a rest that continues them is one of them, one that stands
 * off is not. So two faults of one fortnight do not hide each other, and a deep sensor, or one of coarse steps, is left
 * alone.
 */
import { isWatered, quantile, type Point, type SoilFinding, type SoilRecord } from './soil-record.ts'
import { minStepPct, REST_H } from './steps.ts'

const STUCK_H = 24 // a day at least, while the soil's temperature moves: persistence tests of WMO and of the ISMN
const MOVES_C = 0.5
const CHANCE = 1e-4 // that a sound sensor would rest so long in the month around
const AROUND_H = 15 * 24
const LEAST_RUNS = 24 // by which the sensor's way is known
const LEAST_RESTS = 5 // of an age, before it counts
const QUIET_SHARE = 0.5 // of its time in rests that stand off: then they are its way
const AGES_H = [0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 72] // the longer a rest has lasted, the longer it may go on

/** Rests of a day, or of half a day after a stroke, that are not this sensor's way. */
export function stuck(record: SoilRecord, points: readonly Point[]): SoilFinding[] {
  const everyH = stepOf(points)
  const runs = runsOf(points, everyH)
  const isLong = (run: Run) => run.hours >= (startsWithStep(record, points, run) ? REST_H : STUCK_H)
  const long = runs.filter(isLong).toSorted((a, b) => a.hours - b.hours)
  const usual = runs.filter((run) => !long.includes(run))
  const unlike: Run[] = []
  for (const run of long)
    if (isSoilTempSteady(record.soilTempC, points, run) || !isUnlikely(run, usual, everyH)) usual.push(run)
    else unlike.push(run)
  return unlike
    .filter((run) => !isQuiet(run, runs, unlike))
    .map(({ first, last }) => ({ test: 'stuck', from: points[first]!.at, to: points[last]!.at + 1 }))
}

/** Whether a run began with a step that neither noise nor water explains. */
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

/** Points `first` to `last` of one value. */
interface Run {
  first: number
  last: number
  fromH: number
  toH: number
  hours: number
}

const SILENT_STEPS = 6 // after so many without a value nobody knows whether it rested

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
 * Whether it was unlikely at every age that one of the rests of the fortnight on either side goes on as long as `run`:
 * by how those rests end, and by how all rests of the record end.
 */
function isUnlikely(run: Run, usual: readonly Run[], everyH: number): boolean {
  const near = usual.filter((other) => isNear(run, other))
  if (near.length < LEAST_RUNS) return false
  return AGES_H.every((ageH) => {
    const rests = near.filter(({ hours }) => hours >= ageH).length + 1
    return [near, usual].every((sample) => {
      const share = continuationShare(sample, ageH, everyH)
      return share === null || rests * share ** ((run.hours - ageH) / everyH) < CHANCE
    })
  })
}

/** How many of the rests of an age go on at the next value, if that does not change with age any more. */
function continuationShare(sample: readonly Run[], ageH: number, everyH: number): number | null {
  const older = sample.filter(({ hours }) => hours >= ageH)
  if (older.length < LEAST_RESTS) return null // too little is known of this age: a younger one decides
  const wentOn = older.reduce((sum, { hours }) => sum + (hours - ageH) / everyH, 0)
  return (wentOn + 1) / (wentOn + older.length + 2) // rule of succession (Laplace)
}

/** Whether the sensor spends its time in rests that stand off: between them it flickers. */
function isQuiet(run: Run, runs: readonly Run[], unlike: readonly Run[]): boolean {
  const hoursOf = (sample: readonly Run[]) =>
    sample.reduce((sum, other) => sum + (other !== run && isNear(run, other) ? other.hours + 1 : 0), 0)
  return hoursOf(unlike) > QUIET_SHARE * hoursOf(runs)
}

const isNear = (run: Run, other: Run): boolean =>
  other.toH >= run.fromH - AROUND_H && other.fromH <= run.toH + AROUND_H

/** Hours from one value to the next, as a rule. */
const stepOf = (points: readonly Point[]): number =>
  quantile(
    points.slice(1).map(({ h }, i) => h - points[i]!.h),
    0.5,
  )
