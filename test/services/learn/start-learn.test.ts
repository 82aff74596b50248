/** The nightly learning on real stores, its models in the real worker thread. */
import { afterEach, describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS, addDays, startOfDay, type Day } from '../../../broker/contract/time.ts'
import type { Learner } from '../../../services/learn/fitting/learner.ts'
import { reasonKeys, skillKeys, termKeys } from '../../../services/learn/message-keys.ts'
import { learners } from '../../../services/learn/learners.ts'
import { startLearn, type Learn } from '../../../services/learn/start-learn.ts'
import type { Logger } from '../../../services/ports.ts'
import {
  readModelDrift,
  readModelReason,
  readModelSkills,
  readModelTerms,
  type ModelRow,
} from '../../../services/tables.ts'
import { ORG, deviceRow, farmRow, openStores, plantFarm, quiet, type Stores } from '../estimate/farm.ts'
import { ZONE, fieldDays, probeHours, seasonDays } from './season.ts'

const FROM = '2012-06-01'
const soilOnly = learners.filter(({ kind }) => kind === 'soil-moisture')
const open: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop()
})

async function farmWith(
  count: number,
  {
    log = { ...quiet, error: console.error },
    kinds = soilOnly,
  }: { log?: Logger; kinds?: readonly Learner<unknown>[] } = {},
): Promise<{ stores: Stores; learn: Learn }> {
  const stores = await openStores(startOfDay(addDays(FROM, count), ZONE))
  open.push({ stop: () => stores.close() })
  await plantFarm(stores)
  const days = seasonDays(FROM, count)
  await stores.series.append(probeHours(days))
  await stores.state.insertInto('fieldDay').values(fieldDays(days)).execute()
  const learn = startLearn({ ...stores, log, learners: kinds })
  open.push(learn)
  return { stores, learn }
}

/** 00:40 after a day. */
const nightAfter = (day: Day) => startOfDay(addDays(day, 1), ZONE) + 40 * MINUTE_MS
const night = (learn: Learn, day: Day) => learn.jobs[0]!.run(nightAfter(day))
const models = ({ state }: Stores): Promise<ModelRow[]> =>
  state.selectFrom('model').selectAll().orderBy('subject').orderBy('version').execute()
const predictions = ({ state }: Stores) =>
  state.selectFrom('prediction').selectAll().orderBy('issuedMs').orderBy('atMs').execute()

describe('the night after 120 days of a probe', () => {
  it('stores a fit with its window, rows, numbers and skill, and seven days ahead with an interval', async () => {
    const { stores, learn } = await farmWith(120)
    const last = addDays(FROM, 119)
    await night(learn, last)
    const [model, ...more] = await models(stores)
    expect(more).toEqual([])
    expect(model).toMatchObject({
      org: ORG,
      kind: 'soil-moisture',
      subject: 'probe1@30',
      version: 1,
      fieldId: 'field1',
      deviceId: 'probe1',
      state: 'used',
      fromDay: FROM,
      throughDay: last,
      rows: 119,
      drift: null,
    })
    const skill = readModelSkills(model!.skill)
    expect(skill.map(({ key }) => key)).toEqual([1, 2, 3, 4, 5, 6, 7].map((lead) => `days-${lead}`))
    for (const { rmse, persistence, physics } of skill)
      expect(rmse).toBeLessThan(Math.min(persistence!, physics!))
    const terms = readModelTerms(model!.terms).map(({ key }) => key)
    expect(terms).toContain('dry-rate')
    // a card has a text for every key of a fit
    for (const key of terms) expect(termKeys).toContain(key)
    for (const { key } of skill) expect(skillKeys).toContain(key)
    expect(Object.keys(reasonKeys)).toContain(readModelReason(model!.reason).key)

    const ahead = await predictions(stores)
    expect(ahead.map(({ atMs }) => atMs)).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((later) => startOfDay(addDays(last, later), ZONE)),
    )
    for (const { lo, value, hi, method, modelVersion } of ahead) {
      expect(lo).toBeLessThan(value)
      expect(hi).toBeGreaterThan(value)
      expect({ method, modelVersion }).toEqual({ method: 'model', modelVersion: 1 })
    }
  })

  it('writes the same rows when it is run again', async () => {
    const { stores, learn } = await farmWith(120)
    await night(learn, addDays(FROM, 119))
    const first = [await models(stores), await predictions(stores)]
    const again = startLearn({ ...stores, learners: soilOnly })
    await night(again, addDays(FROM, 119))
    expect([await models(stores), await predictions(stores)]).toEqual(first)
  })

  it('keeps a fit for two weeks, monitors it, and then stores the next version', async () => {
    const { stores, learn } = await farmWith(120)
    for (let count = 100; count <= 114; count++) await night(learn, addDays(FROM, count - 1))
    const [first, second, ...more] = await models(stores)
    expect(more).toEqual([])
    expect(first).toMatchObject({ version: 1, throughDay: addDays(FROM, 99) })
    expect(second).toMatchObject({ version: 2, throughDay: addDays(FROM, 113) })
    expect(readModelDrift(first!.drift!)).toMatchObject({ throughDay: addDays(FROM, 113), isDrifting: false })
    const issued = new Set((await predictions(stores)).map(({ issuedMs }) => issuedMs))
    expect(issued.size).toBe(15)
  }, 30_000)

  it('refits at once when the soil behaves differently', async () => {
    const { stores, learn } = await farmWith(100)
    await night(learn, addDays(FROM, 99))
    // a probe that was moved to a soil that hardly retains water
    const dry = seasonDays(addDays(FROM, 100), 8).map((one, i) => ({ ...one, content: 20 - 2 * i }))
    await stores.series.append(probeHours(dry))
    await stores.state.insertInto('fieldDay').values(fieldDays(dry)).execute()
    // predictions of six days are not sufficient for drift, however many values they have
    await night(learn, addDays(FROM, 105))
    const [early, ...more] = await models(stores)
    expect(more).toEqual([])
    expect(readModelDrift(early!.drift!)).toMatchObject({ n: 6, isDrifting: false })
    await night(learn, addDays(FROM, 106))
    const [old, refitted] = await models(stores)
    // the content falls where the model expects it to dry slowly: persistence is no worse
    expect(refitted).toMatchObject({ version: 2, throughDay: addDays(FROM, 106), drift: null })
    expect(refitted).toMatchObject({ state: 'fallback' })
    expect(readModelReason(refitted!.reason)).toEqual({ key: 'drifted', params: { n: 7 } })
    const ahead = (await predictions(stores)).filter(({ modelVersion }) => modelVersion === 2)
    expect(ahead).toHaveLength(7)
    for (const { method } of ahead) expect(method).not.toBe('model')
    // and the drift of the previous one is stored
    expect(readModelDrift(old!.drift!)).toMatchObject({
      throughDay: addDays(FROM, 106),
      n: 7,
      isDrifting: true,
    })
  })

  it('deletes predictions that are older than a month', async () => {
    const { stores, learn } = await farmWith(120)
    await night(learn, addDays(FROM, 79))
    await night(learn, addDays(FROM, 119))
    const oldest = (await predictions(stores))[0]!.issuedMs
    expect(oldest).toBeGreaterThan(nightAfter(addDays(FROM, 119)) - 31 * DAY_MS)
  })
})

