/** The six parameters of a bucket, fitted to paths of a week: the errors on all seven days are minimised together. */
import type { ModelTerm } from '../../tables.ts'
import { fitMaximumAPosteriori } from '../fitting/maximum-a-posteriori.ts'
import { mean } from '../fitting/statistics.ts'
import { DAYS_AHEAD, type Path } from './paths.ts'
import { nextDay, priorBucket, type Bucket } from './bucket.ts'

/** A bucket, and the mean daily demand that its drying rate refers to; null where no demand is known. */
export interface FittedBucket {
  bucket: Bucket
  meanDemandMm: number | null
  terms: ModelTerm[]
}

/**
 * Prior uncertainty of the parameters: within about a factor of e, the limits within a tenth of the range.
 * Unconfirmed.
 */
const PRIORS = [1, 1, 1, 0.7, 0.1, 0.1].map((sd) => ({ mean: 0, sd }))
/** The content was observed between these quantiles, and the limits lie beyond them by these shares of the range. */
const SEEN = { lower: 0.005, upper: 0.995, below: 0.02, above: 0.05 }

/** The bucket before fitting, between the observed limits. Null when the content is constant. */
export function startBucket(contents: readonly (number | null)[]): Bucket | null {
  const sorted = contents.filter((content) => content !== null).toSorted((a, b) => a - b)
  const quantileAt = (q: number) => sorted[Math.round(q * (sorted.length - 1))]!
  if (sorted.length < 2) return null
  const lower = quantileAt(SEEN.lower)
  const upper = quantileAt(SEEN.upper)
  const range = upper - lower
  return range > 1e-6 * Math.abs(upper)
    ? priorBucket(lower - SEEN.below * range, upper + SEEN.above * range)
    : null
}

/** Paths overlap by six days of seven: more of them cost time and add little information. */
const MAX_PATHS = 150

/** Fitted to paths, starting at `start`. */
export function fitBucket(start: Bucket, allPaths: readonly Path[], unit: string): FittedBucket {
  const every = Math.ceil(allPaths.length / MAX_PATHS)
  const paths = allPaths.filter((_, i) => i % every === 0)
  const demands = paths.map(({ demandMm }) => demandMm).filter((mm) => mm !== null)
  const meanDemandMm = demands.length === 0 ? null : mean(demands)
  const factors = paths.map(({ demandMm }) => demandFactor(demandMm, meanDemandMm))
  const predict = (p: readonly number[]): number[] => contentsOf(bucketAt(p, start), paths, factors)
  const observed = paths.flatMap((path) => weightByLead(path, path.actual))
  // each error may be as large as the change itself: the seven of a path, and those of overlapping paths, carry far
  // less than seven times the information
  const fit = fitMaximumAPosteriori(predict, observed, usualChange(paths), PRIORS)
  const p = fit.values
  const sds = fit.sds
  const bucket = bucketAt(p, start)
  const range = start.upper - start.lower
  const term = (key: string, unitOf: string, coefficient: number, sd: number | null): ModelTerm => ({
    key,
    unit: unitOf,
    coefficient,
    sd,
  })
  return {
    bucket,
    meanDemandMm,
    terms: [
      term('soak-depth', 'mm', bucket.soakMm, bucket.soakMm * sds[0]!),
      term('dry-rate', '1/d', bucket.dryPerDay, bucket.dryPerDay * sds[1]!),
      term('drain-rate', '1/d', bucket.drainPerDay, bucket.drainPerDay * sds[2]!),
      term('drain-power', '', bucket.drainPower, bucket.drainPower * sds[3]!),
      term('lower-limit', unit, bucket.lower, range * sds[4]!),
      term('upper-limit', unit, bucket.upper, range * sds[5]!),
      ...(meanDemandMm === null ? [] : [term('mean-demand', 'mm/d', meanDemandMm, null)]),
    ],
  }
}

/** Inverse of the terms of `fitBucket`. RangeError when one is missing. */
export function bucketOf(terms: readonly ModelTerm[]): Omit<FittedBucket, 'terms'> {
  const find = (key: string) => terms.find((term) => term.key === key)?.coefficient
  const required = (key: string): number => {
    const value = find(key)
    if (value === undefined) throw new RangeError(`a bucket without ${key}`)
    return value
  }
  return {
    bucket: {
      soakMm: required('soak-depth'),
      dryPerDay: required('dry-rate'),
      drainPerDay: required('drain-rate'),
      drainPower: required('drain-power'),
      lower: required('lower-limit'),
      upper: required('upper-limit'),
    },
    meanDemandMm: find('mean-demand') ?? null,
  }
}

/** Content at the end of each day of the given water input. */
export function runBucket(
  { bucket, meanDemandMm }: Omit<FittedBucket, 'terms'>,
  path: Pick<Path, 'start' | 'waterMm' | 'demandMm'>,
): number[] {
  const demand = demandFactor(path.demandMm, meanDemandMm)
  let theta = path.start
  return path.waterMm.map((mm) => (theta = nextDay(bucket, theta, mm, demand)))
}

const demandFactor = (demandMm: number | null, meanMm: number | null): number =>
  demandMm === null || meanMm === null || meanMm <= 0 ? 1 : demandMm / meanMm

/** The inputs of `weightByLead` for each path, computed in one loop: it is called some thousand times in a fit. */
function contentsOf(bucket: Bucket, paths: readonly Path[], factors: readonly number[]): number[] {
  const contents: number[] = []
  for (let i = 0; i < paths.length; i++) {
    const { waterMm, actual } = paths[i]!
    let theta = paths[i]!.start
    for (let lead = 0; lead < waterMm.length; lead++) {
      theta = nextDay(bucket, theta, waterMm[lead]!, factors[i]!)
      if (actual[lead] !== null) contents.push(theta / ROOTS[lead + 1]!)
    }
  }
  return contents
}

const ROOTS = Array.from({ length: DAYS_AHEAD + 1 }, (_, days) => Math.sqrt(days))

/**
 * `p`: deviation of each parameter from its start; the first four as logarithms, the limits as shares of the range.
 */
function bucketAt(p: readonly number[], start: Bucket): Bucket {
  const range = start.upper - start.lower
  const lower = start.lower + p[4]! * range
  return {
    soakMm: start.soakMm * Math.exp(p[0]!),
    dryPerDay: start.dryPerDay * Math.exp(p[1]!),
    drainPerDay: start.drainPerDay * Math.exp(p[2]!),
    drainPower: start.drainPower * Math.exp(p[3]!),
    lower,
    upper: Math.max(start.upper + p[5]! * range, lower + 0.05 * range),
  }
}

/** An error grows about with the square root of the lead time. Days without an observation are omitted. */
const weightByLead = (path: Path, contents: readonly (number | null)[]): number[] =>
  contents
    .map((content, lead) => content! / Math.sqrt(lead + 1))
    .filter((_, lead) => path.actual[lead] !== null)

/** Root mean square change of the content along a path, one day scaled to the week by the square root of time. */
function usualChange(paths: readonly Path[]): number {
  const squares = paths.flatMap((path) =>
    weightByLead(
      path,
      path.actual.map((content) => (content === null ? null : content - path.start)),
    ).map((change) => change * change),
  )
  return Math.max(1e-9, Math.sqrt(mean(squares)))
}
