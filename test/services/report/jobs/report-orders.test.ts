/** Files that people order: made one at a time, valid for 24 h, and rebuilt when a member withdraws data. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { everyInternal } from '../../../../broker/contract/topics.ts'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import { dropFilesOfErased, dropReportFiles } from '../../../../services/domain/report-file-retention.ts'
import { createReportOrders, type NewOrder } from '../../../../services/report/jobs/report-orders.ts'
import type { ReportFormat } from '../../../../services/tables.ts'
import { silent } from '../../../broker/rig.ts'
import { startTestApi, type TestApi } from '../../api/test-api.ts'

const ORG = 'midori'
let tilth: TestApi
const output: { topic: string; state: string; share: number }[] = []

beforeAll(async () => {
  tilth = await startTestApi()
  await tilth.bus.subscribe(everyInternal('event'), ({ topic, payload }) => {
    const change = JSON.parse(new TextDecoder().decode(payload)) as { state: string; share: number }
    output.push({ topic, state: change.state, share: change.share })
  })
})
afterAll(() => tilth.stop())

/** Orders whose files are made when the test decides: `next` waits until one starts. */
function opened() {
  const begun: { format: ReportFormat; onProgress: (share: number) => void; done: (text: string) => void }[] =
    []
  const orders = createReportOrders({
    state: tilth.state,
    bus: tilth.bus,
    clock: tilth.clock,
    log: silent,
    make: ({ format }, onProgress) =>
      new Promise((resolve) =>
        begun.push({
          format,
          onProgress,
          done: (text) => resolve({ bytes: Buffer.from(text), asOfMs: tilth.clock.now() }),
        }),
      ),
  })
  const next = async () => {
    await expect.poll(() => begun.length).toBeGreaterThan(0)
    return begun.shift()!
  }
  return { orders, next }
}
const query = { coop: 'Midori', year: 2026, crop: 'rice', lang: 'en', unit: 't/ha', farmId: null } as const
const order = (format: ReportFormat, year = 2026): NewOrder => ({
  org: ORG,
  requestedBy: 'sato',
  format,
  query: { ...query, year },
})
const stateOf = async (id: string) =>
  (await tilth.state.selectFrom('reportOrder').select('state').where('id', '=', id).executeTakeFirst())?.state

