import { expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { cropOf } from '../../../../services/agronomy/crops/catalogue.ts'
import { siteOf } from '../../../../services/estimate/water/upland-day.ts'
import { restoreWater, storeWater } from '../../../../services/estimate/water/stored-water.ts'
import { meanMember } from '../../../../services/irrigation-model/ensemble-members.ts'
import { param } from '../../../../services/irrigation-model/field-ensemble.ts'
import {
  advanceWater,
  daySeed,
  drawsOf,
  layersOf,
  startWater,
  type FieldWater,
} from '../../../../services/irrigation-model/field-water.ts'
import type { StoredWater } from '../../../../services/tables.ts'

const plantedDay = '2026-05-01'
const limits = { fieldCapacity: 0.3, wiltingPoint: 0.15 }
const site = siteOf({ crop: cropOf('maize')!, texture: 'loam', limits, waterEcDsM: null })
const layers = layersOf(site.response, [{ toM: 1, ...limits }], null)
const sensors = [{ id: 's1', depthM: 0.2 }]

/** The water of the field on the day of planting. */
const planted = (): FieldWater =>
  startWater(site, {
    layers,
    sensors,
    start: { vwc: 0.25, sd: 0.035 },
    prior: null,
    seed: daySeed('field', plantedDay),
    waterTableM: null,
    levelSd: 0.01,
  })
const store = (water: FieldWater): StoredWater =>
  storeWater(water, { crop: site.crop.id, plantedDay, efficiency: 1 })
const restore = (stored: StoredWater, day: string): FieldWater =>
  restoreWater(stored, site, {
    plantedDay,
    layers,
    sensors,
    seed: daySeed('field', day),
    waterTableM: null,
    survivedFrostDay: null,
  })!

it('a field that is stored each night has the members of a session that keeps them in memory', () => {
  const [kept, first] = [planted(), planted()]
  let stored = first
  for (let d = 0; d < 30; d++) {
    const day = addDays(plantedDay, d)
    if (d > 0) {
      kept.ensemble.draws = drawsOf('field', day)
      stored = restore(store(stored), day)
    }
    for (const water of [kept, stored])
      advanceWater(
        water,
        site,
        {
          ageD: d + 1,
          et0Mm: 5,
          rainMm: d % 7 === 3 ? 12 : 0,
          irrigation: { mm: 0, wettedFraction: 1, isMetered: true },
          readings: { s1: 0.25 - 0.002 * d },
        },
        [],
      )
  }
  const [a, b] = [kept, stored].map((water) => meanMember(water.ensemble, water))
  expect(b!.depletionMm).toBeCloseTo(a!.depletionMm, 1)
  expect(b!.sdMm).toBeCloseTo(a!.sdMm, 1)
})

/** The packed rows (`stored-water.ts`) without one column. */
function withoutColumn(packed: string, { width, column }: { width: number; column: number }): string {
  const bytes = Buffer.from(packed, 'base64')
  const count = (bytes.length - 8 * width) / (2 * width)
  const kept = Array.from({ length: width }, (_, j) => j).filter((j) => j !== column)
  return Buffer.concat([
    ...kept.map((j) => bytes.subarray(8 * j, 8 * j + 8)),
    ...Array.from({ length: count }, (_, m) =>
      kept.map((j) => bytes.subarray(8 * width + 2 * (m * width + j), 8 * width + 2 * (m * width + j) + 2)),
    ).flat(),
  ]).toString('base64')
}

it('a field that 0.1.0 stored keeps its water, sensors and errors, and the share of its uptake is unknown', () => {
  const water = planted()
  const { paramCount, ...body } = store(water)
  const columns = {
    width: layers.length + paramCount! + sensors.length,
    column: layers.length + param.uptake,
  }
  const former = {
    ...body,
    states: withoutColumn(body.states, columns),
    unprobed: { ...body.unprobed!, states: withoutColumn(body.unprobed!.states, columns) },
  }
  const restored = restore(former, plantedDay)
  const uptakes: number[] = []
  for (const [m, state] of restored.ensemble.states.entries()) {
    const before = water.ensemble.states[m]!
    uptakes.push(state[columns.column]!)
    for (const j of state.keys()) if (j !== columns.column) expect(state[j]).toBeCloseTo(before[j]!, 2)
  }
  expect(Math.min(...uptakes)).toBeLessThan(0.01)
  expect(Math.max(...uptakes)).toBeGreaterThan(0.3)
})
