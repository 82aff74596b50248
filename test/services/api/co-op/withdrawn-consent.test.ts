/** Data whose consent a member withdraws at noon is in no file that the co-operative downloads over HTTP at 12:01. */
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

const COOP = 'ja-midori'
const MEMBER = 'sato-farm'
const NOON_MS = Date.parse('2026-07-24T03:00:00Z') // in Tokyo
let tilth: TestApi
let coop: string
let member: string
let membership: string

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  coop = await tilth.signUp(COOP, 'admin')
  member = await tilth.signUp(MEMBER, 'admin')
  await plantFarm(tilth.state, COOP)
  const rows = oneOrganisation({ coop: MEMBER, members: 1, fields: 3, year: 2026, yearsBack: 1 })
  rows.farm[0]!.name = 'Sato of the dam'
  await writeRows(tilth.state, rows)
  await tilth.clock.advanceTo(NOON_MS - 10 * MINUTE_MS)
  const { code } = (await tilth.call(coop, 'POST', '/api/invitations', { purpose: 'member' })).body
  expect((await tilth.call(member, 'POST', '/api/me/join', { code })).status).toBe(200)
  membership = (await tilth.call(member, 'GET', '/api/memberships')).body[0].id
})
afterAll(() => tilth.stop())

async function says(isAllowed: boolean): Promise<void> {
  const seen = { seesYield: isAllowed, seesWater: isAllowed, seesSprays: isAllowed, isNamed: isAllowed }
  const answer = await tilth.call(member, 'POST', `/api/memberships/${membership}/consent`, seen)
  expect(answer.status).toBe(200)
}

const fetchFile = async (path: string): Promise<Buffer> => {
  const answer = await tilth.api.inject({
    method: 'GET',
    url: `/api/reports/${path}year=2026`,
    headers: { host: 'farm.local', cookie: coop },
  })
  expect(answer.statusCode).toBe(200)
  return answer.rawPayload
}

/** Every text that the co-operative can fetch of the season. */
async function fetched(): Promise<string> {
  const book = await readSheet(await fetchFile('season.xlsx?crop=rice&'))
  const csv = await fetchFile('season.csv?')
  const texts = [JSON.stringify(book), csv.toString()]
  for (const path of ['season?', 'season.geojson?', 'season.adapt?', 'season.spring?', 'season.work?'])
    texts.push((await fetchFile(`${path}crop=rice&`)).toString())
  for (const scheme of ['eu', 'us', 'jgap'])
    texts.push((await fetchFile(`season.sprays?crop=rice&scheme=${scheme}&`)).toString())
  return texts.join('\n')
}

const call = (method: 'GET' | 'POST', url: string, body?: object) => tilth.call(coop, method, url, body)

/** What is kept of an ordered file. */
const kept = (id: string) =>
  tilth.state
    .selectFrom('reportOrder')
    .select(['file', 'code'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

/** A file that tells of an instant, however it came to be there: made while somebody took their word back, or restored. */
const lay = (id: string, asOfMs: number) =>
  tilth.state
    .updateTable('reportOrder')
    .set({ state: 'done', file: 'e30=', bytes: 2, code: null, asOfMs })
    .where('id', '=', id)
    .execute()

/** Orders the season as GeoJSON, and waits until it is made. */
async function ordered(): Promise<string> {
  const asked = { format: 'geojson', year: '2026', crop: 'rice' }
  const { body } = await call('POST', '/api/reports', asked)
  const stateOf = async () =>
    ((await call('GET', '/api/reports')).body.orders as { id: string; state: string }[]).find(
      ({ id }) => id === body.id,
    )!.state
  await expect.poll(stateOf, { timeout: 20_000 }).toBe('done')
  return body.id
}

describe('a consent that is withdrawn at noon', () => {
  let order: string
  it('shows the member until then: its name, its fields, its loads', async () => {
    await says(true)
    await tilth.clock.advanceTo(NOON_MS - MINUTE_MS)
    const text = await fetched()
    for (const told of ['Sato of the dam', 'Paddy 2', 'T2-0']) expect(text).toContain(told)
    order = await ordered()
    expect((await call('GET', `/api/reports/${order}/file`)).text).toContain('Sato of the dam')
  })

  it('is absent from the report and every file of it at 12:01', async () => {
    await tilth.clock.advanceTo(NOON_MS)
    await says(false)
    await tilth.clock.advanceTo(NOON_MS + MINUTE_MS)
    const text = await fetched()
    for (const told of ['Sato of the dam', 'Paddy 2', 'T2-0', MEMBER]) expect(text).not.toContain(told)
    expect(text).toContain(`${COOP} Paddy 7`)
  })

  it('deletes the file that was ordered before; the next one has no data of the member', async () => {
    // gone with the word itself, not only once somebody asks for it
    expect(await kept(order)).toEqual({ file: null, code: 'CONFLICT' })
    const answer = await call('GET', `/api/reports/${order}/file`)
    expect([answer.status, answer.body.error]).toEqual([409, 'CONFLICT'])
    const next = await ordered()
    expect(next).not.toBe(order)
    const { status, text } = await call('GET', `/api/reports/${next}/file`)
    expect(status).toBe(200)
    for (const told of ['Sato of the dam', 'Paddy 2', 'T2-0', MEMBER]) expect(text).not.toContain(told)
  })

  it('blocks a file with data of 11:59, whatever its origin; one of 12:01 is sent', async () => {
    const id = await ordered()
    await lay(id, NOON_MS - MINUTE_MS)
    const answer = await call('GET', `/api/reports/${id}/file`)
    expect([answer.status, answer.body.error]).toEqual([409, 'CONFLICT'])
    expect(await kept(id)).toEqual({ file: null, code: 'CONFLICT' })
    await lay(id, NOON_MS + MINUTE_MS)
    expect((await call('GET', `/api/reports/${id}/file`)).status).toBe(200)
  })
})

describe('a member that leaves', () => {
  it('deletes the files, both at once and when a file is requested', async () => {
    await says(true)
    await tilth.clock.advanceTo(tilth.clock.now() + MINUTE_MS)
    const id = await ordered()
    expect((await kept(id)).file).not.toBeNull()
    const beforeMs = tilth.clock.now()
    await tilth.clock.advanceTo(beforeMs + MINUTE_MS)
    expect((await tilth.call(member, 'POST', `/api/memberships/${membership}/end`)).status).toBe(200)
    expect(await kept(id)).toEqual({ file: null, code: 'CONFLICT' })
    await lay(id, beforeMs)
    const answer = await call('GET', `/api/reports/${id}/file`)
    expect([answer.status, answer.body.error]).toEqual([409, 'CONFLICT'])
  })
})
