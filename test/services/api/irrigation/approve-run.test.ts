/** Approval of a run over HTTP: dispatch receives it with the values that the person saw; the test plays dispatch. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyInternal } from '../../../../broker/contract/topics.ts'
import type { RequestRow } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let cookie: string
const heard: RequestRow[] = []

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  cookie = await tilth.signUp('midori', 'operator')
  await tilth.bus.subscribe(everyInternal('request'), async ({ payload }) => {
    const { id } = JSON.parse(new TextDecoder().decode(payload)) as { id: string }
    const rows = tilth.state.selectFrom('request').selectAll().where('id', '=', id)
    heard.push(await rows.executeTakeFirstOrThrow())
    const refused = { state: 'refused' as const, reason: 'stale-request' }
    await tilth.state.updateTable('request').set(refused).where('id', '=', id).execute()
  })
})
afterAll(() => tilth.stop())

describe('the approval of a run with the values that were seen', () => {
  const approve = (body: object, path = 'approve') =>
    tilth.call(cookie, 'POST', `/api/runs/midori-run/${path}`, body)
  const seen = { startMs: NOW_MS + 60_000, minutes: 47.5 }

  it('is sent to dispatch, which decides; the same key twice is one request', async () => {
    const before = heard.length
    for (let n = 0; n < 2; n++)
      expect((await approve({ idem: 'yes-as-seen', seen, decidedOfflineAtMs: NOW_MS - 9 })).body).toEqual({
        id: 'yes-as-seen',
        state: 'refused',
        reason: 'stale-request',
        command: null,
      })
    expect(heard.slice(before)).toMatchObject([
      {
        kind: 'approve',
        runId: 'midori-run',
        expectedStartMs: seen.startMs,
        decidedOfflineAtMs: NOW_MS - 9,
        minutes: 47.5,
      },
    ])
  })

  it('is the same request if it was made online, and queued after its response was lost', async () => {
    const before = heard.length
    expect((await approve({ idem: 'yes-as-seen', seen })).body).toMatchObject({
      id: 'yes-as-seen',
      reason: 'stale-request',
    })
    expect(heard.slice(before)).toEqual([])
  })

  it.each([{ seen: { ...seen, startMs: seen.startMs + 1 } }, { seen: { ...seen, minutes: 48 } }, {}])(
    'the key of another approval is not accepted for it: %j',
    async (other) => {
      const { status, body } = await approve({ idem: 'yes-as-seen', ...other })
      expect([status, body.error]).toEqual([409, 'CONFLICT'])
    },
  )

  it.each([
    [{ seen: { startMs: seen.startMs } }, /minutes/],
    [{ seen: { minutes: 30 } }, /startMs/],
    [{ seen: { ...seen, minutes: -1 } }, /minutes/],
    [{ seen: { ...seen, minutes: 1441 } }, /minutes/],
    [{ seen: { ...seen, startMs: 1e18 } }, /startMs/],
    [{ seen: { ...seen, litres: 3 } }, /litres/],
    [{ seen: 'as always' }, /seen/],
    [{ seen, decidedOfflineAtMs: 'yesterday' }, /decidedOfflineAtMs/],
  ])('%j is refused with the reason', async (body, why) => {
    const { status, body: said } = await approve(body)
    expect([status, said.error]).toEqual([400, 'BAD_REQUEST'])
    expect(said.message).toMatch(why)
  })

  it('a skip applies to the run whatever was seen, and refuses `seen`', async () => {
    expect((await approve({ seen }, 'skip')).status).toBe(400)
  })

  it('of a person whose role was removed meanwhile is refused', async () => {
    const viewer = await tilth.signUp('midori', 'viewer')
    const { status, body } = await tilth.call(viewer, 'POST', '/api/runs/midori-run/approve', { seen })
    expect([status, body.error]).toEqual([403, 'FORBIDDEN'])
  })
})
