/**
 * Leaf blast of rice through a season, EPIRICE: Savary, Nelson, Willocquet, Pangga & Aunario (2012), Crop Protection
 * 34:6. Sites of the canopy are healthy, latent, infectious or removed; a day's new infections are
 *   DVI = Rc . I . (1 - diseased/all)^a,  Rc = RcOpt . RcA(age) . RcT(temperature) . RcW(wetness).
 * The optimum is 20 °C, as in the authors' own code (Table 2 misprints 25 °C).
 */
import { assertNumbers } from '../finite.ts'
import { mean, sum } from '../math.ts'
import { levelFrom, levelWithin, type Figures, type Model } from './model.ts'
import { civilDay, hundredths, missingOf } from './weather-hours.ts'

export interface EpiriceParams {
  onsetD: number // after emergence
  durationD: number
  humidityPct: number // RHlim
  rainMm: number // Rainlim
  sitesInitial: number // H0
  infectiousInitial: number // I0
  RcOpt: number
  latentD: number // p
  infectiousD: number // i
  aggregation: number // a
  sitesMax: number // Sx
  senescence: number // RRS, a day
  growth: number // RRG, a day
  RcT: readonly (readonly [tempC: number, factor: number])[]
  RcA: readonly (readonly [ageD: number, factor: number])[]
}

export interface EpiriceDay {
  tempC: number
  isWet: boolean
}

/** Share of the living sites that are diseased at the end of each day since emergence, per cent. */
export function epiriceSeverityPct(params: EpiriceParams, days: readonly EpiriceDay[]): number[] {
  const { latentD: p, infectiousD: i, aggregation: a, sitesMax: Sx, senescence: RRS, growth: RRG } = params
  assertNumbers({ days })
  const infected: number[] = [] // sites by the day of their infection
  let H = params.sitesInitial
  return days.slice(0, params.durationD + 1).map(({ tempC, isWet }, day) => {
    const since = (ageD: number) => infected.slice(Math.max(0, day - ageD))
    const latent = sum(since(p))
    const infectious = sum(since(p + i)) - latent
    const diseased = sum(infected)
    const removed = diseased - latent - infectious
    // all rates first, then the state
    const Rc =
      params.RcOpt * interpolateCurve(params.RcA, day) * interpolateCurve(params.RcT, tempC) * (isWet ? 1 : 0)
    const free = 1 - diseased / (H + diseased)
    const DVI = day === params.onsetD ? params.infectiousInitial : Math.min(H, Rc * infectious * free ** a)
    const removedToday = infected[day - p - i] ?? 0
    const newSites = RRG * H * (1 - (H + diseased) / Sx)
    const severity = (100 * (latent + infectious)) / (H + diseased - removed)
    infected.push(DVI)
    H = Math.max(1, H + newSites - DVI - RRS * H - removedToday)
    return severity
  })
}

/** Linear between the points of a curve, constant beyond its ends. */
function interpolateCurve(curve: EpiriceParams['RcT'], x: number): number {
  const after = curve.findIndex(([xOf]) => xOf >= x)
  if (after < 0) return curve.at(-1)![1]
  if (after === 0) return curve[0]![1]
  const [x0, y0] = curve[after - 1]!
  const [x1, y1] = curve[after]!
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0)
}

export const epirice: Model<EpiriceParams & { moderatePct: number; highPct: number }> = {
  unit: '%',
  needsLeafWetness: false,
  daysBack: 120,
  figures(day, params) {
    const hours = civilDay(day)
    const missing = missingOf(hours, ['temperature', 'humidity', 'rain'])
    if (missing) return missing
    const isWet =
      mean(hours.map((hour) => hour.humidityPct!)) >= params.humidityPct ||
      sum(hours.map((hour) => hour.rainMm!)) >= params.rainMm
    return { tempC: hundredths(mean(hours.map((hour) => hour.tempC!))), isWet: isWet ? 1 : 0 }
  },
  assess(today, { days }, params) {
    const season = [...days, today]
    const severity = (isWetUnknown: boolean) =>
      epiriceSeverityPct(params, withGapsFilled(season, isWetUnknown)).at(-1)!
    const lower = severity(false)
    const upper = season.includes(null) ? severity(true) : lower
    return {
      level: levelWithin(lower, upper, levelFrom(params.moderatePct, params.highPct)),
      value: hundredths(lower),
      key: 'epirice-severity',
      params: { severityPct: hundredths(lower), mostPct: hundredths(upper) },
    }
  },
}

/** A day without figures is taken at the temperature of the day before it, dry or wet. */
function withGapsFilled(days: readonly (Figures | null)[], isWetUnknown: boolean): EpiriceDay[] {
  let tempC = days.find((day) => day !== null)?.tempC ?? 25
  return days.map((day) => {
    if (day) tempC = day.tempC!
    return { tempC, isWet: day ? day.isWet === 1 : isWetUnknown }
  })
}
