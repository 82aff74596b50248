/**
 * The rule of a field, learned at night from the farm's own years of weather; on real stores, in the real worker
 * thread.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { addDays, daysBetween, MINUTE_MS, startOfDay, type Day } from '../../../../broker/contract/time.ts'
import { random } from '../../../../firmware-sim/random.ts'
import { reasonKeys, skillKeys, termKeys } from '../../../../services/learn/message-keys.ts'
import { learners } from '../../../../services/learn/learners.ts'
import { startLearn } from '../../../../services/learn/start-learn.ts'
import { fitRule, type RuleYears } from '../../../../services/learn/water-rule/fit.ts'
import { rulesOfTerms } from '../../../../services/irrigation-model/rule-terms.ts'
import { readStrategies } from '../../../../services/plan/run/read-strategies.ts'
import { readModelTerms, toJson } from '../../../../services/tables.ts'
import { ORG, openStores, plantFarm, quiet } from '../../estimate/farm.ts'
import { ZONE, fieldDays } from '../season.ts'

const open: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

const PLANTED = '2026-05-01'

/** Summers of 5 mm a day with a shower of 12 mm on every sixth day, by chance. */
function weather(fromDay: Day, throughDay: Day): RuleYears['days'] {
  const chance = random('years')
  return Array.from({ length: daysBetween(fromDay, throughDay) + 1 }, (_, i) => ({
    day: addDays(fromDay, i),
    et0Mm: 4 + 2 * chance.next(),
    rainMm: chance.next() < 1 / 6 ? 12 : 0,
    tMinC: 16,
    tMaxC: 28,
  }))
}

const years = (set: Partial<RuleYears> = {}): RuleYears => ({
  crop: 'maize',
  plantedDay: PLANTED,
  harvestDay: null,
  latDeg: 40,
  fromDay: '2018-01-01',
  throughDay: '2026-04-30',
  soil: { texture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, depthM: null },
  system: { efficiency: 0.8, maxMm: 60, minMm: 0, wettedFraction: 1 },
  waterValue: { yieldPerHa: 1600, waterPerMm: 1, perRun: 0, riskAversion: 0.25 },
  days: weather('2018-01-01', '2026-04-30'),
  ...set,
})

describe('the rule of a field', () => {
  it('is not learned from three summers: fewer than four fit chance', () => {
    const few = fitRule(years({ fromDay: '2023-01-01', days: weather('2023-01-01', '2026-04-30') }))
    expect(few).toMatchObject({
      state: 'insufficient-data',
      reason: { key: 'too-few-whole-seasons', params: { rows: 3, need: 4 } },
      terms: [],
    })
  })

  it('is fitted on complete seasons only: a year with a missing month is excluded', () => {
    const holed = weather('2018-01-01', '2026-04-30').filter(({ day }) => !day.startsWith('2020-07'))
    expect(fitRule(years()).rows).toBe(8)
    expect(fitRule(years({ days: holed })).rows).toBe(7)
  })

  it('has its cost and that of the tables on held-out years, and is used only where its own was less', () => {
    for (const waterPerMm of [0.2, 6]) {
      const fit = fitRule(years({ waterValue: { ...years().waterValue, waterPerMm } }))
      const { rmse, physics, skill } = fit.skill[0]!
      expect(fit.state).toBe(rmse < physics! ? 'used' : 'fallback')
      expect(rmse).toBeLessThanOrEqual(physics!)
      expect(skill).toBeCloseTo(1 - rmse / physics!, 9)
      expect(rulesOfTerms(fit.terms)).toHaveLength(3)
      // a card has a text for every key of a fit
      for (const { key } of fit.terms) expect(termKeys).toContain(key)
      for (const { key } of fit.skill) expect(skillKeys).toContain(key)
      expect(Object.keys(reasonKeys)).toContain(fit.reason.key)
    }
  })

  it('an unknown crop, and no days, give no fit', () => {
    expect(fitRule(years({ crop: 'moon-cheese' })).state).toBe('insufficient-data')
    expect(fitRule(years({ days: [] })).state).toBe('insufficient-data')
  })
})

describe('the night after the last of eight years', () => {
  const last = '2020-06-30'

  async function night(extra: { et0Method?: string } = {}) {
    const stores = await openStores(startOfDay(addDays(last, 1), ZONE))
    open.push({ stop: () => stores.close() })
    await plantFarm(stores)
    const days = weather('2012-01-01', last).map(({ day, rainMm }) => ({ day, rainMm, content: 0 }))
    for (let from = 0; from < days.length; from += 200)
      await stores.state
        .insertInto('fieldDay')
        .values(fieldDays(days.slice(from, from + 200)).map((row) => ({ ...row, ...extra })))
        .execute()
    await stores.state
      .updateTable('season')
      .set({ crop: 'maize', plantedDay: '2020-05-01', harvestedDay: null })
      .execute()
    const learn = startLearn({
      ...stores,
      log: { ...quiet, error: console.error },
      learners: learners.filter(({ kind }) => kind === 'water-rule'),
    })
    open.push(learn)
    await learn.jobs[0]!.run(startOfDay(addDays(last, 1), ZONE) + 40 * MINUTE_MS)
    return stores
  }

  it('stores the rule like every model, and the plan follows it only while it is used', async () => {
    const stores = await night()
    const rows = await stores.state.selectFrom('model').selectAll().execute()
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ org: ORG, kind: 'water-rule', version: 1, throughDay: last, rows: 8 })
    const rules = rulesOfTerms(readModelTerms(rows[0]!.terms))
    const read = async () => {
      const none = { farms: [], fields: [], seasons: [], zones: [] }
      return (await readStrategies(stores.state, { org: ORG, ...none })).learnedRules.get(rows[0]!.subject)
    }
    await stores.state.updateTable('model').set({ state: 'used' }).execute()
    expect(await read()).toEqual(rules)
    await stores.state.updateTable('model').set({ state: 'fallback' }).execute()
    expect(await read()).toBeUndefined()
    // a number is missing: the tables apply
    await stores.state
      .updateTable('model')
      .set({ state: 'used', terms: toJson([]) })
      .execute()
    expect(await read()).toBeUndefined()
  })

  it('days of climatology are excluded', async () => {
    const stores = await night({ et0Method: 'climatology' })
    const [row] = await stores.state.selectFrom('model').selectAll().execute()
    expect(row).toMatchObject({ state: 'insufficient-data' })
  })
})
