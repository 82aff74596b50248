/**
 * The lower limit of water extraction by a crop: between two wettings the water content decays towards it, theta(t) =
 * thetaW + A exp(-t / tau) (McColl et al. 2017, Geophys. Res. Lett. 44:3682, there from satellites). Daily means in
 * m³/m³; null: nothing usable was measured.
 */
import { assertNumbers } from '../finite.ts'
import { RISE } from './wetting-peaks.ts'

export interface DryDown {
  lowerLimit: number // thetaW
  sd: number
  tauDays: number
  days: number
}

const DRAINING_DAYS = 2 // after a wetting, drainage dominates
const MIN_DAYS = 7
const MIN_FALL = 0.02
const MIN_TAUS = 1.5 // a decay that has only started does not determine its limit
const MIN_R2 = 0.9
const MAX_SD = 0.02

/** Every period without a wetting that is long enough to determine its limit. */
export function dryDowns(vwc: readonly (number | null)[]): DryDown[] {
  return dryingStretches(vwc)
    .map(fitDryDown)
    .filter((dryDown) => dryDown !== null)
}

/** Periods of decreasing days: each starts once a wetting has drained, and ends with the next or with a gap. */
function dryingStretches(vwc: readonly (number | null)[]): number[][] {
  const periods: number[][] = []
  let run: number[] = []
  let lowest = Infinity
  const end = () => {
    const drained = run.slice(DRAINING_DAYS)
    if (drained.length >= MIN_DAYS) periods.push(drained)
    run = []
    lowest = Infinity
  }
  for (const value of vwc) {
    if (value === null) end()
    else {
      // a rise that counts as a wetting within a day appears as half of it in daily means
      if (value - lowest >= RISE / 2) end()
      run.push(value)
      lowest = Math.min(lowest, value)
    }
  }
  end()
  return periods
}

/**
 * For each tau, thetaW and A by least squares; the best tau and the range of thetaW over taus that fit almost as
 * well.
 */
export function fitDryDown(vwc: readonly number[]): DryDown | null {
  const days = vwc.length
  if (days < MIN_DAYS) return null
  assertNumbers(vwc, 'vwc.')
  const mean = vwc.reduce((sum, value) => sum + value, 0) / days
  const total = vwc.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const fits = TAUS.map((tau) => ({ tau, ...lineOver(vwc, tau) }))
  const best = fits.reduce((a, b) => (b.squares < a.squares ? b : a))
  const fall = vwc[0]! - Math.min(...vwc)
  if (fall < MIN_FALL || best.amplitude <= 0 || 1 - best.squares / total < MIN_R2) return null
  if (days < MIN_TAUS * best.tau) return null
  // within four times the residual variance of the best, thetaW has a probability of 95 %
  const nearly = fits.filter(({ squares }) => squares <= best.squares * (1 + 4 / (days - 3)))
  const limits = nearly.map(({ limit }) => limit)
  const sd = (Math.max(...limits) - Math.min(...limits)) / 4
  if (sd > MAX_SD || best.limit < 0) return null
  return { lowerLimit: best.limit, sd, tauDays: best.tau, days }
}

const TAUS = Array.from({ length: 30 }, (_, i) => 60 ** (i / 29)) // 1 to 60 days

function lineOver(
  vwc: readonly number[],
  tau: number,
): { limit: number; amplitude: number; squares: number } {
  const n = vwc.length
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0]
  for (let day = 0; day < n; day++) {
    const x = Math.exp(-day / tau)
    sx += x
    sy += vwc[day]!
    sxx += x * x
    sxy += x * vwc[day]!
  }
  const amplitude = (n * sxy - sx * sy) / (n * sxx - sx * sx)
  const limit = (sy - amplitude * sx) / n
  let squares = 0
  for (let day = 0; day < n; day++) squares += (vwc[day]! - limit - amplitude * Math.exp(-day / tau)) ** 2
  return { limit, amplitude, squares }
}