it('are made in order with events to the organisation; an identical open order is not repeated', async () => {
  const { orders, next } = opened()
  const { state } = tilth
  const first = await orders.add(state, order('xlsx'))
  await tilth.clock.advanceTo(tilth.clock.now() + 1_000)
  expect((await orders.add(state, order('xlsx'))).id).toBe(first.id)
  for (const year of [2021, 2022, 2023, 2024]) await orders.add(state, order('pdf', year))
  await expect(orders.add(state, order('geojson'))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  await expect(orders.add(state, { ...order('pdf'), org: 'akane' })).resolves.toHaveProperty('share', 0)
  orders.start()
  const workbook = await next()
  expect(workbook.format).toBe('xlsx')
  for (const share of [0.01, 0.02, 0.5]) workbook.onProgress(share)
  expect((await orders.list(ORG)).find(({ id }) => id === first.id)).toMatchObject({
    state: 'running',
    share: 0.5,
    bytes: null,
  })
  await expect(orders.file(ORG, first.id)).rejects.toMatchObject({ code: 'CONFLICT' })
  workbook.done('rows')
  for (let i = 0; i < 5; i++) (await next()).done('pages')
  await expect.poll(async () => (await orders.list(ORG)).every(({ state: is }) => is === 'done')).toBe(true)
  expect(Buffer.from((await orders.file(ORG, first.id)).file).toString()).toBe('rows')
  await expect(orders.file('akane', first.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await orders.stop()
  const sharesOf = (org: string) =>
    output.filter(({ topic }) => topic.includes(`/${org}/`)).map((entry) => entry.share)
  // a message that the broker has accepted arrives a moment later
  await expect.poll(() => [sharesOf(ORG).length, sharesOf('akane')]).toEqual([11, [0, 1]])
  expect(sharesOf(ORG).slice(0, 3)).toEqual([0, 0.5, 1])
})

it('an interrupted order is repeated at the next start, a limited number of times', async () => {
  const before = opened()
  const { id } = await before.orders.add(tilth.state, order('spring'))
  before.orders.start()
  const cut = await before.next()
  const ended = before.orders.stop()
  expect(() => cut.onProgress(0.5)).toThrow()
  cut.done('kept: it was finished in time')
  await ended
  for (const text of ['second', 'third']) {
    await tilth.state.updateTable('reportOrder').set({ state: 'running' }).where('id', '=', id).execute()
    const after = opened()
    ;(await after.next()).done(text)
    await expect.poll(() => stateOf(id)).toBe('done')
    expect(Buffer.from((await after.orders.file(ORG, id)).file).toString()).toBe(text)
    await after.orders.stop()
  }
  await tilth.state.updateTable('reportOrder').set({ state: 'running' }).where('id', '=', id).execute()
  const last = opened()
  await expect.poll(() => stateOf(id)).toBe('failed')
  await last.orders.stop()
})

it('a file is repeated when a member withdraws consent while it is made', async () => {
  const { orders, next } = opened()
  const { id } = await orders.add(tilth.state, order('adapt'))
  orders.start()
  const first = await next()
  await dropReportFiles(tilth.state, ORG)
  first.done('with what was withdrawn')
  ;(await next()).done('without')
  await expect.poll(() => stateOf(id)).toBe('done')
  expect(Buffer.from((await orders.file(ORG, id)).file).toString()).toBe('without')
  await orders.stop()
})

it('a file is deleted with an erased farm of a member, and after 24 h', async () => {
  const { orders, next } = opened()
  const { id } = await orders.add(tilth.state, order('geojson'))
  orders.start()
  ;(await next()).done('fields')
  await expect.poll(() => stateOf(id)).toBe('done')
  const member = { id: 'is-sato', org: 'sato-farm', coop: ORG, memberCode: null, jaCode: null, alias: 'M1' }
  await tilth.state
    .insertInto('membership')
    .values({ ...member, joinedMs: 0, endedMs: null })
    .execute()
  await dropFilesOfErased(tilth.state, 'mori-farm')
  expect(Buffer.from((await orders.file(ORG, id)).file).toString()).toBe('fields')
  await dropFilesOfErased(tilth.state, 'sato-farm')
  await expect(orders.file(ORG, id)).rejects.toMatchObject({ code: 'CONFLICT' })
  await dropFilesOfErased(tilth.state, ORG)
  expect(await orders.list(ORG)).toEqual([])
  const other = await orders.add(tilth.state, order('pdf'))
  orders.start()
  ;(await next()).done('pages')
  await expect.poll(() => stateOf(other.id)).toBe('done')
  await tilth.clock.advanceTo(tilth.clock.now() + DAY_MS)
  expect(await orders.list(ORG)).toEqual([])
  await expect(orders.file(ORG, other.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await orders.deleteExpired()
  expect(await tilth.state.selectFrom('reportOrder').select('id').execute()).toEqual([])
  await orders.stop()
})

it('a large file is stored compressed, and an uncompressed one of an earlier version is still readable', async () => {
  const { orders, next } = opened()
  const { id } = await orders.add(tilth.state, order('adapt'))
  const fileOf = async () => (await orders.file(ORG, id)).file.toString()
  const long = JSON.stringify(Array.from({ length: 50_000 }, (_, at) => ({ at })))
  orders.start()
  ;(await next()).done(long)
  await expect.poll(() => stateOf(id)).toBe('done')
  expect(await fileOf()).toBe(long)
  const row = await tilth.state
    .selectFrom('reportOrder')
    .select(['bytes', 'file'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  expect(row.bytes).toBe(long.length)
  expect(row.file!.length).toBeLessThan(long.length / 2)
  const file = Buffer.from('{"as":"it was"}').toString('base64')
  await tilth.state.updateTable('reportOrder').set({ file }).where('id', '=', id).execute()
  expect(await fileOf()).toBe('{"as":"it was"}')
  await orders.stop()
})
