/** The evidence of a longer mid-season drainage: J-Credit AG-005, as its operators describe it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { openSqliteState, type OpenState } from '../../../../services/adapters/sqlite/state.ts'
import {
  drainageEvidence,
  type DrainageFacts,
  type EvidenceDay,
} from '../../../../services/report/drainage/drainage-evidence.ts'
import { drainageDocument } from '../../../../services/report/drainage/drainage-document.ts'
import { drainageJson, drainagePdf } from '../../../../services/report/drainage/drainage-file.ts'
import { readDrainage } from '../../../../services/report/drainage/read-drainage.ts'
import { toJson, type PaddyDay } from '../../../../services/tables.ts'
import { describeWithPoppler, readPdf } from '../../../support/pdf.ts'
import { redJpeg } from '../../../support/red-jpeg.ts'

const PLANTED = '2026-05-15'
const BEGAN = '2026-06-18'
const HEADING_D = 80 // days after transplanting

/** A season of 120 days: water stands, is drained for `drained` days from 18 June on, and stands again. */
function season({
  planted = PLANTED,
  began = BEGAN,
  drained = 16,
  said = null as string | null,
} = {}): EvidenceDay[] {
  return Array.from({ length: 120 }, (_, at): EvidenceDay => {
    const day = addDays(planted, at)
    const since = day < began ? -1 : Math.round((Date.parse(day) - Date.parse(began)) / 86_400_000)
    const isDry = since >= 0 && since < drained
    const paddy: PaddyDay = {
      stage: 'tillering',
      from: 'heat',
      development: at / HEADING_D,
      shift: 0,
      said,
      drainage:
        since < 0 || drained === 0
          ? null
          : {
              fromDay: began,
              lastDay: since >= drained - 1 ? addDays(began, drained - 1) : null,
              days: Math.min(since + 1, drained),
              dryDays: Math.min(since + 1, drained),
              unknownDays: 0,
              why: since >= drained - 1 ? 'cracked' : null,
            },
      nightLossMmD: null,
      inletMmH: null,
      outletMmH: null,
    }
    return {
      day,
      levelMm: isDry ? -40 : 50 - (at % 5) * 8,
      rainMm: 0,
      irrigationMm: at % 5 === 0 ? 32 : 0,
      irrigationSource: 'metered',
      notes: toJson([]),
      paddy: toJson(paddy),
    }
  })
}
const year = (of: number, drained: number) => ({
  year: of,
  days: season({ planted: `${of}-05-15`, began: `${of}-06-18`, drained }),
})
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
    const one = { before: [year(2025, 8)] }
    expect(drainageEvidence(facts(one))).toMatchObject({ baseline: null, neededDays: null, isLonger: null })
    expect(drainageEvidence(facts({ ...one, statedDays: 7 }))).toMatchObject({
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

  it('says how each date is known: a person’s word before the reckoning', () => {
    expect(drainageEvidence(facts()).heading).toEqual({ day: addDays(PLANTED, HEADING_D), how: 'heat' })
    const said = season({ said: 'heading@2026-08-01' })
    expect(drainageEvidence(facts({ days: said })).heading).toEqual({ day: '2026-08-01', how: 'person' })
    const drainedBy = season({ said: `mid-season-drainage@${BEGAN}` })
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
    const days = (of: Partial<DrainageFacts>) => drainageEvidence(facts(of)).photos.map(({ day }) => day)
    expect(days({ photos })).toEqual(['2026-06-11', '2026-07-10'])
    expect(days({ photos, days: season({ drained: 0 }) })).toHaveLength(4)
  })

  it('has the day water loss of days without rain and irrigation, by the gauge, up to a week after transplanting', () => {
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
  const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
  const asked = { org: 'midori', coop: 'Midori', fieldId: 'paddy', year: 2026, lang: 'ja' } as const
  let opened: OpenState
  const deps = () => ({ state: opened.state, version: '0.1.0', nowMs: NOW_MS })

  beforeAll(async () => {
    opened = await openSqliteState(':memory:')
    const { state } = opened
    await state
      .insertInto('farm')
      .values({
        id: 'farm',
        org: 'midori',
        name: '佐藤 花子',
        memberCode: '0412-0031',
        timeZone: 'Asia/Tokyo',
        latDeg: 37.5,
        lonDeg: 138.9,
        elevationM: 20,
        createdAtMs: 0,
      })
      .execute()
    for (const kind of ['paddy', 'upland'] as const)
      await state
        .insertInto('field')
        .values({
          id: kind,
          org: 'midori',
          farmId: 'farm',
          name: `北 ${kind}`,
          kind,
          areaM2: 2_940,
          soilTexture: 'loam',
          fieldCapacity: 0.3,
          wiltingPoint: 0.14,
          saturation: 0.46,
          stationId: null,
          geojson: null,
        })
        .execute()
    for (const [of, drained] of [
      [2026, 16],
      [2025, 8],
      [2024, 9],
    ] as const) {
      await state
        .insertInto('season')
        .values({
          id: `s${of}`,
          org: 'midori',
          fieldId: 'paddy',
          year: of,
          crop: 'rice',
          variety: 'こしいぶき',
          plantedDay: `${of}-05-15`,
          harvestedDay: `${of}-09-20`,
          harvestPlannedDay: null,
          yieldKg: null,
          yieldBasis: null,
        })
        .execute()
      for (const day of year(of, drained).days)
        await state
          .insertInto('fieldDay')
          .values({
            fieldId: 'paddy',
            org: 'midori',
            et0Mm: 5,
            et0Method: 'fao56-pm',
            kc: 1,
            etcMm: 5,
            etaMm: 5,
            ...day,
          })
          .execute()
    }
    await state
      .insertInto('fieldWork')
      .values({
        id: 'w',
        org: 'midori',
        farmId: 'farm',
        fieldId: 'paddy',
        seasonId: null,
        batch: 'b',
        state: 'confirmed',
        kind: 'organic',
        day: '2025-10-20',
        areaM2: 2_940,
        massKg: 1_470,
        material: toJson({ name: '稲わら', nPct: null, p2o5Pct: null, k2oPct: null }),
        enteredBy: 'person',
        enteredAtMs: 0,
        confirmedBy: 'person',
        confirmedAtMs: 0,
      } as never)
      .execute()
  })
  afterAll(async () => {
    await opened.close()
  })

  it('as data hold the dates, the years before, the place, what was worked in, and that there is no photo', async () => {
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

  it('are of no upland field, of no other organisation, and of no year without rice', async () => {
    for (const change of [{ fieldId: 'upland' }, { org: 'akane' }, { year: 2019 }])
      await expect(drainageJson(deps(), { ...asked, ...change })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  describeWithPoppler('on paper', () => {
    it('say the same, in Japanese and in English, and are the same bytes twice', async () => {
      const [one, two] = [await drainagePdf(deps(), asked), await drainagePdf(deps(), asked)]
      expect(Buffer.compare(Buffer.from(one), Buffer.from(two))).toBe(0)
      const ja = (await readPdf(one)).text
      for (const said of [
        '0412-0031 佐藤 花子',
        '16日',
        '8.5日',
        '15.5日',
        '令和8年6月18日',
        '令和8年7月3日',
      ])
        expect(ja).toContain(said)
      for (const said of [
        '小ひびを確認した',
        '積算温度からの推定',
        '写真の記録がありません',
        '稲わら 500 kg/10a',
        '確認印',
      ])
        expect(ja).toContain(said)
      const en = (await readPdf(await drainagePdf(deps(), { ...asked, lang: 'en' }))).text
      for (const said of [
        '16 days',
        '8.5 days',
        'yes',
        '2026-06-18, reckoned from heat',
        '37.50000, 138.90000',
      ])
        expect(en).toContain(said)
    })
  })

  it('list the photos of work that stands, by instant, work and hash, and none that was taken back', async () => {
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
      thumb: '',
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

  it('tell on which days somebody drained it, beside what the gauge says', async () => {
    const { state } = opened
    const work = await state
      .selectFrom('fieldWork')
      .selectAll()
      .where('id', '=', 'w')
      .executeTakeFirstOrThrow()
    const drained = (id: string, day: string, of: 'confirmed' | 'void') => ({
      ...work,
      id,
      batch: id,
      kind: 'drainage' as const,
      day,
      material: null,
      massKg: null,
      state: of,
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
    expect(JSON.stringify(paper)).toContain('["Drained, by the work record","2026-06-16, by a person"]')
  })

  describeWithPoppler('with photos', () => {
    it('show those of the begin and of the end, and say how many more there are', async () => {
      const { state } = opened
      const photos = Array.from({ length: 11 }, (_, n) => ({
        id: `p${n}`,
        org: 'midori',
        farmId: 'farm',
        fieldId: 'paddy',
        kind: 'work' as const,
        recordId: 'w',
        takenMs: Date.parse('2026-06-19T03:00Z') + n * 3_600_000,
        addedBy: 'person',
        addedAtMs: NOW_MS,
        sha256: n.toString(16).repeat(64),
        thumb: '',
        picture: redJpeg,
        voidedBy: null,
        voidReason: null,
        voidedAtMs: null,
      }))
      await state.deleteFrom('recordPhoto').execute()
      await state.insertInto('recordPhoto').values(photos).execute()
      const bytes = await drainagePdf(deps(), { ...asked, lang: 'en' })
      const { text, words, pages } = await readPdf(bytes)
      expect(text).toContain('3 more are on record.')
      const below = words.filter(({ text: word }) => /^\(([0-9a])\1{11}\);?$/.test(word))
      // in the list each stands once; below their pictures the first and the last four do again
      const twice = below.filter(
        ({ text: word }, at) => below.findIndex((one) => one.text.slice(0, 14) === word.slice(0, 14)) !== at,
      )
      expect(twice.map(({ text: word }) => word[1])).toEqual(['0', '1', '2', '3', '7', '8', '9', 'a'])
      for (const { page, xMin, yMin } of twice) {
        const [red, green, blue] = pages[page]!.at(xMin - 20, yMin - 60)
        expect([red > 170, green < 60, blue < 60]).toEqual([true, true, true])
      }
      expect(Buffer.compare(bytes, await drainagePdf(deps(), { ...asked, lang: 'en' }))).toBe(0)
    })

    it('leave the place of one that cannot be read empty, and are made all the same', async () => {
      await opened.state.updateTable('recordPhoto').set({ picture: 'AAAA' }).where('id', '=', 'p1').execute()
      const { text } = await readPdf(await drainagePdf(deps(), { ...asked, lang: 'en' }))
      expect(text).toContain('Photos of the begin and the end')
    })
  })
})
