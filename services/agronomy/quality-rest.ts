/**
 * A soil-moisture sensor that is stuck at a normal level: it rests although it else moves. A sensor that is quiet by
 * nature, deep or in dry soil or of coarse steps, rests so often that nothing can be said: it is left alone.
 */
import { isWatered, type Point, type SoilFinding, type SoilRecord } from './quality-record.ts'
import { leastStep, REST_H } from './quality-strokes.ts'

const STUCK_H = 24 // a day at least, while the soil's temperature moves: persistence tests of WMO and of the ISMN
const MOVES_C = 0.5
const CHANCE = 1e-4 // that a sound sensor would rest so long anywhere in the record
const AROUND_H = 15 * 24
const QUIET_SHARE = 0.25
const LEAST_RUNS = 24 // by which the sensor's way is known

/** Rests of a day, or of half a day after a stroke, that are not this sensor's way. */
export function stuck(record: SoilRecord, points: readonly Point[]): SoilFinding[] {
  const runs = runsOf(points)
  return runs
    .filter((run) => run.hours >= (isEnteredAtAStroke(record, points, run) ? REST_H : STUCK_H))
    .filter((run) => !isStill(record.soilTempC, points, run))
    .filter((run) => isUnlike(run, runs, points.length))
    .map(({ first, last }) => ({ test: 'stuck', from: points[first]!.at, to: points[last]!.at + 1 }))
}

/** Whether a run began with a step that neither noise nor water explains. */
function isEnteredAtAStroke(record: SoilRecord, points: readonly Point[], { first, hours }: Run): boolean {
  if (first === 0 || hours < REST_H) return false
  const step = points[first]!.pct - points[first - 1]!.pct
  return Math.abs(step) > leastStep(points, first) && !(step > 0 && isWatered(record, points[first]!))
}

function isStill(
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

function runsOf(points: readonly Point[]): Run[] {
  const runs: Run[] = []
  for (let first = 0; first < points.length;) {
    let last = first
    while (last + 1 < points.length && points[last + 1]!.pct === points[first]!.pct) last++
    const fromH = points[first]!.h
    const toH = points[last]!.h
    runs.push({ first, last, fromH, toH, hours: toH - fromH })
    first = last + 1
  }
  return runs
}

/** Whether so long a rest is not this sensor's way, by its other runs in the fortnight on either side. */
function isUnlike(run: Run, runs: readonly Run[], count: number): boolean {
  const near = runs.filter(
    (other) => other !== run && other.toH >= run.fromH - AROUND_H && other.fromH <= run.toH + AROUND_H,
  )
  const sum = (of: (run: Run) => number) => near.reduce((total, other) => total + of(other), 0)
  if (near.length < LEAST_RUNS) return false
  const steps = sum(({ first, last }) => last - first + 1)
  const still = sum(({ first, last }) => last - first)
  const resting = sum(({ first, last, hours }) => (hours >= REST_H ? last - first + 1 : 0))
  const share = (still + 1) / (steps + 2) // of steps without a change: rule of succession (Laplace)
  return resting <= QUIET_SHARE * steps && count * share ** (run.last - run.first) < CHANCE
}
