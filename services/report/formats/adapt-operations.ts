/** Operations on a field in the ADAPT Standard: loads, irrigations and sprays. Pure. */
import { startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import {
  readTreatmentPlan,
  type HarvestLoadRow,
  type IrrigationRow,
  type LabelCopy,
  type TreatmentRow,
} from '../../tables.ts'
import type { ReportField } from '../season/season-source.ts'
import { standardLoad } from '../../domain/yield/standard-mass.ts'

/** Codes of the ADAPT data type definitions 2.0.1 in use, each with its unit there. */
const codes = {
  YieldTotalWetMass: 'kg',
  YieldTotalDryMass: 'kg',
  YieldWetMassPerArea: 'kg/ha',
  YieldDryMassPerArea: 'kg/ha',
  CommodityMoisture: '%',
  AppliedTotalVolume: 'l',
  AppliedVolumePerAreaActual: 'l/ha',
  AppliedTotalMass: 'kg',
  AppliedMassPerAreaActual: 'kg/ha',
} as const
export type AdaptCode = keyof typeof codes

export interface Operation {
  id: { referenceId: string }
  name: string
  operationTypeCode: 'HARVEST' | 'APPLICATION_IRRIGATION' | 'APPLICATION_CROP_PROTECTION'
  harvestLoadIdentifier?: string
  productIds?: string[]
  timeScopes: { dateContextCode: 'ACTUAL'; start: string; end?: string }[]
  variables: { id: { referenceId: string }; name: string; definitionCode: AdaptCode }[]
  summaryValues: { variableId: string; valueText: string }[]
}

/** Reference ids of products by `productKey`. */
export type ProductIds = Map<string, string>

/** `COUNTRY/NUMBER/NAME`: sprays with the same label share one product in the file. */
export const productKey = ({ country, registrationNumber, name }: LabelCopy): string =>
  [country, registrationNumber, name].join('/')

/** ISO 8601 in UTC, with milliseconds. */
export const instant = (atMs: AtMs): string => new Date(atMs).toISOString()

interface FieldActivity {
  loads: readonly HarvestLoadRow[] // voided ones are ignored
  runs: readonly IrrigationRow[]
  sprays: readonly TreatmentRow[]
  products: ProductIds
}

/** Harvest, water, sprays, each list in its own order. */
export function adaptOperations(prefix: string, row: ReportField, done: FieldActivity): Operation[] {
  const loads = done.loads.filter(({ voidedAtMs }) => voidedAtMs === null)
  return [
    ...loads.map((load, index) => loadOperation(`${prefix}-load-${index + 1}`, row, load)),
    ...fieldHarvest(`${prefix}-harvest`, row, loads),
    ...done.runs.map((run, index) => runOperation(`${prefix}-water-${index + 1}`, row, run)),
    ...done.sprays.map((spray, index) =>
      sprayOperation(`${prefix}-spray-${index + 1}`, spray, done.products),
    ),
  ]
}

function loadOperation(id: string, { record }: ReportField, load: HarvestLoadRow): Operation {
  const standard = standardLoad(load, record.yield.basis, record.yield.hullShare)
  return {
    id: { referenceId: id },
    name: `Load ${load.ticket ?? load.day}`,
    operationTypeCode: 'HARVEST',
    harvestLoadIdentifier: load.ticket ?? id,
    timeScopes: [{ dateContextCode: 'ACTUAL', start: instant(startOfDay(load.day, record.timeZone)) }],
    ...knownValues(id, {
      YieldTotalWetMass: load.grossKg,
      YieldTotalDryMass: 'kg' in standard ? standard.kg : null,
      CommodityMoisture: load.moisturePct,
    }),
  }
}

/** The yield per area, once per field: it cannot be attributed to single loads. */
function fieldHarvest(
  id: string,
  { record, line }: ReportField,
  loads: readonly HarvestLoadRow[],
): Operation[] {
  if (line.kgHa === null) return []
  const wetKg = loads.reduce((total, { grossKg }) => total + grossKg, 0)
  const day = record.harvestedDay ?? loads.at(-1)?.day ?? null
  return [
    {
      id: { referenceId: id },
      name: 'Harvest of the field',
      operationTypeCode: 'HARVEST',
      timeScopes:
        day === null ? [] : [{ dateContextCode: 'ACTUAL', start: instant(startOfDay(day, record.timeZone)) }],
      ...knownValues(id, {
        YieldWetMassPerArea: loads.length === 0 ? null : (10_000 * wetKg) / line.harvestedM2,
        YieldDryMassPerArea: line.kgHa,
      }),
    },
  ]
}

function runOperation(id: string, { record }: ReportField, run: IrrigationRow): Operation {
  const startMs = run.openedAtMs ?? run.commandedAtMs
  const litres = run.volumeSource === 'unknown' ? null : run.litres
  return {
    id: { referenceId: id },
    name: `Irrigation, volume ${volumeText[run.volumeSource]}`,
    operationTypeCode: 'APPLICATION_IRRIGATION',
    productIds: ['water'],
    timeScopes: [
      {
        dateContextCode: 'ACTUAL',
        start: instant(startMs),
        ...(run.closedAtMs === null ? {} : { end: instant(run.closedAtMs) }),
      },
    ],
    ...knownValues(id, {
      AppliedTotalVolume: litres,
      AppliedVolumePerAreaActual: litres === null ? null : (10_000 * litres) / record.areaM2,
    }),
  }
}

const volumeText: Record<IrrigationRow['volumeSource'], string> = {
  metered: 'metered',
  rate: 'calculated from the rate',
  reported: 'reported by a person',
  unknown: 'unknown',
}

function sprayOperation(id: string, spray: TreatmentRow, products: ProductIds): Operation {
  const { product, dose } = readTreatmentPlan(spray.plan)
  // 'mL/10a': the total is in the unit before the slash
  const unit = dose.unit.split('/')[0]!
  const ha = dose.areaM2 / 10_000
  const litres = inLitres[unit] === undefined ? null : dose.totalProduct * inLitres[unit]
  const kg = inKg[unit] === undefined ? null : dose.totalProduct * inKg[unit]
  return {
    id: { referenceId: id },
    name: product.name,
    operationTypeCode: 'APPLICATION_CROP_PROTECTION',
    productIds: [products.get(productKey(product))!],
    timeScopes: [{ dateContextCode: 'ACTUAL', start: instant(spray.fromMs), end: instant(spray.toMs) }],
    ...knownValues(id, {
      AppliedTotalVolume: litres,
      AppliedVolumePerAreaActual: litres === null ? null : litres / ha,
      AppliedTotalMass: kg,
      AppliedMassPerAreaActual: kg === null ? null : kg / ha,
    }),
  }
}

const inLitres: Record<string, number> = { mL: 0.001, L: 1 }
const inKg: Record<string, number> = { g: 0.001, kg: 1 }

/** A variable for each known value. */
function knownValues(
  id: string,
  values: Partial<Record<AdaptCode, number | null>>,
): Pick<Operation, 'variables' | 'summaryValues'> {
  const entries = (Object.entries(values) as [AdaptCode, number | null][]).filter(
    ([, value]) => value !== null,
  )
  return {
    variables: entries.map(([code]) => ({
      id: { referenceId: `${id}-${code}` },
      name: `${code} (${codes[code]})`,
      definitionCode: code,
    })),
    summaryValues: entries.map(([code, value]) => ({
      variableId: `${id}-${code}`,
      valueText: String(Number(value!.toFixed(4))),
    })),
  }
}
