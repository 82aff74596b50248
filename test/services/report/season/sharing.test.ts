/** What a co-operative's report tells of its members: what each lets be seen at that instant, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readDetailRows, readReport } from '../../../../services/report/season/read-report.ts'
import { seasonCsvFile } from '../../../../services/report/formats/season-csv.ts'
import { seasonView } from '../../../../services/report/season/season-view.ts'
import { hasEnoughMembers, MIN_MEMBERS } from '../../../../services/report/season/sharing.ts'
import type { ConsentRow } from '../../../../services/tables.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openTestState } from '../../../support/state.ts'

const COOP = 'ja-midori'
const YEAR = 2026
const NOON = Date.parse('2026-11-01T03:00:00Z') // in Tokyo
const MINUTE = 60_000
const members = ['ueda', 'endo', 'okada', 'kondo', 'saito', 'seki', 'hara', 'ito', 'kato', 'mori']
/** Share sprays without their name: with okada, enough that an alias hides each of them. */
const others = ['hara', 'ito', 'kato', 'mori']
const all = { seesYield: 1, seesWater: 1, seesSprays: 1, isNamed: 1 } as const
let opened: OpenState

beforeAll(async () => {
  opened = await openTestState()
  await writeRows(
    opened.state,
    oneOrganisation({ coop: COOP, members: 1, fields: 2, year: YEAR, yearsBack: 1 }),
  )
  for (const [i, org] of members.entries()) {
    const rows = oneOrganisation({ coop: org, members: 1, fields: 3, year: YEAR, yearsBack: 1 })
    rows.farm[0]!.name = `Farm of ${org}`
    for (const field of rows.field) field.name = `${org} ${field.name}`
    for (const load of rows.harvestLoad) load.ticket = `${org}-ticket`
    await writeRows(opened.state, rows)
    await opened.state
      .insertInto('membership')
      .values({
        id: `is-${org}`,
        org,
        coop: COOP,
        memberCode: `01-${i}`,
        jaCode: null,
        alias: `M${i + 1}`,
        joinedMs: 0,
        endedMs: null,
      })
      .execute()
  }
})
afterAll(() => opened.close())

let output = 0
async function consents(org: string, atMs: number, change: Partial<ConsentRow>): Promise<void> {
  await opened.state
    .insertInto('consent')
    .values({
      id: `c-${(output += 1)}`,
      org,
      membershipId: `is-${org}`,
      atMs,
      actor: 'x',
      signedDocumentRef: null,
      seesYield: 0,
      seesWater: 0,
      seesSprays: 0,
      isNamed: 0,
      ...change,
    })
    .execute()
}

const read = (nowMs: number) => readReport(opened.state, { org: COOP, year: YEAR, crop: 'rice' }, nowMs)

/** Everything that leaves the co-operative's report at an instant, as one text. */
async function everything(nowMs: number): Promise<string> {
  const result = await read(nowMs)
  let text = JSON.stringify(seasonView(result, null))
  for (const { farmId } of result.report.members) text += JSON.stringify(seasonView(result, farmId))
  for (const { name } of result.report.members) text += JSON.stringify(seasonView(result, name))
  for await (const { loads, sprays } of readDetailRows(opened.state, result.records))
    text += JSON.stringify([
      loads.map(({ ticket, enteredBy, meter }) => [ticket, enteredBy, meter]),
      sprays.map(({ plan, record, createdBy }) => [plan, record, createdBy]),
    ])
  const deps = { state: opened.state, version: '0.1.0', nowMs }
  const csv = await seasonCsvFile(deps, { org: COOP, coop: 'Midori', farmId: null, year: YEAR, lang: 'en' })
  return text + Buffer.from(csv).toString()
}

describe('a member without consent', () => {
  it('is counted, and nothing of it is shown', async () => {
    const { report, unshared } = await read(NOON - 60 * MINUTE)
    expect(unshared).toBe(members.length)
    expect(report.members.map(({ isOwn }) => isOwn)).toEqual([true])
    const text = await everything(NOON - 60 * MINUTE)
    for (const org of members) expect(text).not.toContain(org)
    expect(text).toContain(`${COOP}-m0`)
  })
})

