/** A person binds a siren to a field, opts in, and sees the limits of an output of its kind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ValveStateRow } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
let operator: string
let viewer: string
const list = '/api/fields/midori-field/outputs'
const told = (valve: string, kind: string | null): ValveStateRow => ({
  deviceId: 'midori-controller',
  valve,
  org: 'midori',
  pos: 'closed',
  feedback: null,
  seq: 0,
  ranMs: 0,
  litres: null,
  why: 'boot',
  sess: 'b1.c1',
  reportedAtMs: NOW_MS,
  heartbeatAtMs: NOW_MS,
  boundMs: null,
  capMs: 7_200_000,
  isTimed: 0,
  kind,
})
const make = (valve: string, who = admin) =>
  tilth.call(who, 'POST', list, { name: 'North', deviceId: 'midori-controller', valve })
const change = (id: string, body: object, who = admin) => tilth.call(who, 'PATCH', `/api/outputs/${id}`, body)
const madeId = async (valve: string): Promise<string> => (await make(valve)).body.id

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  operator = await tilth.signUp('midori', 'operator')
  viewer = await tilth.signUp('midori', 'viewer')
  await plantFarm(tilth.state, 'midori')
  const kinds = {
    A1: 'siren',
    A2: 'fan',
    A3: 'puffer',
    A4: 'siren',
    B1: 'sprayer',
    B2: null,
    B3: 'dosing-pump',
  }
  await tilth.state
    .insertInto('valveState')
    .values(Object.entries(kinds).map(([valve, kind]) => told(valve, kind)))
    .execute()
})
afterAll(() => tilth.stop())

describe('only harmless outputs', () => {
  it.each([
    ['a sprayer', 'B1', 400, 'the controller reports B1 as sprayer'],
    ['a dosing pump', 'B3', 400, 'the controller reports B3 as dosing-pump'],
    ['a water valve', 'B2', 400, 'the controller reports B2 as a water valve'],
    ['an output that its controller has not reported', 'B9', 409, 'has not reported yet what B9 is'],
  ])('%s is refused, and the response lists the allowed ones', async (_, valve, status, text) => {
    const answer = await make(valve)
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)])
    if (status === 400) expect(answer.text).toContain('puffer, siren, fan')
  })

  it('a siren is offered and bound, and is off until a person sets its conditions', async () => {
    const before = (await tilth.call(viewer, 'GET', list)).body
    expect(before.free.map(({ valve }: { valve: string }) => valve)).toEqual(['A1', 'A2', 'A3', 'A4'])
    const id = await madeId('A1')
    const { outputs, free } = (await tilth.call(viewer, 'GET', list)).body
    expect(free.map(({ valve }: { valve: string }) => valve)).toEqual(['A2', 'A3', 'A4'])
    const made = outputs.find((one: { id: string }) => one.id === id)
    expect(made).toMatchObject({
      kind: 'siren',
      isOn: false,
      rule: null,
      quietHours: { fromMin: 1140, toMin: 420 },
    })
    const early = await change(id, { isOn: true })
    expect([early.status, early.text]).toEqual([400, expect.stringContaining('rule: must be set before')])
    expect((await make('A1')).status).toBe(409)
  })

  it('a zone cannot have a siren as its valve', async () => {
    const answer = await tilth.call(admin, 'PATCH', '/api/zones/midori-zone', { valve: 'A4' })
    const both = await tilth.call(admin, 'PATCH', '/api/zones/midori-zone', {
      controllerId: 'midori-controller',
      valve: 'A4',
    })
    expect([both.status, both.text]).toEqual([
      400,
      expect.stringContaining('the controller reports A4 as a siren'),
    ])
    // the valve alone, on the controller that the zone has
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('the controller reports A4 as a siren'),
    ])
  })
})

describe('within the bounds of its kind', () => {
  it.each([
    ['A2', { rule: { by: 'birds' } }, 'rule.by: must be one of frost for a fan, got birds'],
    ['A4', { onMinutes: 30, everyMinutes: 60 }, 'onMinutes: must be at most 3 for a siren, got 30'],
    ['A4', { everyMinutes: 5 }, 'everyMinutes: must be at least 10 for a siren, got 5'],
    ['A4', { maxDailyMinutes: 600 }, 'maxDailyMinutes: must be at most 60 for a siren, got 600'],
    ['A3', { rule: { by: 'flight', pest: 'unicorn' } }, 'rule.pest: must be a pest that Tilth knows'],
    ['A3', { rule: { by: 'flight', pest: 'beet-leafhopper' } }, 'rule.fromCd: must be given in °C·d'],
    [
      'A3',
      { rule: { by: 'flight', pest: 'codling-moth', fromCd: 90, toCd: 80 } },
      'rule.toCd: must be above',
    ],
    ['A3', { rule: { by: 'spray' } }, 'rule'],
    ['A3', { kind: 'fan' }, 'kind'],
  ])('%s refuses %j', async (valve, patch, text) => {
    await make(valve)
    const { outputs } = (await tilth.call(admin, 'GET', list)).body
    const { id } = outputs.find((one: { valve: string }) => one.valve === valve)
    const answer = await change(id, patch)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text)])
  })
})

it('an agronomist opts in, a viewer switches off, and both are in the audit', async () => {
  const { outputs } = (await tilth.call(admin, 'GET', list)).body
  const { id } = outputs.find((one: { valve: string }) => one.valve === 'A1')
  expect((await change(id, { isOn: true, rule: { by: 'birds' } }, operator)).status).toBe(403)
  const on = await change(id, { isOn: true, rule: { by: 'birds' }, hours: [{ fromMin: 420, toMin: 1080 }] })
  expect([on.status, on.body.isOn, on.body.rule]).toEqual([200, true, { by: 'birds' }])
  const off = await tilth.call(viewer, 'POST', `/api/outputs/${id}/off`)
  expect([off.status, off.body.isOn]).toEqual([200, false])
  const audit = await tilth.state
    .selectFrom('audit')
    .select('action')
    .where('subject', '=', id)
    .orderBy('n')
    .execute()
  expect(audit.map(({ action }) => action)).toEqual(['output.create', 'output.change', 'output.off'])
})
