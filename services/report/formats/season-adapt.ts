/**
 * The season in the ADAPT Standard (AgGateway; root schema 2.0.0, data type definitions 2.0.1): seasons, crops, farms,
 * fields, crop zones and products in the catalog, operations as work records. Unknown values are omitted, since the
 * standard has no value for them; docs/reports.md lists which parts are filled.
 */
import { startOfDay, type Day } from '../../../broker/contract/time.ts'
import { readTreatmentPlan, type IrrigationRow } from '../../tables.ts'
import { adaptOperations, instant, productKey, type ProductIds } from './adapt-operations.ts'
import { cropText } from '../text/crop-names.ts'
import { EMPTY_SEAL } from '../jobs/seal.ts'
import { wholeText } from '../text/provenance-text.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { groupBy, chunks } from '../../runtime/group-by.ts'
import { subProgress } from '../../runtime/progress.ts'
import { readSource, type ReportField, type SeasonSource } from '../season/season-source.ts'
import type { State } from '../../ports.ts'
import { isInSeason } from '../../domain/season-span.ts'
import type { SeasonRecord } from '../season/record.ts'

// shares of the total time
const READ_SHARE = 0.7
const RUNS_SHARE = 0.75

/** The file's bytes. Records are serialised one by one: those of 1,900 fields take 30 MB. */
export async function seasonAdaptFile(deps: FileDeps, query: FileQuery): Promise<Uint8Array> {
  const { onProgress } = deps
  const source = await readSource(deps, query, subProgress(onProgress, 0, READ_SHARE))
  const { catalog, workRecords } = seasonAdapt(source, await readSeasonRuns(deps.state, source.read.records))
  const head = `{"rootSchemaVersion":"2.0.0","catalog":${JSON.stringify(catalog)},"documents":{"workRecords":[`
  const parts = [Buffer.from(head)]
  const tellWritten = subProgress(onProgress, RUNS_SHARE, 1)
  for (const record of workRecords) {
    parts.push(Buffer.from((parts.length === 1 ? '' : ',') + JSON.stringify(record)))
    tellWritten(parts.length / (source.fields.length + 1))
  }
  return Buffer.concat([...parts, Buffer.from(']}}')])
}

/** `runs`: by season id. Reference ids are local to this file and reveal nothing about members without a name. */
export function seasonAdapt(source: SeasonSource, runs: ReadonlyMap<string, readonly IrrigationRow[]>) {
  const { fields, about: provenance } = source
  const farmIds = referenceIds(fields, ({ record }) => record.farmId, 'farm')
  const fieldIds = referenceIds(fields, ({ record }) => record.fieldId, 'field')
  const zoneIds = referenceIds(fields, ({ record }) => record.seasonId, 'zone')
  const products = productsOf(source)
  const season = `season-${provenance.year}`
  const crop = `crop-${provenance.crop}`
  const loads = groupBy(source.loads, ({ record }) => record.seasonId)
  const sprays = groupBy(source.sprays, ({ record }) => record.seasonId)
  return {
    workRecords: workRecords(),
    catalog: {
      description: JSON.stringify({ for: wholeText(provenance, 'en'), seal: EMPTY_SEAL, ...provenance }),
      seasons: [adaptEntity(season, String(provenance.year))],
      crops: fields.length === 0 ? [] : [cropOf(source, crop)],
      farms: firstOfEach(fields, ({ record }) => record.farmId).map(({ record }) =>
        adaptEntity(farmIds.get(record.farmId)!, record.farm, record.isNamed ? record.farmId : null),
      ),
      fields: firstOfEach(fields, ({ record }) => record.fieldId).map(({ record }) => ({
        ...adaptEntity(fieldIds.get(record.fieldId)!, record.field, record.isNamed ? record.fieldId : null),
        farmId: farmIds.get(record.farmId)!,
        arableArea: hectares(record.areaM2),
        timeZone: record.timeZone,
      })),
      cropZones: fields.map((row) => ({
        ...adaptEntity(zoneIds.get(row.record.seasonId)!, row.record.variety ?? row.record.field),
        fieldId: fieldIds.get(row.record.fieldId)!,
        cropId: crop,
        seasonIds: [season],
        arableArea: hectares(row.line.harvestedM2),
        timeScopes: [timeScope(row)],
      })),
      products: products.catalog,
    },
  }

  /** A record for each field with an operation. */
  function* workRecords() {
    for (const row of fields) {
      const { seasonId, fieldId, field } = row.record
      const zone = zoneIds.get(seasonId)!
      const operations = adaptOperations(zone, row, {
        loads: (loads.get(seasonId) ?? []).map(({ load }) => load),
        runs: runs.get(seasonId) ?? [],
        sprays: (sprays.get(seasonId) ?? []).map(({ spray }) => spray),
        products: products.ids,
      })
      if (operations.length > 0)
        yield {
          ...adaptEntity(`record-${zone}`, `${field}, ${provenance.year}`),
          seasonId: season,
          fieldId: fieldIds.get(fieldId)!,
          cropZoneId: zone,
          operations,
        }
    }
  }
}