describe('a member who shares', () => {
  const at = NOON - 30 * MINUTE
  beforeAll(async () => {
    await consents('ueda', at, all)
    await consents('endo', at, { seesYield: 1, isNamed: 1 })
    await consents('okada', at, { ...all, isNamed: 0 })
    await consents('kondo', at, { seesWater: 1, seesSprays: 1, isNamed: 1 })
    for (const org of others) await consents(org, at, { seesSprays: 1 })
  })

  it('is listed with its fields, under its name and its code of the co-operative', async () => {
    const { report, unshared } = await read(at)
    expect(unshared).toBe(2)
    const names = report.members.map(({ name }) => name)
    expect(names.filter((name) => !name.startsWith('M-')).sort()).toEqual(
      ['Farm of endo', 'Farm of kondo', 'Farm of ueda', report.members.find((m) => m.isOwn)!.name].sort(),
    )
    expect(names.filter((name) => /^M-[0-9A-F]{6}$/.test(name))).toHaveLength(1 + others.length)
    const ueda = report.members.find(({ name }) => name === 'Farm of ueda')!
    const alone = await readReport(opened.state, { org: 'ueda', year: YEAR, crop: 'rice' }, at)
    const [ownRows] = alone.report.members
    expect(ueda).toEqual({ ...ownRows, isOwn: false, memberCode: '01-0', fields: ueda.fields, outliers: [] })
    expect(ueda.fields).toEqual(ownRows!.fields.map((line) => ({ ...line, isOwn: false })))
  })

  it('withholds the parts without consent: null, marked as withheld, and not missing', async () => {
    const { report, records } = await read(at)
    const endo = report.members.find(({ name }) => name === 'Farm of endo')!
    expect(endo).toMatchObject({ withheld: ['water', 'sprays'], waterM3Ha: null, sprays: null })
    expect(endo.kgHa).toBeGreaterThan(1000)
    expect(endo.missing.map(({ key }) => key)).not.toContain('volume')
    const kondo = report.members.find(({ name }) => name === 'Farm of kondo')!
    expect(kondo).toMatchObject({ withheld: ['yield'], kgHa: null, usualKgHa: null, withLoads: 0 })
    expect(kondo.missing.map(({ key }) => key)).not.toContain('yield')
    expect(kondo.fields.every(({ loads, years }) => loads === null && years.length === 0)).toBe(true)
    for await (const { record, loads, sprays } of readDetailRows(opened.state, records)) {
      if (record.farm === 'Farm of endo') expect([loads.length > 0, sprays.length]).toEqual([true, 0])
      if (record.farm === 'Farm of kondo') expect(loads).toEqual([])
    }
  })

  it('is listed under its alias without a name: no name, code, ticket, person or id is shown', async () => {
    const text = await everything(at)
    expect(text).not.toContain('okada')
    expect(text).not.toContain('01-2')
    const { report } = await read(at)
    const okada = report.members.find(({ org }) => org === 'okada')!
    expect(text).toContain(`${okada.name}-1`)
    expect(text).not.toContain('M3-1') // of its membership, which other years' reports would share
    const alone = await readReport(opened.state, { org: 'okada', year: YEAR, crop: 'rice' }, at)
    const [exact] = alone.report.members
    expect(okada.fields.map(({ kgHa }) => kgHa)).toEqual(
      exact!.fields.map(({ kgHa }) => (kgHa === null ? null : expect.closeTo(kgHa, 6))),
    )
    // rounded to 10 a, at least 10 a
    expect(okada.fields.map(({ areaM2 }) => areaM2)).toEqual(
      exact!.fields.map(({ areaM2 }) => Math.max(1_000, 1_000 * Math.round(areaM2 / 1_000))),
    )
  })

  it('without a name gives away no area, day, load, spray, or variety of its own', async () => {
    const { records } = await read(at)
    const own = records.filter(({ org }) => org === 'okada')
    expect(own.length).toBe(3)
    for (const { plantedDay, harvestedDay, yield: harvest, areaM2 } of own) {
      expect(plantedDay).toMatch(/-(01|11|21)$/)
      expect(harvestedDay).toMatch(/-(01|11|21)$/)
      expect(harvest.entered).toBeNull()
      expect(areaM2 % 1_000).toBe(0)
    }
    for await (const { record, loads, sprays } of readDetailRows(opened.state, records))
      if (!record.isNamed) expect([loads, sprays]).toEqual([[], []])
    await opened.state
      .updateTable('season')
      .set({ variety: 'Qanat 7' })
      .where('fieldId', '=', 'okada-f0')
      .execute()
    const rare = (await read(at)).records.filter(({ fieldId }) => fieldId === 'okada-f0')
    expect(rare.map(({ variety }) => variety)).toEqual([null])
    await opened.state
      .updateTable('season')
      .set({ variety: 'Koshihikari' })
      .where('fieldId', '=', 'okada-f0')
      .execute()
  })

  it('without a name has no line where fewer than five such members grow the crop', async () => {
    const { report, unlisted } = await read(at)
    expect(unlisted).toBe(0)
    expect(report.members.some(({ org }) => org === 'okada')).toBe(true)
    await opened.state.updateTable('season').set({ crop: 'soybean' }).where('org', '=', 'mori').execute()
    const few = await read(at)
    expect(few.unlisted).toBe(1 + others.length)
    expect(few.report.members.filter(({ isNamed }) => !isNamed)).toEqual([])
    await opened.state.updateTable('season').set({ crop: 'rice' }).where('org', '=', 'mori').execute()
  })

  it('has another alias in another year, and an order that is not that of the members', async () => {
    const aliases = async (year: number) =>
      (await readReport(opened.state, { org: COOP, year, crop: 'rice' }, at)).report.members
        .filter(({ isNamed }) => !isNamed)
        .map(({ org, name }) => [org, name])
    const [now, then] = [await aliases(YEAR), await aliases(YEAR - 1)]
    expect(now.length).toBe(then.length)
    for (const [org, name] of now) expect(then).not.toContainEqual([org, name])
  })

  it('is in no mean that the own farms of the co-operative fill up to five', () => {
    const own = { isOwn: true, org: COOP }
    const theirs = members.map((org) => ({ isOwn: false, org }))
    expect(hasEnoughMembers([own, own, own, own, theirs[0]!])).toBe(false)
    expect(hasEnoughMembers([own, ...theirs.slice(0, 4)])).toBe(false)
    expect(hasEnoughMembers([own, ...theirs.slice(0, 5)])).toBe(true)
    expect(hasEnoughMembers([own, own])).toBe(true)
  })

  it('is in no mean and no strip of fewer than five members', async () => {
    const few = await read(at)
    const knownRows = few.report.members.filter(({ kgHa }) => kgHa !== null)
    expect(knownRows.length).toBeLessThan(MIN_MEMBERS)
    expect(few.report.tooFew).toContain('yield')
    expect(few.report.mean).toMatchObject({ kgHa: null, usualKgHa: null, change: null })
    expect(few.report.strips).toEqual([])
    await consents('saito', at + 1, { seesYield: 1 })
    await consents('seki', at + 1, { seesYield: 1 })
    const enough = await read(at + 1)
    expect(enough.report.tooFew).not.toContain('yield')
    expect(enough.report.mean.kgHa).toBeGreaterThan(1000)
    for (const { dots } of enough.report.strips)
      expect(new Set(dots.map(({ name }) => name.split(',')[0])).size).toBeGreaterThanOrEqual(MIN_MEMBERS)
  })

  it('determines the time zone of a co-operative without own farms', async () => {
    await opened.state
      .insertInto('membership')
      .values({
        id: 'is-far',
        org: 'ueda',
        coop: 'landless',
        memberCode: null,
        jaCode: null,
        alias: 'M1',
        joinedMs: 0,
        endedMs: null,
      })
      .execute()
    await opened.state
      .insertInto('consent')
      .values({
        id: 'c-far',
        org: 'ueda',
        membershipId: 'is-far',
        atMs: at,
        actor: 'x',
        signedDocumentRef: null,
        ...all,
      })
      .execute()
    const result = await readReport(opened.state, { org: 'landless', year: YEAR, crop: null }, at)
    expect(result.options.timeZone).toBe('Asia/Tokyo')
    expect(result.report.fields).toBe(3)
  })

  it('is absent from 12:00 on when it withdraws consent at noon', async () => {
    await consents('ueda', NOON, {})
    expect(await everything(NOON - 1)).toContain('Farm of ueda')
    for (const nowMs of [NOON, NOON + MINUTE]) {
      expect(await everything(nowMs)).not.toContain('ueda')
      expect((await read(nowMs)).unshared).toBe(1)
    }
  })

  it('is absent when it leaves, and its own report is unchanged', async () => {
    await opened.state
      .updateTable('membership')
      .set({ endedMs: NOON + 2 * MINUTE })
      .where('org', '=', 'kondo')
      .execute()
    expect(await everything(NOON + MINUTE)).toContain('Farm of kondo')
    expect(await everything(NOON + 2 * MINUTE)).not.toContain('kondo')
    const ownRows = await readReport(
      opened.state,
      { org: 'kondo', year: YEAR, crop: 'rice' },
      NOON + 2 * MINUTE,
    )
    expect(ownRows.report.members[0]).toMatchObject({ isOwn: true, name: 'Farm of kondo', withheld: [] })
  })
})
