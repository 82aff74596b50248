/** The evidence of a longer mid-season drainage: J-Credit AG-005, as its operators describe it. */
import { createPublicKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import {
  drainageEvidence,
  type DrainageFacts,
} from '../../../../services/report/drainage/drainage-evidence.ts'
import { drainageDocument } from '../../../../services/report/drainage/drainage-document.ts'
import { drainageJson } from '../../../../services/report/drainage/drainage-file.ts'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import { filesInProcess } from '../../../../services/report/jobs/make-file.ts'
import { sealKey, verifySeal } from '../../../../services/report/jobs/seal.ts'
import { readDrainage } from '../../../../services/report/drainage/read-drainage.ts'
import { toJson } from '../../../../services/tables.ts'
import { asked, BEGAN, HEADING_D, NOW_MS, openDrainedFarm, PLANTED, season, year } from './drained-farm.ts'

const facts = (change: Partial<DrainageFacts> = {}): DrainageFacts => ({
  plantedDay: PLANTED,
  days: season(),
  before: [year(2025, 8), year(2024, 9)],
  statedDays: null,
  puddledDay: null,
  drainedDays: [],
  photos: [],
  ...change,
})

describe('the evidence of a longer drainage', () => {
  it('is its days against the mean of two years before: 16 against 8.5 and a week is longer, 15 is not', () => {
    expect(drainageEvidence(facts())).toMatchObject({
      drainage: { fromDay: BEGAN, lastDay: '2026-07-03', days: 16, ended: 'cracked' },
      before: [
        { year: 2025, days: 8 },
        { year: 2024, days: 9 },
      ],
      baseline: { days: 8.5, from: 'records' },
      neededDays: 15.5,
      isLonger: true,
    })
    expect(drainageEvidence(facts({ days: season({ drained: 15 }) })).isLonger).toBe(false)
  })

  it('is unknown with one year before it, unless a person has entered the mean', () => {
    const item = { before: [year(2025, 8)] }
    expect(drainageEvidence(facts(item))).toMatchObject({ baseline: null, neededDays: null, isLonger: null })
    expect(drainageEvidence(facts({ ...item, statedDays: 7 }))).toMatchObject({
      baseline: { days: 7, from: 'person' },
      isLonger: true,
    })
  })

  it('is unknown while the field is still drained, and where no drainage is on record', () => {
    const until = season().filter(({ day }) => day <= addDays(BEGAN, 5))
    expect(drainageEvidence(facts({ days: until }))).toMatchObject({
      drainage: { lastDay: null },
      isLonger: null,
    })
    expect(drainageEvidence(facts({ days: season({ drained: 0 }) }))).toMatchObject({
      drainage: null,
      isLonger: null,
      levels: [],
    })
  })

  it('names the source of each date: an entry before an estimate', () => {
    expect(drainageEvidence(facts()).heading).toEqual({ day: addDays(PLANTED, HEADING_D), how: 'heat' })
    const text = season({ lastReport: 'heading@2026-08-01' })
    expect(drainageEvidence(facts({ days: text })).heading).toEqual({ day: '2026-08-01', how: 'person' })
    const drainedBy = season({ lastReport: `mid-season-drainage@${BEGAN}` })
    expect(drainageEvidence(facts({ days: drainedBy })).drainage!.began).toBe('person')
    expect(drainageEvidence(facts()).drainage!.began).toBe('heat')
  })

  it('has the photos from a week before the drainage to a week after it, and without one those of the season', () => {
    const photo = (day: string) => ({
      day,
      takenMs: Date.parse(`${day}T03:00Z`),
      addedAtMs: 0,
      work: 'drainage' as const,
      sha256: day,
    })
    const photos = ['2026-06-10', '2026-06-11', '2026-07-10', '2026-07-11'].map(photo)
    const days = (changes: Partial<DrainageFacts>) =>
      drainageEvidence(facts(changes)).photos.map(({ day }) => day)
    expect(days({ photos })).toEqual(['2026-06-11', '2026-07-10'])
    expect(days({ photos, days: season({ drained: 0 }) })).toHaveLength(4)
  })

  it('has the daily water loss of days without rain and irrigation, by the gauge, up to a week after transplanting', () => {
    const { losses } = drainageEvidence(facts())
    // each fifth day is irrigated; 8 mm sink on the others
    expect(losses.map(({ mm }) => mm)).toEqual([8, 8, 8, 8, 8, 8])
    expect(losses.at(-1)!.day).toBe(addDays(PLANTED, 7))
    const rained = season().map((day) => ({ ...day, rainMm: day.day === addDays(PLANTED, 1) ? 1 : null }))
    expect(drainageEvidence(facts({ days: rained })).losses).toEqual([])
    const reckoned = season().map((day) => ({
      ...day,
      notes: toJson([{ key: 'level-modelled', params: {} }]),
    }))
    expect(drainageEvidence(facts({ days: reckoned }))).toMatchObject({ losses: [] })
    expect(drainageEvidence(facts({ days: reckoned })).levels.every(({ mm }) => mm === null)).toBe(true)
  })
})

describe('the files', () => {
  let opened: OpenState
  const deps = () => ({ state: opened.state, version: '0.1.0', nowMs: NOW_MS })

  beforeAll(async () => {
    opened = await openDrainedFarm()
  })
  afterAll(async () => {
    await opened.close()
  })

  it('as data contain the dates, earlier years, the location, organic matter, and the absence of photos', async () => {
    expect(await drainageJson(deps(), asked)).toMatchObject({
      methodology: 'J-Credit AG-005',
      field: { name: '北 paddy', areaM2: 2_940, latDeg: 37.5, shape: null },
      plantedDay: PLANTED,
      neededDays: 15.5,
      isLonger: true,
      photos: [],
      drainage: { days: 16 },
      organic: [{ day: '2025-10-20', name: '稲わら', massKg: 1_470 }],
      about: { madeAtMs: NOW_MS, software: 'Tilth 0.1.0' },
    })
  })

  it.each(['drainage', 'drainage-json'] as const)(
    '%s is sealed, and a changed byte is found',
    async (format) => {
      const series = await openSqliteSeries(':memory:')
      const files = filesInProcess({ state: opened.state, series, secret: 'a secret' })
      const { bytes } = await files.make({ format, query: asked, nowMs: NOW_MS })
      await series.close()
      const key = createPublicKey(sealKey('a secret'))
      expect(verifySeal(bytes, key).state).toBe('valid')
      bytes[bytes.length - 2]! ^= 1
      expect(verifySeal(bytes, key).state).not.toBe('valid')
    },
  )

  it('do not exist for an upland field, another organisation, or a year without rice', async () => {
    for (const change of [{ fieldId: 'upland' }, { org: 'akane' }, { year: 2019 }])
      await expect(drainageJson(deps(), { ...asked, ...change })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('list the photos of valid work by instant, work and hash, without voided ones', async () => {
    const { state } = opened
    const photo = (id: string, day: string, voidReason: string | null = null) => ({
      id,
      org: 'midori',
      farmId: 'farm',
      fieldId: 'paddy',
      kind: 'work' as const,
      recordId: 'w',
      takenMs: Date.parse(`${day}T23:30Z`),
      addedBy: 'person',
      addedAtMs: NOW_MS,
      sha256: id.repeat(64),
      thumbnail: '',
      picture: '',
      voidedBy: null,
      voidReason,
      voidedAtMs: voidReason === null ? null : NOW_MS,
    })
    const rows = [photo('a', '2026-06-17'), photo('b', '2026-06-20', 'blurred'), photo('c', '2025-06-18')]
    await state.insertInto('recordPhoto').values(rows).execute()
    const taken = { day: '2026-06-18', work: 'organic', sha256: 'a'.repeat(64), addedAtMs: NOW_MS }
    expect((await drainageJson(deps(), asked)).photos).toEqual([{ ...taken, takenMs: rows[0]!.takenMs }])
    const paper = drainageDocument(await readDrainage(state, asked), {
      lang: 'ja',
      coop: 'Midori',
      version: '0.1.0',
      nowMs: NOW_MS,
      pictures: new Map(),
    })
    expect(JSON.stringify(paper)).toContain('2026-06-18 08:30 堆肥・有機物（aaaaaaaaaaaa）')
  })

  it('list the days of recorded drainage in addition to the gauge', async () => {
    const { state } = opened
    const work = await state
      .selectFrom('fieldWork')
      .selectAll()
      .where('id', '=', 'w')
      .executeTakeFirstOrThrow()
    const drained = (id: string, day: string, state: 'confirmed' | 'void') => ({
      ...work,
      id,
      batch: id,
      kind: 'drainage' as const,
      day,
      material: null,
      massKg: null,
      state,
    })
    await state
      .insertInto('fieldWork')
      .values([drained('d1', '2026-06-16', 'confirmed'), drained('d2', '2026-06-20', 'void')])
      .execute()
    expect(await drainageJson(deps(), asked)).toMatchObject({ drainedDays: ['2026-06-16'] })
    const paper = drainageDocument(await readDrainage(state, asked), {
      lang: 'en',
      coop: 'Midori',
      version: '0.1.0',
      nowMs: NOW_MS,
      pictures: new Map(),
    })
    expect(JSON.stringify(paper)).toContain('["Drained (work record)","2026-06-16, by a person"]')
  })
})