describe('a probe of a few weeks', () => {
  it('has too few data, in one row with their number, and predicts nothing', async () => {
    const { stores, learn } = await farmWith(30)
    await night(learn, addDays(FROM, 28))
    await night(learn, addDays(FROM, 29))
    const [model, ...more] = await models(stores)
    expect(more).toEqual([])
    expect(model).toMatchObject({ version: 1, state: 'insufficient-data', throughDay: addDays(FROM, 29) })
    expect(readModelReason(model!.reason)).toEqual({ key: 'too-few-days', params: { rows: 29, need: 45 } })
    expect(await predictions(stores)).toEqual([])
  })
})

describe('failures', () => {
  it('in one subject are logged, and the others are learned', async () => {
    const errors: object[] = []
    const log = { ...quiet, error: (fields: object) => void errors.push(fields) }
    const load = soilOnly[0]!
    const kinds: Learner<unknown>[] = [
      {
        ...load,
        load: async (stores, farm, day) => [
          { subject: 'broken@1', fieldId: null, deviceId: null, data: { content: null } },
          ...(await load.load(stores, farm, day)),
        ],
      },
    ]
    const { stores, learn } = await farmWith(60, { log, kinds })
    await night(learn, addDays(FROM, 59))
    expect((await models(stores)).map(({ subject }) => subject)).toEqual(['probe1@30'])
    expect(errors).toMatchObject([{ kind: 'soil-moisture', subject: 'broken@1' }])
  })

  it('in one kind are logged, and the others are learned', async () => {
    const errors: object[] = []
    const log = { ...quiet, error: (fields: object) => void errors.push(fields) }
    const broken: Learner<unknown> = {
      ...soilOnly[0]!,
      kind: 'yield',
      load: () => Promise.reject(new Error('no')),
    }
    const { stores, learn } = await farmWith(60, { log, kinds: [broken, ...soilOnly] })
    await night(learn, addDays(FROM, 59))
    expect(await models(stores)).toHaveLength(1)
    expect(errors).toMatchObject([{ kind: 'yield' }])
  })

  it('a stop in the middle keeps the night due, and is no error', async () => {
    const errors: object[] = []
    const log = { ...quiet, error: (fields: object) => void errors.push(fields) }
    const { stores, learn } = await farmWith(60, { log })
    await stores.state
      .insertInto('farm')
      .values(farmRow({ id: 'farm2' }))
      .execute()
    const running = learn.jobs[0]!.run(nightAfter(addDays(FROM, 59)))
    const stopped = learn.stop()
    expect(await running).toBe('stopped')
    await stopped
    expect(errors).toEqual([])
  })
})

describe('due time', () => {
  it('is 00:40 of the newest midnight of any zone; never without a farm', async () => {
    const stores = await openStores(0)
    open.push({ stop: () => stores.close() })
    const learn = startLearn(stores)
    const due = (nowMs: number) => learn.jobs[0]!.lastDue(nowMs)
    expect(await due(nightAfter(FROM))).toBeNull()
    await stores.state.insertInto('farm').values(farmRow()).execute()
    expect(await due(nightAfter(FROM))).toBe(nightAfter(FROM))
    expect(await due(nightAfter(FROM) - 1)).toBe(nightAfter(addDays(FROM, -1)))
    await stores.state
      .insertInto('farm')
      .values(farmRow({ id: 'farm2', timeZone: 'Asia/Tokyo' }))
      .execute()
    expect(await due(nightAfter(FROM))).toBe(nightAfter(FROM))
    const tokyo = startOfDay(addDays(FROM, 2), 'Asia/Tokyo') + 40 * MINUTE_MS
    expect(await due(tokyo)).toBe(tokyo)
  })

  it('a device that was revoked is not learned', async () => {
    const { stores, learn } = await farmWith(60)
    await stores.state.updateTable('device').set({ revokedAtMs: 1 }).where('id', '=', 'probe1').execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'probe2', kind: 'probe' }))
      .execute()
    await night(learn, addDays(FROM, 59))
    expect(await models(stores)).toEqual([])
  })
})
