/** The audit as an administrator reads it: pages, filters, names, a file, and a check of the chain. */
import { sql } from 'kysely'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendAudit } from '../../../../services/audit/audit-log.ts'
import type { AuditLine } from '../../../../services/api/audit/audit-schemas.ts'
import { auditKind, auditKinds } from '../../../../services/api/audit/audit-kind.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'
import { unprotectAudit } from '../../../support/broken-table.ts'

let tilth: TestApi
let admin: string
let adminId: string

const line = (action: string, subject: string, detail: object = {}, actor = 'system', atMs = NOW_MS) =>
  appendAudit(tilth.state, { org: 'midori', atMs, actor, action, subject, detail })
const read = async (query = ''): Promise<AuditLine[]> =>
  (await tilth.call(admin, 'GET', `/api/audit${query}`)).body
const actions = async (query: string) => (await read(query)).map(({ action }) => action)

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  admin = await tilth.signUp('midori', 'admin')
  adminId = (await tilth.call(admin, 'GET', '/api/me')).body.user.id
  await line('rule-broken', 'midori-controller', { rule: 'I4', valve: 'V1', seq: 7 })
  await line('command-running', 'c-1', { device: 'midori-controller', valve: 'V1', from: 'sent' }, 'plan:3')
  await line('zone.change', 'midori-zone', { adjustPercent: 10 }, adminId)
  await line('season.yield', 'midori-season', { kg: 900 }, 'gone-by-now', NOW_MS - 86_400_000)
})
afterAll(() => tilth.stop())

describe('a page of the audit', () => {
  it('starts with the newest line; the next page starts before the last one shown', async () => {
    const all = await read()
    expect(all.map(({ n }) => n)).toEqual(all.map((_, i) => all.length - i))
    const second = await read(`?limit=2&before=${all[1]!.n}`)
    expect(second).toEqual(all.slice(2, 4))
  })
  it('names people, fields, zones and devices, and an order by its controller', async () => {
    const named = Object.fromEntries((await read()).map((each) => [each.action, each]))
    expect(named['zone.change']).toMatchObject({ actorName: expect.any(String), kind: 'farm' })
    expect(named['zone.change']!.subjectName).not.toBeNull()
    expect(named['season.yield']).toMatchObject({ actorName: null, subjectName: 'midori North 3' })
    expect(named['rule-broken']).toMatchObject({ kind: 'incident', actorName: null })
    expect(named['command-running']!.subjectName).toBe(named['rule-broken']!.subjectName)
  })
  it('is filtered by kind, person, device and time', async () => {
    expect(await actions('?kind=incident')).toEqual(['rule-broken'])
    expect(await actions('?kind=water')).toEqual(['command-running'])
    expect(await actions('?device=midori-controller')).toEqual(['command-running', 'rule-broken'])
    expect(await actions(`?actor=${adminId}&kind=farm`)).toEqual(['zone.change'])
    expect(await actions(`?fromMs=${NOW_MS - 90_000_000}&toMs=${NOW_MS}`)).toContain('season.yield')
    expect(await actions(`?toMs=${NOW_MS}&kind=incident`)).toEqual([])
  })
  it.each([
    ['member.import', 'people'],
    ['members.import', 'people'],
    ['members.preview', 'people'],
    ['field.count', 'pest'],
    ['field.note', 'farm'], // about anything on a field, also about its water
    ['field.change', 'farm'],
    ['harvest.load', 'farm'],
  ] as const)('%s is of the kind %s', (action, kind) => expect(auditKind(action)).toBe(kind))
  it('has every line in exactly one kind', async () => {
    const byKind = await Promise.all(auditKinds.map((kind) => read(`?kind=${kind}&limit=500`)))
    const numbers = byKind.flat().map(({ n }) => n)
    expect(numbers.sort((a, b) => a - b)).toEqual((await read('?limit=500')).map(({ n }) => n).reverse())
    for (const [i, lines] of byKind.entries())
      expect(lines.map(({ action }) => auditKind(action))).toEqual(lines.map(() => auditKinds[i]))
  })
})

describe('the audit as a file', () => {
  it('holds every line from the first on, with its hash, no cell a formula, and is itself noted', async () => {
    await line('field.create', 'midori-field', { name: 'x' }, '=1+1')
    const { text, headers } = await tilth.call(admin, 'GET', '/api/audit.csv')
    expect(headers['content-disposition']).toContain('tilth-audit-midori.csv')
    const rows = Papa.parse<Record<string, string>>(text.replace(/^\ufeff/, ''), {
      header: true,
      skipEmptyLines: true,
    }).data
    const kept = (await read('?limit=500')).reverse()
    expect(rows.map(({ n }) => Number(n))).toEqual(kept.map(({ n }) => n))
    expect(rows.map(({ hash }) => hash)).toEqual(kept.map(({ hash }) => hash))
    expect(kept.at(-1)!.action).toBe('audit.export')
    expect(rows.map(({ actor }) => actor)).toContain("'=1+1")
    const { text: some } = await tilth.call(admin, 'GET', '/api/audit.csv?kind=incident')
    expect(some.trim().split('\r\n')).toHaveLength(2)
  })
})

describe('the check of the chain', () => {
  it('shows the time of the check, and the changed line', async () => {
    const whole = (await tilth.call(admin, 'GET', '/api/audit/verify')).body
    expect(whole).toMatchObject({ broken: null, checkedMs: tilth.clock.now() })
    await unprotectAudit(tilth.state)
    await sql`update audit set actor = 'nobody' where n = 2`.execute(tilth.state)
    const { body } = await tilth.call(admin, 'GET', '/api/audit/verify')
    expect(body).toMatchObject({ lines: 1, broken: { n: 2 } })
  })
})
