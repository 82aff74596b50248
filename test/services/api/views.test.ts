/** The views, from rows alone. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import {
  toJson,
  type AlertRow,
  type CommandRow,
  type FieldDayRow,
  type FieldStateRow,
  type RunRow,
  type ValveStateRow,
  type ZoneRow,
} from '../../../services/tables.ts'
import { alertViews } from '../../../services/api/views/alert.ts'
import { commandView } from '../../../services/api/views/command.ts'
import {
  byUrgency,
  fieldCard,
  skipIfView,
  waterLeft,
  type FieldRows,
} from '../../../services/api/views/field-card.ts'
import { MOST_POINTS, thin } from '../../../services/api/views/thin.ts'
import { waterChart } from '../../../services/api/views/water-chart.ts'
import { countedRainMm } from '../../../services/api/views/counted-rain.ts'
import { fieldNotes } from '../../../services/api/views/field-notes.ts'
import { zoneView } from '../../../services/api/views/zone.ts'
import type { FieldCard } from '../../../services/api/schemas.ts'

const NOW = Date.parse('2026-07-24T05:30:00Z')

const state: FieldStateRow = {
  ...{
    fieldId: 'f',
    org: 'midori',
    atMs: NOW,
    crop: 'maize',
    stage: null,
    depletionMm: 40,
    depletionSdMm: 3,
  },
  ...{ tawMm: 90, rawMm: 45, rootDepthM: 0.7, kc: 1, etcTodayMm: 1, etcWholeDayMm: 6, rainTodayMm: 0 },
  ...{
    irrigationTodayMm: 0,
    levelMm: null,
    levelAtMs: null,
    heatSumCd: null,
    heatNext: null,
    freshness: 'ok',
  },
  inputs: toJson([]),
  soil: null,
}
const rows: FieldRows = {
  field: {
    ...{
      id: 'f',
      org: 'midori',
      farmId: 'farm',
      name: 'North 3',
      kind: 'upland',
      areaM2: 3000,
      soilTexture: 'loam',
    },
    ...{ fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.46, stationId: null, geojson: null },
  },
  farm: {
    ...{
      id: 'farm',
      org: 'midori',
      name: 'Sato',
      memberCode: null,
      timeZone: 'Asia/Tokyo',
      latDeg: 36,
      lonDeg: 140,
    },
    ...{ elevationM: 30, createdAtMs: 0 },
  },
  season: null,
  state,
  advice: {
    ...{ fieldId: 'f', org: 'midori', atMs: NOW, status: 'ok', key: 'enough', params: toJson({ leftMm: 5 }) },
    ...{ whyId: 'w', nextRunId: null },
  },
  nextRun: null,
}

describe('a field whose state has grown old', () => {
  it('is late after two hours, and unknown after six, whatever was advised', () => {
    const at = (hours: number) => fieldCard(rows, NOW + hours * HOUR_MS)
    expect([at(2).status, at(2).left!.fresh]).toEqual(['ok', 'ok'])
    expect([at(3).status, at(3).left!.fresh]).toEqual(['ok', 'late'])
    expect([at(7).status, at(7).left!.fresh]).toEqual(['unknown', 'lost'])
    expect(at(7).verdict).toEqual({ key: 'cannot-judge', params: { reason: 'inputs-lost', atMs: NOW } })
  })

  it('without any state or advice is unknown, and has no number', () => {
    expect(fieldCard({ ...rows, state: null }, NOW)).toMatchObject({
      status: 'unknown',
      left: null,
      rawMm: null,
    })
    expect(fieldCard({ ...rows, advice: null }, NOW).status).toBe('unknown')
    expect(waterLeft({ ...state, depletionMm: null }, NOW)).toBeNull()
  })

  it('shows its water in a range that never leaves the soil', () => {
    // the middle 80 % of a normal distribution lie within 1.2816 standard deviations
    expect(waterLeft(state, NOW)).toMatchObject({ v: 50, lo: 50 - 3 * 1.2816, hi: 50 + 3 * 1.2816 })
    expect(waterLeft({ ...state, depletionMm: 89 }, NOW)).toMatchObject({ v: 1, lo: 0 })
    expect(waterLeft({ ...state, depletionMm: 0 }, NOW)).toMatchObject({ v: 90, hi: 90 })
    expect(waterLeft({ ...state, depletionSdMm: null }, NOW)).not.toHaveProperty('lo')
  })
})

describe('the list of Today', () => {
  it('puts what needs a person first, unknown second, and never shuffles equals', () => {
    const card = (status: FieldCard['status'], name: string): FieldCard => ({
      ...fieldCard(rows, NOW),
      status,
      name,
      id: name,
    })
    const cards = [
      ...[card('ok', 'A'), card('wet', 'B'), card('soon', 'C'), card('unknown', 'D')],
      ...[card('act', 'Paddy 10'), card('act', 'Paddy 2')],
    ]
    const sorted = ['Paddy 2', 'Paddy 10', 'D', 'C', 'B', 'A']
    expect(cards.sort(byUrgency).map(({ name }) => name)).toEqual(sorted)
    expect(
      cards
        .reverse()
        .sort(byUrgency)
        .map(({ name }) => name),
    ).toEqual(sorted)
  })
})

describe('a paddy', () => {
  const paddy = (plantedDay: string, harvestedDay: string | null = null) =>
    fieldCard(
      {
        ...rows,
        field: { ...rows.field, kind: 'paddy' },
        season: {
          ...{
            id: 's',
            org: 'midori',
            fieldId: 'f',
            year: 2026,
            crop: 'rice',
            variety: null,
            plantedDay,
            harvestPlannedDay: null,
            harvestedDay,
          },
          ...{ yieldKg: null, yieldBasis: null },
        },
      },
      NOW,
    ).aimMm

  it('has the band of its stage, and none before planting or after harvest', () => {
    expect(paddy('2026-07-20')).toEqual([30, 50]) // rooting: 3-5 cm
    expect(paddy('2026-07-01')).toEqual([10, 30]) // tillering: 1-3 cm
    expect(paddy('2026-07-25')).toBeNull()
    expect(paddy('2026-03-01', '2026-07-20')).toBeNull()
  })
})

const command: CommandRow = {
  ...{
    id: 'c',
    org: 'midori',
    deviceId: 'd',
    valve: 'V1',
    seq: 42,
    op: 'open',
    ofSeq: null,
    runId: 'r',
    requestId: null,
  },
  ...{
    durMs: 30 * MINUTE_MS,
    litres: null,
    state: 'new',
    life: toJson({}),
    outcome: null,
    actor: 'a',
    reason: 'manual',
  },
  ...{ notAfterMs: NOW + MINUTE_MS, createdAtMs: NOW, sentAtMs: null, confirmedAtMs: null, endedAtMs: null },
  ...{ ranMs: null, ranLitres: null },
}
const valve: ValveStateRow = {
  ...{
    deviceId: 'd',
    valve: 'V1',
    org: 'midori',
    pos: 'open',
    feedback: null,
    seq: 42,
    ranMs: 1000,
    litres: 9,
  },
  ...{ why: 'command', sess: 's', reportedAtMs: NOW, heartbeatAtMs: null, boundMs: NOW + 31 * MINUTE_MS },
  capMs: 119.5 * MINUTE_MS,
  isTimed: 0,
}
const zone = { id: 'z', name: 'V1', fieldId: 'f' }
const view = (change: Partial<CommandRow>, reported: ValveStateRow | null = valve) =>
  commandView({
    command: { ...command, ...change },
    zone,
    fieldName: 'North 3',
    valve: reported,
    flowLpm: 31,
  })

describe('an order to a valve', () => {
  it.each([
    ['new', 'waiting'],
    ['sent', 'sent'],
    ['running', 'confirmed'],
    ['unknown', 'unconfirmed'],
    ['fencing', 'unconfirmed'],
    ['rejected', 'refused'],
    ['expired', 'refused'],
    ['done', 'ended'],
    ['aborted', 'ended'],
    ['resolved', 'ended'],
  ])('that is %s is shown as %s', (from, to) => expect(view({ state: from }).state).toBe(to))

  it('that nobody confirmed has no end, only a bound', () => {
    const sent = view({ state: 'sent' }, null)
    expect([sent.endsAtMs, sent.boundMs, sent.flowLpm]).toEqual([null, NOW + 31 * MINUTE_MS, null])
    expect(view({ state: 'unknown', life: toJson({ boundAtMs: NOW + 5 }) }, null).boundMs).toBe(NOW + 5)
    expect(view({ state: 'done', outcome: 'timer' })).toMatchObject({ boundMs: null, why: 'timer' })
  })

  it('takes litres from the report of its own opening only', () => {
    expect(view({ state: 'running', confirmedAtMs: NOW }).litres).toBe(9)
    expect(view({ state: 'running', confirmedAtMs: NOW }, { ...valve, seq: 41 }).litres).toBeNull()
    expect(view({ state: 'done', ranLitres: 0 }).litres).toBe(0)
  })
})

describe('the position of a valve', () => {
  const row: ZoneRow = {
    ...{ id: 'z', org: 'midori', farmId: 'farm', fieldId: 'f', name: 'V1', areaM2: 1, method: 'drip' },
    ...{
      applicationRateMmH: 4,
      efficiency: 0.9,
      wettedFraction: 1,
      mode: 'auto',
      madFraction: null,
      maxDepthMm: 20,
    },
    ...{
      minMinutes: 5,
      maxMinutes: 60,
      windowFromMin: 0,
      windowToMin: 0,
      controllerId: 'd',
      valve: 'V1',
      pumpId: null,
    },
    ...{ adjustPercent: 0, pausedUntilMs: NOW - 1, dailyMaxLitres: null },
  }
  const position = (reported: ValveStateRow | null, agoMs: number, change: Partial<ZoneRow> = {}) =>
    zoneView({ ...row, ...change }, reported, NOW + agoMs, 10_000).position

  it('is unknown once two heartbeats were missed', () => {
    expect(position(valve, 20_000)).toBe('open')
    expect(position(valve, 20_001)).toBe('unknown')
    expect(position({ ...valve, heartbeatAtMs: NOW + 10_000 }, 20_001)).toBe('open')
    expect(position(null, 0)).toBe('unknown')
    expect(position(null, 0, { controllerId: null })).toBe('none')
  })

  it('is what a sensor saw, before what was driven', () => {
    expect(position({ ...valve, feedback: 'closed' }, 0)).toBe('closed')
  })

  it('has the longest opening that its controller reports, in whole minutes; null before it has told', () => {
    expect(zoneView(row, valve, NOW, 10_000).capMinutes).toBe(119)
    expect(zoneView(row, { ...valve, capMs: null }, NOW, 10_000).capMinutes).toBeNull()
    expect(zoneView(row, null, NOW, 10_000).capMinutes).toBeNull()
  })

  it('of a pause that is over says nothing', () => {
    expect(zoneView(row, null, NOW, 10_000).pausedUntilMs).toBeNull()
  })
})

describe('what wants a look', () => {
  const alert = (change: Partial<AlertRow>): AlertRow => ({
    ...{ id: 'a', org: 'midori', cause: 'valve-fault', severity: 'act', fieldId: null, deviceId: 'd' },
    ...{ params: toJson({ valve: null, fault: 'overflow' }), sinceMs: NOW, clearedMs: null },
    ...change,
  })
  const place = {
    fields: [
      { id: 'f10', name: 'Paddy 10' },
      { id: 'f3', name: 'Paddy 3' },
      { id: 'f7', name: 'Paddy 7' },
      { id: 'x', name: 'Elsewhere' },
    ],
    zones: [
      { id: 'z10', fieldId: 'f10', controllerId: 'd', valve: 'V3' },
      { id: 'z3', fieldId: 'f3', controllerId: 'd', valve: 'V1' },
      { id: 'z3b', fieldId: 'f3', controllerId: 'd', valve: 'V2' },
      { id: 'z7', fieldId: 'f7', controllerId: 'd', valve: 'V4' },
      { id: 'zx', fieldId: 'x', controllerId: 'e', valve: 'V1' },
    ],
    devices: [{ id: 'd', name: 'Controller Sato' }],
  }

  it('at a controller is named with every field that it waters, Paddy 3 before Paddy 10', () => {
    const [view] = alertViews([alert({})], place)
    expect(view).toMatchObject({ deviceName: 'Controller Sato', params: { fault: 'overflow' }, sinceMs: NOW })
    expect(view!.fields.map(({ name }) => name)).toEqual(['Paddy 3', 'Paddy 7', 'Paddy 10'])
  })

  it('at some of its valves is one row, as old as the oldest, with the fields of those valves', () => {
    const locked = (valve: string, sinceMs: number) =>
      alert({ id: valve, cause: 'valve-locked-out', params: toJson({ valve }), sinceMs })
    const views = alertViews([locked('V4', NOW), locked('V1', NOW - HOUR_MS), alert({})], place)
    expect(views.map(({ cause }) => cause)).toEqual(['valve-locked-out', 'valve-fault'])
    expect(views[0]).toMatchObject({ id: 'V1', sinceMs: NOW - HOUR_MS })
    expect(views[0]!.fields.map(({ name }) => name)).toEqual(['Paddy 3', 'Paddy 7'])
    // what a person clears: those valves, and nothing of the whole controller
    expect(views.map(({ zoneIds }) => zoneIds)).toEqual([['z3', 'z7'], []])
  })

  it('at a device that is gone keeps its own field, and no name is made up', () => {
    const [view] = alertViews([alert({ cause: 'device-silent', deviceId: 'gone', fieldId: 'x' })], place)
    expect(view).toMatchObject({ deviceName: null, fields: [{ id: 'x', name: 'Elsewhere' }] })
  })
})

describe('a series on a phone', () => {
  const minutes = (count: number, stepMs: number) => ({
    atMs: Array.from({ length: count }, (_, i) => NOW + i * stepMs),
    value: Array.from({ length: count }, (_, i) => i),
  })

  it('is shown as it is while it is short', () => {
    expect(thin(minutes(72, 20 * MINUTE_MS), 20 * MINUTE_MS)).toEqual(minutes(72, 20 * MINUTE_MS))
    expect(thin({ atMs: [], value: [] }, MINUTE_MS)).toEqual({ atMs: [], value: [] })
  })

  it('has one null where readings are missing, so that no line is drawn over the gap', () => {
    const { atMs, value } = thin({ atMs: [0, 10, 20, 90, 100], value: [1, 2, 3, 4, 5] }, 10)
    expect(atMs).toEqual([0, 10, 20, 30, 90, 100])
    expect(value).toEqual([1, 2, 3, null, 4, 5])
  })

  it('of a month at one minute becomes means, without gaps of its own making', () => {
    const { atMs, value } = thin(minutes(30 * 1440, MINUTE_MS), MINUTE_MS)
    expect(atMs.length).toBeLessThanOrEqual(MOST_POINTS)
    expect(atMs.length).toBeGreaterThan(250)
    expect(value).not.toContain(null)
  })

  it('never has more than 300 points, and stays in order, whatever comes', () => {
    const series = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 40 * DAY_MS }), fc.option(fc.double({ noNaN: true }))), {
        maxLength: 2000,
      })
      .map((pairs) => [...new Map(pairs)].sort(([a], [b]) => a - b))
    fc.assert(
      fc.property(series, fc.integer({ min: 60_000, max: DAY_MS }), (pairs, stepMs) => {
        const { atMs, value } = thin(
          { atMs: pairs.map(([at]) => at), value: pairs.map(([, v]) => v) },
          stepMs,
        )
        expect(value.length).toBe(atMs.length)
        expect(atMs.length).toBeLessThanOrEqual(MOST_POINTS)
        for (let i = 1; i < atMs.length; i++) expect(atMs[i]!).toBeGreaterThan(atMs[i - 1]!)
      }),
      { seed: 7, numRuns: 200 },
    )
  })
})

describe('water ahead', () => {
  it('dries ever slower and never below the wilting point', () => {
    const chart = waterChart({
      days: [],
      state: { ...state, depletionMm: 80 },
      timeZone: 'UTC',
      fromMs: 0,
      nowMs: NOW,
      aheadDays: 30,
    })!
    const ahead = chart.left.slice(chart.nowIndex) as number[]
    expect(ahead).toHaveLength(31)
    const steps = ahead.slice(1).map((mm, i) => ahead[i]! - mm)
    for (const [i, step] of steps.entries()) expect(step).toBeLessThanOrEqual((steps[i - 1] ?? 6) + 1e-9)
    expect(ahead.at(-1)!).toBeGreaterThan(0)
    for (const [i, mm] of chart.lo.entries()) expect(mm!).toBeLessThanOrEqual(chart.hi[i]!)
  })

  it('begins where the span begins, between two midnights', () => {
    const midnight = (day: string, depletionMm: number) =>
      ({ day, depletionMm, depletionSdMm: 2, tawMm: 90 }) as FieldDayRow
    const days = [midnight('2026-07-21', 10), midnight('2026-07-22', 20), midnight('2026-07-23', 30)]
    const chart = waterChart({
      days,
      state,
      timeZone: 'UTC',
      fromMs: NOW - DAY_MS,
      nowMs: NOW,
      aheadDays: 0,
    })!
    // 23 July 05:30 lies 5.5 hours after midnight, on the way from 70 to 60 mm
    expect(chart.atMs).toEqual([NOW - DAY_MS, Date.parse('2026-07-24T00:00:00Z'), NOW])
    expect(chart.left).toEqual([70 - (10 * 5.5) / 24, 60, 50])
    expect(chart.nowIndex).toBe(2)
  })

  it('is not guessed when the use of the crop is unknown', () => {
    const chart = waterChart({
      days: [],
      state: { ...state, etcWholeDayMm: null },
      timeZone: 'UTC',
      fromMs: 0,
      nowMs: NOW,
      aheadDays: 7,
    })!
    expect([chart.atMs.length, chart.nowIndex]).toEqual([1, 0])
    expect(
      waterChart({ days: [], state: null, timeZone: 'UTC', fromMs: 0, nowMs: NOW, aheadDays: 7 }),
    ).toBeNull()
  })
})

describe('what the figures rest on', () => {
  const day = (name: string, ...notes: { key: string; params: Record<string, string | number> }[]) => ({
    day: name,
    notes: toJson(notes),
  })
  it('each kind once, as it was last said, with its days; the newest first', () =>
    expect(
      fieldNotes([
        day('2026-07-01', { key: 'rain-unknown', params: {} }),
        day('2026-07-02', { key: 'probe-nudge', params: { fromMm: 5, gainPercent: 30 } }),
        day(
          '2026-07-03',
          { key: 'et0-temperature', params: {} },
          { key: 'probe-nudge', params: { fromMm: 7, gainPercent: 40 } },
        ),
      ]),
    ).toEqual([
      {
        message: { key: 'probe-nudge', params: { fromMm: 7, gainPercent: 40 } },
        days: 2,
        lastDay: '2026-07-03',
      },
      { message: { key: 'et0-temperature', params: {} }, days: 1, lastDay: '2026-07-03' },
      { message: { key: 'rain-unknown', params: {} }, days: 1, lastDay: '2026-07-01' },
    ]))
  it('nothing, where nothing had to be said', () => expect(fieldNotes([day('2026-07-01')])).toEqual([]))
})

describe('rain', () => {
  it('counts for what stayed: drainage is shared with the irrigation of the day', () => {
    const day = { rainMm: 20, irrigationMm: 20, runoffMm: null, deepPercolationMm: 10 }
    const counted = (change: object) =>
      countedRainMm({ ...day, ...change } as Parameters<typeof countedRainMm>[0])
    expect(counted({})).toBe(15)
    expect(counted({ irrigationMm: 0 })).toBe(10)
    // 10 of it ran off: 10 and 20 went in, a third of what drained is the rain's
    expect(counted({ runoffMm: 10 })).toBeCloseTo(10 - 10 / 3, 9)
    expect(counted({ runoffMm: 20 })).toBe(0)
    expect(counted({ rainMm: 0, irrigationMm: 0 })).toBe(0)
    expect(counted({ rainMm: null })).toBeNull()
    expect(counted({ deepPercolationMm: null })).toBeNull()
  })
})

describe('the next run', () => {
  it('tells its condition without what plan remembers for itself', () => {
    const nextRun = {
      ...{ id: 'r', startMs: NOW, grossMm: 18, minutes: 130, state: 'approved' },
      skipIf: toJson({ key: 'rain-by', mm: 5, byMs: NOW, sinceDay: '2026-07-24', baseMm: 2 }),
    } as RunRow
    expect(fieldCard({ ...rows, nextRun }, NOW).next!.skipIf).toEqual({
      ...{ key: 'rain-by', mm: 5, byMs: NOW, fellMm: null },
    })
  })
})

describe('the condition of a run', () => {
  const condition = { key: 'rain-by', mm: 5, byMs: NOW, sinceDay: '2026-07-24', baseMm: 2 }
  const run = (set: Partial<RunRow>): RunRow => ({ ...set }) as RunRow
  const judged = toJson({ ...condition, fellMm: 7.2, judgedMs: NOW - 60_000 })
  it('that came true says how much fell, and when that was seen', () => {
    expect(skipIfView(run({ state: 'skipped', endedWhy: 'rain-came', skipIf: judged }))).toEqual({
      ...{ key: 'rain-fell', mm: 5, byMs: NOW - 60_000, fellMm: 7.2 },
    })
  })
  it('that did not says how little fell, once it ran; a run that was missed says nothing of the kind', () => {
    const short = toJson({ ...condition, fellMm: 1.4, judgedMs: NOW - 60_000 })
    expect(skipIfView(run({ state: 'done', endedWhy: 'timer', skipIf: short }))!.key).toBe('rain-short')
    expect(skipIfView(run({ state: 'approved', skipIf: short }))).toMatchObject({
      key: 'rain-by',
      fellMm: 1.4,
    })
    expect(skipIfView(run({ state: 'skipped', endedWhy: 'window-missed', skipIf: short }))!.key).toBe(
      'rain-by',
    )
  })
})
