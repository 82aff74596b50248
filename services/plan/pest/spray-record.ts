/**
 * The record of a treatment, drafted from the plan, the execution and the station's measurements; and the dates
 * of re-entry and harvest. Pure.
 */
import { dayOf, daysBetween, HOUR_MS, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { deltaTC } from '../../agronomy/evapotranspiration/wet-bulb.ts'
import type {
  Dose,
  FarmRow,
  FieldPart,
  FieldRow,
  LabelCopy,
  SeasonRow,
  SprayRecord,
  SprayWeather,
  TreatmentRow,
} from '../../tables.ts'
import { readTreatmentPlan } from '../../tables.ts'
import { tenth } from '../../runtime/math.ts'
import { earliestHarvest } from './treatment-checks.ts'

/**
 * Version of the rules that calculate dates and results; stored with every plan and record. Increase it when one
 * of them changes.
 */
export const PEST_RULES = 'pest-1'

/** The details of a treatment that only a person knows. */
export interface RecordEntry {
  startMs: AtMs
  endMs: AtMs
  dose: Dose
  operator: string
  operatorCertificate?: string | null
  certifiedBy?: string | null
  customer?: string | null
  method?: string | null
  equipment?: string | null
  justification?: string | null
  lot?: string | null
  bbch?: number | null
  cropEppo?: string | null
}

/** Uses the label as copied into the plan, not its current version. INVALID_ROW for a plan that cannot be parsed. */
export function draftRecord(
  context: { treatment: TreatmentRow; season: SeasonRow; field: FieldRow; farm: FarmRow },
  entry: RecordEntry,
  weather: SprayWeather | null,
): SprayRecord {
  const { treatment, season, field, farm } = context
  const { product, part } = readTreatmentPlan(treatment.plan)
  return {
    product,
    part: treatedPart(part ?? null, entry.dose, field),
    crop: season.crop,
    variety: season.variety,
    cropEppo: entry.cropEppo ?? null,
    bbch: entry.bbch ?? null,
    target: treatment.target,
    field: { id: field.id, name: field.name, areaM2: field.areaM2, latDeg: farm.latDeg, lonDeg: farm.lonDeg },
    dose: entry.dose,
    startMs: entry.startMs,
    endMs: entry.endMs,
    method: entry.method ?? null,
    equipment: entry.equipment ?? null,
    operator: entry.operator,
    operatorCertificate: entry.operatorCertificate ?? null,
    certifiedBy: entry.certifiedBy ?? null,
    customer: entry.customer ?? null,
    justification: entry.justification ?? null,
    lot: entry.lot ?? null,
    weather,
    phiDays: product.phiDays,
    reiHours: product.reiHours,
    ...datesAfter(product, entry.endMs, farm.timeZone),
    daysToHarvest: daysToHarvest(season, dayOf(entry.endMs, farm.timeZone)),
    rules: PEST_RULES,
  }
}

const daysToHarvest = ({ harvestedDay, harvestPlannedDay }: SeasonRow, day: Day): number | null => {
  const harvestDay = harvestedDay ?? harvestPlannedDay
  return harvestDay === null ? null : daysBetween(day, harvestDay)
}

/** A smaller area than the field is a part of it, also without a name. */
function treatedPart(part: FieldPart | null, { areaM2 }: Dose, field: FieldRow): SprayRecord['part'] {
  if (part === null && areaM2 >= field.areaM2) return null
  return { ...(part ?? { name: null, holds: 'field' }), areaM2 }
}

/** The earliest harvest and re-entry; null where the label's figure is unknown. */
export const datesAfter = (
  { phiDays, reiHours }: Pick<LabelCopy, 'phiDays' | 'reiHours'>,
  endMs: AtMs,
  timeZone: string,
): { earliestHarvestDay: Day | null; reentryMs: AtMs | null } => ({
  earliestHarvestDay: phiDays === null ? null : earliestHarvest(dayOf(endMs, timeZone), phiDays),
  reentryMs: reiHours === null ? null : endMs + reiHours * HOUR_MS,
})

/** Readings of a station around an instant, as the record stores them. */
export interface StationReadings {
  device: string
  atMs: AtMs
  tempC: number | null
  humidityPct: number | null
  windMps: number | null // at 2 m
  windDirDeg: number | null
  flag: number
}

/** `deltaTC` in °C, null without temperature or humidity; humidity is limited to 100 %. */
export const sprayWeather = (readings: StationReadings, elevationM: number): SprayWeather => {
  const { tempC, windMps } = readings
  // a sensor in fog may read more than saturation
  const humidityPct = readings.humidityPct === null ? null : Math.min(100, readings.humidityPct)
  return {
    ...readings,
    humidityPct,
    windMps: windMps === null ? null : tenth(windMps),
    deltaTC: tempC === null || humidityPct === null ? null : tenth(deltaTC(tempC, humidityPct, elevationM)),
  }
}
