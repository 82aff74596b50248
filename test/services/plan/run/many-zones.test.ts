/**
 * A farm with a thousand zones: the work grows with the zones and not with their square, and yields at any of
 * them.
 */
import { describe, expect, it } from 'vitest'
import { runCooperatively } from '../../../../services/runtime/cooperative.ts'
import { planChanges, planChangesTask } from '../../../../services/plan/run/changeset.ts'
import { planFarm, planFarmTask } from '../../../../services/plan/run/plan-farm.ts'
import { savePlans } from '../../../../services/plan/run/save-plan.ts'
import { rowBy, rowsBy } from '../../../../services/plan/group-rows.ts'
import { readFarms, type FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import { toJson } from '../../../../services/tables.ts'
import {
  at,
  farmRow,
  fieldRow,
  pumpRow,
  runRow,
  seasonRow,
  snapshot,
  stateRow,
  valveRow,
  zoneRow,
} from '../farm.ts'
import { openTestState } from '../../../support/state.ts'

const FIELD_ZONES = 10
const nowMs = at(-4, 1)
const times = { nowMs, stateValidMs: 6 * 3_600_000, silentBeforeMs: -Infinity }
const making = () => {
  let ids = 0
  return { nowMs, planVersion: '1', newId: () => `id-${++ids}` }
}

/** Every other zone is opened by a person, the others need water; each has a controller of its own. */
function largeFarm(zoneCount: number): FarmSnapshot {
  const fieldIds = Array.from({ length: zoneCount / FIELD_ZONES }, (_, i) => `field-${i}`)
  const zones = Array.from({ length: zoneCount }, (_, i) =>
    zoneRow({
      id: `zone-${i}`,
      fieldId: fieldIds[i % fieldIds.length]!,
      controllerId: `controller-${i}`,
      areaM2: 500,
      schedule: i % 3 === 0 ? toJson({ cycle: { maxMinutes: 45, soakMinutes: 30 } }) : null,
    }),
  )
  return snapshot({
    fields: fieldIds.map((id) => fieldRow({ id })),
    seasons: fieldIds.map((fieldId) => seasonRow({ fieldId })),
    states: fieldIds.map((fieldId) => stateRow({ fieldId })),
    zones,
    pumps: [pumpRow({ capacityLpm: 100 * zoneCount, maxOpenValves: zoneCount, dailyM3: 100 * zoneCount })],
    valves: zones.map(({ controllerId }) =>
      valveRow({ deviceId: controllerId!, reportedAtMs: nowMs, heartbeatAtMs: nowMs }),
    ),
    runs: zones
      .filter((_, i) => i % 2 === 0)
      .map((zone, i) =>
        runRow({
          id: `run-${i}`,
          zoneId: zone.id,
          fieldId: zone.fieldId,
          state: 'running',
          cause: 'manual',
          startMs: nowMs,
          minutes: 5,
        }),
      ),
  })
}

/** How often the rows of a farm are read, in total and between two yields. */
function readsOf(farm: FarmSnapshot): { all: number; atOnce: number } {
  let reads = 0
  const counted = <T extends object>(row: T): T =>
    new Proxy(row, { get: (of, name) => (reads++, Reflect.get(of, name)) })
  const watched: FarmSnapshot = {
    ...farm,
    zones: farm.zones.map(counted),
    runs: farm.runs.map(counted),
    fields: farm.fields.map(counted),
    states: farm.states.map(counted),
    valves: farm.valves.map(counted),
    seasons: farm.seasons.map(counted),
  }
  let most = 0
  const through = <T>(work: Generator<void, T>): T => {
    for (;;) {
      const before = reads
      const step = work.next()
      most = Math.max(most, reads - before)
      if (step.done) return step.value
    }
  }
  const plan = through(planFarmTask(watched, times))
  through(planChangesTask(watched, plan, making()))
  return { all: reads, atOnce: most }
}

describe('a farm with many zones', () => {
  it('reads its rows in proportion to the zones, and few between two yields', () => {
    const [small, large] = [readsOf(largeFarm(200)), readsOf(largeFarm(800))]
    expect(large.all).toBeLessThan(small.all * 4 * 1.2)
    // the load of a pump on each of the days ahead is the longest of them
    expect(large.atOnce).toBeLessThan(800 * 60)
  })

  it('is planned alike cooperatively and synchronously', async () => {
    const farm = largeFarm(100)
    const plan = planFarm(farm, times)
    expect(plan.outcomes.filter(({ run }) => run !== null)).toHaveLength(50)
    expect(await runCooperatively(planFarmTask(farm, times))).toEqual(plan)
    expect(await runCooperatively(planChangesTask(farm, plan, making()))).toEqual(
      planChanges(farm, plan, making()),
    )
  })

  it('is written completely, for any number of rows', async () => {
    const { state, close } = await openTestState()
    try {
      const farm = largeFarm(1_000)
      const draft = planChanges(farm, planFarm(farm, times), making())
      const [run] = draft.changes.insert
      const insert = Array.from({ length: 2_000 }, (_, i) => ({ ...run!, id: `many-${i}` }))
      await state.insertInto('farm').values(farmRow).execute()
      await state.insertInto('field').values(farm.fields).execute()
      expect(await savePlans(state, [{ ...draft, changes: { ...draft.changes, insert } }])).toEqual([])
      const [read] = await readFarms(state, { org: 'demo' }, nowMs)
      expect(read!.runs).toHaveLength(insert.length)
      expect(read!.advice).toHaveLength(farm.fields.length)
    } finally {
      await close()
    }
  })
})

describe('grouped rows', () => {
  const rows = [zoneRow({ id: 'a' }), zoneRow({ id: 'b', fieldId: 'other' }), zoneRow({ id: 'c' })]

  it('returns all in their order, the first, or none', () => {
    expect(rowsBy(rows, 'fieldId', 'field-1').map(({ id }) => id)).toEqual(['a', 'c'])
    expect(rowBy(rows, 'fieldId', 'other')?.id).toBe('b')
    expect(rowsBy(rows, 'fieldId', 'none')).toEqual([])
    expect(rowBy(rows, 'id', 'none')).toBeUndefined()
  })

  it('indexes the same rows by several columns', () => {
    expect(rowBy(rows, 'id', 'c')).toBe(rows[2])
    expect(rowsBy(rows, 'controllerId', 'controller-1')).toHaveLength(3)
  })
})
