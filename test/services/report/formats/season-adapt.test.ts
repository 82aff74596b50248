/** The season in the shape of the ADAPT Standard: references that hold, codes and units of the standard, and no invented value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { seasonAdaptFile, type seasonAdapt } from '../../../../services/report/formats/season-adapt.ts'
import { readSource, type SeasonSource } from '../../../../services/report/season/season-source.ts'
import { readTreatmentPlan } from '../../../../services/tables.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
let opened: OpenState
beforeAll(async () => {
  opened = await openTestState()
  await writeRows(
    opened.state,
    oneOrganisation({ coop: ORG, members: 6, fields: 60, year: 2026, yearsBack: 1 }),
  )
})
afterAll(async () => {
  await opened.close()
})

type Built = ReturnType<typeof seasonAdapt>
type WorkRecord = Built['workRecords'] extends Iterable<infer One> ? One : never
interface Adapt {
  rootSchemaVersion: string
  catalog: Built['catalog']
  documents: { workRecords: WorkRecord[] }
}

async function make(): Promise<{ source: SeasonSource; adapt: Adapt }> {
  const deps = { state: opened.state, version: '0.1.0', nowMs: NOW_MS }
  const query = { org: ORG, year: 2026, crop: 'rice' }
  const bytes = await seasonAdaptFile(deps, {
    ...query,
    coop: 'Midori',
    lang: 'en',
    unit: 't/ha',
    farmId: null,
  })
  return {
    source: await readSource(deps, { ...query, coop: 'Midori', farmId: null }),
    adapt: JSON.parse(Buffer.from(bytes).toString()) as Adapt,
  }
}
type Operation = WorkRecord['operations'][number]

const valueOf = (operation: Operation, code: string): number | null => {
  const variable = operation.variables.find(({ definitionCode }) => definitionCode === code)
  const value = operation.summaryValues.find(({ variableId }) => variableId === variable?.id.referenceId)
  return value === undefined ? null : Number(value.valueText)
}
const operationsOf = ({ documents }: Adapt, field: string) =>
  documents.workRecords.find(({ name }) => name === `${field}, 2026`)!.operations

describe('the season as ADAPT', () => {
  it('refers only to catalog entries, each by a unique id', async () => {
    const { adapt } = await make()
    const { seasons, crops, farms, fields, cropZones, products } = adapt.catalog
    const idsOf = (things: readonly object[]) =>
      new Set((things as { id: { referenceId: string } }[]).map(({ id }) => id.referenceId))
    expect([idsOf(farms).size, idsOf(fields).size, idsOf(cropZones).size]).toEqual([6, 60, 60])
    for (const { farmId } of fields) expect(idsOf(farms)).toContain(farmId)
    for (const zone of cropZones) {
      expect(idsOf(fields)).toContain(zone.fieldId)
      expect(idsOf(crops)).toContain(zone.cropId)
      expect(idsOf(seasons)).toContain(zone.seasonIds[0])
    }
    const operations = adapt.documents.workRecords.flatMap((record) => {
      expect(idsOf(cropZones)).toContain(record.cropZoneId)
      return record.operations
    })
    expect(new Set(operations.map(({ id }) => id.referenceId)).size).toBe(operations.length)
    for (const { productIds = [], variables, summaryValues } of operations) {
      for (const id of productIds) expect(idsOf(products)).toContain(id)
      expect(summaryValues.map(({ variableId }) => variableId)).toEqual(
        variables.map(({ id }) => id.referenceId),
      )
    }
  })

  it('has each load with its ticket, wet mass, moisture and mass on the basis', async () => {
    const { adapt, source } = await make()
    const ownRows = source.loads.filter(({ record }) => record.field === 'Paddy 1').map(({ load }) => load)
    const loads = operationsOf(adapt, 'Paddy 1').filter((entry) => entry.harvestLoadIdentifier !== undefined)
    expect(loads.map((entry) => entry.harvestLoadIdentifier)).toEqual(ownRows.map(({ ticket }) => ticket))
    for (const [at, load] of ownRows.entries()) {
      expect(valueOf(loads[at]!, 'YieldTotalWetMass')).toBe(load.grossKg)
      expect(valueOf(loads[at]!, 'CommodityMoisture')).toBe(load.moisturePct)
      // brown rice, brought to 15 % (AG442)
      const clean = load.grossKg * (1 - load.foreignPct! / 100)
      expect(valueOf(loads[at]!, 'YieldTotalDryMass')).toBeCloseTo(
        (clean * (100 - load.moisturePct!)) / 85,
        3,
      )
    }
    const line = source.fields.find(({ record }) => record.field === 'Paddy 1')!.line
    const complete = operationsOf(adapt, 'Paddy 1').find(({ name }) => name === 'Harvest of the field')!
    expect(valueOf(complete, 'YieldDryMassPerArea')).toBeCloseTo(line.kgHa!, 3)
  })

  it('has each run in litres, without a volume when it is unknown', async () => {
    const { adapt, source } = await make()
    const water = operationsOf(adapt, 'Paddy 1').filter(
      ({ operationTypeCode }) => operationTypeCode === 'APPLICATION_IRRIGATION',
    )
    const { waterM3, areaM2 } = source.fields.find(({ record }) => record.field === 'Paddy 1')!.record
    expect(water.length).toBeGreaterThan(5)
    const litres = water.map((run) => valueOf(run, 'AppliedTotalVolume')!)
    expect(litres.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1000 * waterM3!, 3)
    expect(valueOf(water[0]!, 'AppliedVolumePerAreaActual')).toBeCloseTo((10_000 * litres[0]!) / areaM2, 2)
    const unknown = operationsOf(adapt, 'Paddy 4').filter(({ name }) => name.endsWith('unknown'))
    expect(unknown).toHaveLength(1)
    expect(unknown[0]).toMatchObject({ variables: [], summaryValues: [] })
  })

  it('has each spray with its product, its registration and its time, 60 mL by 10 a as litres', async () => {
    const { adapt, source } = await make()
    const spray = operationsOf(adapt, 'Paddy 1').find(
      ({ operationTypeCode }) => operationTypeCode === 'APPLICATION_CROP_PROTECTION',
    )!
    const row = source.sprays.find(({ record }) => record.field === 'Paddy 1')!
    const { dose } = readTreatmentPlan(row.spray.plan)
    expect(spray.timeScopes).toEqual([
      {
        dateContextCode: 'ACTUAL',
        start: new Date(row.spray.fromMs).toISOString(),
        end: new Date(row.spray.toMs).toISOString(),
      },
    ])
    expect([dose.unit, dose.amount]).toEqual(['mL/10a', 60])
    expect(valueOf(spray, 'AppliedTotalVolume')).toBeCloseTo((0.06 * dose.areaM2) / 1000, 4)
    expect(valueOf(spray, 'AppliedVolumePerAreaActual')).toBeCloseTo(0.6, 4)
    expect(adapt.catalog.products).toContainEqual(
      expect.objectContaining({ name: 'Demo fungicide', description: 'JP 00001' }),
    )
  })

  it('omits an unknown yield', async () => {
    const { adapt } = await make()
    const codes = operationsOf(adapt, 'Paddy 7').map(({ operationTypeCode }) => operationTypeCode)
    expect(codes).not.toContain('HARVEST')
    expect(codes).toContain('APPLICATION_IRRIGATION')
  })
})
