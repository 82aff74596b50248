/** A spray of a paddy with an invented product, and its record when it is signed. */
import { addDays, HOUR_MS, type Day } from '../../../broker/contract/time.ts'
import { toJson } from '../../../services/tables.ts'
import { atHour } from './at-hour.ts'
import type { MemberRows } from './types.ts'

export interface Spray {
  base: { org: string; farmId: string; fieldId: string }
  id: string
  seasonId: string
  areaM2: number
  field: string
  operator: string
  target: string
  day: Day
  isRecorded: boolean
}

const AT_HOUR = 7
const TOOK_H = 1
const REI_HOURS = 12
const PHI_DAYS = 21
const ML_10A = 60
const L_10A = 60

/**
 * From 07:00 to 08:00 in Tokyo on the whole area, without weather and checks. Not recorded: done, and its record is
 * null.
 */
export function sprayRow(spray: Spray): MemberRows['treatment'][number] {
  const { base, id, seasonId, areaM2, target, day, isRecorded } = spray
  const fromMs = atHour(day, AT_HOUR)
  const toMs = fromMs + TOOK_H * HOUR_MS
  const isFungus = target === 'rice-leaf-blast'
  const product = {
    id: 'p',
    name: isFungus ? 'Demo fungicide' : 'Demo insecticide',
    country: 'JP',
    registrationNumber: isFungus ? '00001' : '00002',
    reiHours: REI_HOURS,
    rainFastHours: null,
    ingredients: [{ name: isFungus ? 'demozole' : 'demothrin', group: null }],
    phiDays: PHI_DAYS,
    isDemo: true,
  }
  const tens = areaM2 / 1_000 // 10 a
  const dose = {
    amount: ML_10A,
    unit: 'mL/10a',
    dilution: 1_000,
    volumeL10a: L_10A,
    areaM2,
    totalProduct: ML_10A * tens,
    totalSprayL: L_10A * tens,
  }
  const record = {
    product,
    crop: 'rice',
    variety: null,
    cropEppo: 'ORYSA',
    bbch: null,
    target,
    dose,
    field: { id: base.fieldId, name: spray.field, areaM2, latDeg: null, lonDeg: null },
    startMs: fromMs,
    endMs: toMs,
    method: 'foliar',
    equipment: 'boom sprayer',
    operator: spray.operator,
    operatorCertificate: null,
    justification: null,
    lot: null,
    weather: null,
    phiDays: PHI_DAYS,
    earliestHarvestDay: addDays(day, PHI_DAYS),
    reiHours: REI_HOURS,
    rules: '1',
    reentryMs: toMs + REI_HOURS * HOUR_MS,
  }
  return {
    ...base,
    id,
    seasonId,
    target,
    productId: product.id,
    fromMs,
    toMs,
    state: isRecorded ? 'recorded' : 'done',
    plan: toJson({
      product,
      dose,
      operator: spray.operator,
      flowering: null,
      proposal: null,
      checks: [],
      accepted: [],
      rules: '1',
    }),
    record: isRecorded ? toJson(record) : null,
    createdBy: 'person',
    createdAtMs: fromMs,
    confirmedBy: 'person',
    confirmedAtMs: fromMs,
    recordedBy: isRecorded ? 'person' : null,
    recordedAtMs: isRecorded ? toMs : null,
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
  }
}
