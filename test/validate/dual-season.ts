/**
 * A season of the dual crop coefficient from a file of vectors: its parameters, its weather day by day, and the
 * expected states at the end of each day.
 */
import { dualDay, type DualDay, type DualState } from '../../services/agronomy/water/dual-day.ts'
import { STANDARD_CLIMATE, tewMm } from '../../services/agronomy/water/dual-kc.ts'
import { heightShare, kcbOf } from '../../services/agronomy/crops/growth.ts'
import { tawMm } from '../../services/agronomy/water/soil-water.ts'
import { wind2mMps } from '../../services/agronomy/evapotranspiration/wind.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'

export interface DualSeason {
  title: string
  windHeightM: number
  parameters: Record<(typeof parameterNames)[number], number>
  days: readonly {
    day: string
    ETo_mm: number
    rain_mm: number
    wind_m_s: number | null
    rhmin_pct: number | null
    irrigation_mm: number
    fw: number | null
    expected: Record<string, number>
  }[]
}

// a season needs every one of these
const parameterNames = [
  'Kcbini',
  'Kcbmid',
  'Kcbend',
  'Lini',
  'Ldev',
  'Lmid',
  'Lend',
  'hini',
  'hmax',
  'thetaFC',
  'thetaWP',
  'theta0',
  'Zrini',
  'Zrmax',
  'pbase',
  'Ze',
  'REW',
] as const

/** The error names the part of the file that is not as expected. */
export function readDualSeason(root: unknown): Result<DualSeason> {
  const file = root as {
    meta?: Record<string, unknown>
    parameters?: Record<string, unknown>
    days?: unknown
  }
  const missing = parameterNames.filter((name) => !Number.isFinite(file.parameters?.[name]))
  if (missing.length > 0) return err(`parameters: numbers were expected for ${missing.join(', ')}`)
  if (!Array.isArray(file.days) || file.days.length === 0) return err('days: a list of days was expected')
  const wrong = (file.days as Record<string, unknown>[]).findIndex(
    (day) => ![day.ETo_mm, day.rain_mm, day.irrigation_mm].every(Number.isFinite) || !day.expected,
  )
  if (wrong >= 0) return err(`days.${wrong}: ETo_mm, rain_mm, irrigation_mm and expected were expected`)
  return ok({
    title: typeof file.meta?.title === 'string' ? file.meta.title : 'a season',
    windHeightM: typeof file.meta?.wind_height_m === 'number' ? file.meta.wind_height_m : 2,
    parameters: file.parameters as DualSeason['parameters'],
    days: file.days as DualSeason['days'],
  })
}

/** Tilth's result for each day, by the names of the file. Without run-off, as the reference. */
export function runDualSeason({ parameters: x, windHeightM, days }: DualSeason): Record<string, number>[] {
  const crop = {
    lengthsD: [x.Lini, x.Ldev, x.Lmid, x.Lend] as const,
    kcb: [x.Kcbini, x.Kcbmid, x.Kcbend] as const,
    heightM: x.hmax,
  }
  const soil = { fieldCapacity: x.thetaFC, wiltingPoint: x.thetaWP }
  const tew = tewMm(soil, x.Ze)
  let state: DualState = {
    depletionMm: 1000 * (x.thetaFC - x.theta0) * x.Zrini,
    surfaceDepletionMm: tew,
    wettedFraction: 1,
  }
  return days.map((day, age) => {
    const kcb = kcbOf(crop, age)!
    const grown = heightShare(crop, age)
    const taw = tawMm(soil, x.Zrini + (x.Zrmax - x.Zrini) * grown)
    const out = dualDay({
      before: state,
      kcb,
      kcMin: x.Kcbini,
      heightM: x.hini + (x.hmax - x.hini) * grown,
      climate: {
        windMps: day.wind_m_s === null ? STANDARD_CLIMATE.windMps : wind2mMps(day.wind_m_s, windHeightM),
        humidityMinPct: day.rhmin_pct ?? STANDARD_CLIMATE.humidityMinPct,
      },
      tawMm: taw,
      pTable: x.pbase,
      tewMm: tew,
      rewMm: x.REW,
      layerShare: 0,
      curveNumber: null,
      et0Mm: day.ETo_mm,
      dayShare: 1,
      rainMm: day.rain_mm,
      irrigation: { mm: day.irrigation_mm, wettedFraction: day.fw ?? 1, isUnderCanopy: false },
      capillaryMm: 0,
    })
    state = out
    return byReferenceName(out, kcb, taw)
  })
}

const byReferenceName = (day: DualDay, kcb: number, taw: number): Record<string, number> => ({
  Kcb: kcb,
  Kcmax: day.kcMax,
  fc: day.cover,
  few: day.exposedWet,
  De: day.surfaceDepletionMm,
  Kr: day.kr,
  Ke: day.ke,
  E: day.evaporationMm,
  ETc: day.etcMm,
  TAW: taw,
  RAW: day.rawMm,
  Ks: day.ks,
  ETa: day.etaMm,
  DP: day.deepPercolationMm,
  Dr: day.depletionMm,
})
