/** Risk of one disease on one civil day of one field with its reason, or the missing input. */
import type { Stage } from '../crops/growth.ts'
import type { Disease } from './catalogue.ts'
import type { DiseaseReasonKey } from './message-keys.ts'
import type { Figures, Level, Past } from './model.ts'
import { modelOf } from './models.ts'
import { civilDay, isMissing, type DayHours, type Missing } from './weather-hours.ts'

export interface DiseaseRisk {
  level: Level | 'unknown'
  value: number | null
  unit: string
  reason: { key: DiseaseReasonKey; params: Record<string, string | number | null> }
  wetness: 'measured' | 'estimated' | 'none'
}

/** Figures of a day's hours, independent of the field. */
export interface DayFigures {
  figures: Figures | Missing
  wetness: DiseaseRisk['wetness']
}

/** The model's figures of one day, and whether their wetness was measured or estimated. */
export function dailyFigures(disease: Disease, day: DayHours): DayFigures {
  const model = modelOf(disease)
  const figures = model.figures(day, disease.params)
  const isMeasured = civilDay(day).every((hour) => hour.method === 'sensor')
  const wetness =
    !model.needsLeafWetness || isMissing(figures) ? 'none' : isMeasured ? 'measured' : 'estimated'
  return { figures, wetness }
}

/** `reason.params` also stores the figures and the carried values: the following days are calculated from them. */
export function assessDay(
  disease: Disease,
  { figures, wetness }: DayFigures,
  season: Past,
  stage: Stage | null,
): DiseaseRisk {
  const model = modelOf(disease)
  const past = { ...season, days: model.daysBack === 0 ? [] : season.days.slice(-model.daysBack) }
  const today = isMissing(figures) ? null : figures
  const carried = model.carry?.(today, past, disease.params) ?? null
  if (isMissing(figures))
    return {
      level: 'unknown',
      value: null,
      unit: model.unit,
      reason: {
        key: figures.isNever ? 'input-missing' : 'input-missing-since',
        params: { ...carried, missing: figures.missing, since: figures.since, hours: figures.hours },
      },
      wetness,
    }
  const verdict = model.assess(figures, past, disease.params, carried)
  const params = { ...figures, ...carried, ...verdict.params }
  if (stage !== null && disease.stages !== null && !disease.stages.includes(stage))
    return {
      level: 'low',
      value: verdict.value,
      unit: model.unit,
      reason: { key: 'disease-stage', params },
      wetness,
    }
  return {
    level: verdict.level ?? 'unknown',
    value: verdict.value,
    unit: model.unit,
    reason: { key: verdict.level === null ? 'days-missing' : verdict.key, params },
    wetness,
  }
}

/** Figures or carried values of a stored `reason.params`; null for a day that was not assessed. */
export const figuresFrom = (params: Record<string, string | number | null>): Figures =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => typeof value !== 'string')) as Figures

/** False when an input of that day was missing. */
export const wasAssessed = (params: Record<string, string | number | null>): boolean => !('missing' in params)