/** `unique`: the id in Tilth; null: not disclosed. */
const adaptEntity = (referenceId: string, name: string, unique: string | null = null) => ({
  id: {
    referenceId,
    ...(unique === null ? {} : { uniqueIds: [{ idText: unique, idTypeCode: 'STRING', idSource: 'Tilth' }] }),
  },
  name,
})

const hectares = (m2: number) => ({ numericValue: m2 / 10_000, unitOfMeasureCode: 'ha' })

function cropOf({ about: provenance }: SeasonSource, id: string) {
  const moisturePct = provenance.basis?.moisturePct ?? null
  return {
    ...adaptEntity(id, cropText(provenance.crop, 'en')),
    ...(moisturePct === null
      ? {}
      : { standardPayableMoisture: { numericValue: moisturePct, unitOfMeasureCode: 'prcnt' } }),
  }
}

function timeScope({ record }: ReportField) {
  const startOf = (day: Day) => instant(startOfDay(day, record.timeZone))
  return {
    dateContextCode: 'ACTUAL',
    start: startOf(record.plantedDay),
    ...(record.harvestedDay === null ? {} : { end: startOf(record.harvestedDay) }),
  }
}

/**
 * Water and the sprayed products. A product is identified by its registration, since its row may belong to another
 * organisation.
 */
function productsOf({ sprays }: SeasonSource) {
  const ids: ProductIds = new Map()
  const catalog: object[] = [
    { ...adaptEntity('water', 'Water'), productTypeCode: 'WATER', productFormCode: 'LIQUID' },
  ]
  for (const { spray } of sprays) {
    const { product } = readTreatmentPlan(spray.plan)
    if (ids.has(productKey(product))) continue
    const id = `product-${ids.size + 1}`
    ids.set(productKey(product), id)
    catalog.push({
      ...adaptEntity(id, product.name),
      description: `${product.country} ${product.registrationNumber}`,
      productTypeCode: 'NOT_SPECIFIED',
      productFormCode: 'UNKNOWN',
    })
  }
  return { ids, catalog }
}

const firstOfEach = (rows: readonly ReportField[], keyOfRow: (row: ReportField) => string): ReportField[] =>
  [...groupBy(rows, keyOfRow).values()].map(([first]) => first!)

const referenceIds = (rows: readonly ReportField[], keyOfRow: (row: ReportField) => string, name: string) =>
  new Map([...new Set(rows.map(keyOfRow))].map((key, index) => [key, `${name}-${index + 1}`]))

const BATCH_SIZE = 25

/** By season, in time order, from planting to the last day in the farm's time zone; none of a member without a name. */
export async function readSeasonRuns(
  state: State,
  records: readonly SeasonRecord[],
): Promise<Map<string, IrrigationRow[]>> {
  const runs = new Map<string, IrrigationRow[]>()
  const open = records.filter(({ isNamed, withheld }) => isNamed && !withheld.includes('water'))
  for (const batch of chunks(open, BATCH_SIZE)) {
    const rows = await state
      .selectFrom('irrigation')
      .selectAll()
      .where(
        'fieldId',
        'in',
        batch.map(({ fieldId }) => fieldId),
      )
      .where('voidedAtMs', 'is', null)
      .orderBy('commandedAtMs')
      .orderBy('id')
      .execute()
    const ofField = groupBy(rows, ({ fieldId }) => fieldId)
    for (const record of batch)
      runs.set(
        record.seasonId,
        (ofField.get(record.fieldId) ?? []).filter((run) => isInSeason(record, run)),
      )
  }
  return runs
}
