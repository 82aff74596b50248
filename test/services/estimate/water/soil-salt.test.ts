/** A probe's bulk EC as the salinity of the soil, among the inputs of a field's state; on real stores. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, startOfDay } from '../../../../broker/contract/time.ts'
import { refreshStates } from '../../../../services/estimate/now/refresh-states.ts'
import { readStateInputs, type StateInput } from '../../../../services/tables.ts'
import { fieldRow, openStores, plantFarm, reading, stationReadings, type Stores } from '../farm.ts'

const DAY = '2012-06-20'
const nowMs = startOfDay(DAY, 'America/Phoenix') + 12 * HOUR_MS

let stores: Stores
beforeEach(async () => {
  stores = await openStores(nowMs)
  await plantFarm(stores)
  await stores.series.append(
    stationReadings(
      { tempMinC: 18, tempMaxC: 38, dewC: 2, radiationMJm2: 30, windMps: 2, rainMm: 0 },
      DAY,
    ).filter(({ atMs }) => atMs <= nowMs),
  )
})
afterEach(() => stores.close())

/** At 11:50: moisture in %, bulk EC in dS/m. */
async function saltOf(percent: number, ecDsM: number | null): Promise<StateInput | undefined> {
  const atMs = nowMs - 10 * 60_000
  const at30 = { field: 'field1', depthCm: 30 }
  await stores.series.append([
    reading('probe1', 'soil.moisture', atMs, percent, at30),
    ...(ecDsM === null ? [] : [reading('probe1', 'soil.ec', atMs, ecDsM, at30)]),
  ])
  await refreshStates(stores, nowMs)
  const row = await stores.state.selectFrom('fieldState').selectAll().executeTakeFirstOrThrow()
  return readStateInputs(row.inputs).find(({ key }) => key === 'soil.ec')
}

describe('the salt of a soil', () => {
  it('is the extract’s EC, by bulk EC and water (Hilhorst 2000), diluted to the saturated paste', async () => {
    const salt = await saltOf(25, 0.5)
    // 13.28 is the permittivity at 25 % (Topp): 80.3 x 0.5 / (13.28 - 4.1) = 4.37 in the pores; x 0.25 / saturation
    expect(salt).toMatchObject({ unit: 'dS/m', kind: 'estimated', fresh: 'ok', method: 'hilhorst' })
    expect(salt!.value).toBeCloseTo((4.374 * 0.25) / fieldRow().saturation, 1)
  })

  it('is unknown with a probe in a dry soil: unknown is not 0', async () => {
    expect(await saltOf(8, 0.5)).toBeUndefined()
  })

  it('is absent without a probe with EC', async () => {
    expect(await saltOf(25, null)).toBeUndefined()
  })
})
