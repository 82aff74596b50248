/** The decision and the advice of one paddy: locks, cold, storms, boards, a calculated level, a leak. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { depthsOf } from '../../../../services/agronomy/paddy/depths.ts'
import { paddyStages, type PaddyStage } from '../../../../services/agronomy/paddy/stages.ts'
import { defaultPaddy } from '../../../../services/agronomy/paddy/defaults.ts'
import { planChanges } from '../../../../services/plan/run/changeset.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import type { FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import {
  readTaskParams,
  toJson,
  type PaddyNow,
  type PaddyRow,
  type ZoneRow,
} from '../../../../services/tables.ts'
import { at, fieldRow, rainForecast, runRow, seasonRow, snapshot, stateRow, zoneRow } from '../farm.ts'
import { runs } from '../../../support/runs.ts'

const now = at(5, 5)
const season = (stage: PaddyStage, set: Partial<PaddyNow> = {}): PaddyNow => ({
  stage,
  from: 'heat',
  development: 0.5,
  developmentShift: 0,
  lastReport: null,
  drainage: null,
  loss: null,
  inletMmH: null,
  outletMmH: null,
  recent: [],
  levelDay: '2026-07-24',
  ...set,
})
const inlet = zoneRow({
  method: 'flood',
  efficiency: 1,
  applicationRateMmH: 10,
  areaM2: 3000,
  maxDepthMm: 300,
  maxMinutes: 900,
  windowFromMin: 0,
  windowToMin: 1440,
  pumpId: null,
})
const gate = zoneRow({ ...inlet, id: 'gate-1', method: 'outlet', controllerId: 'controller-2', valve: 'G1' })

function paddy(
  stage: PaddyStage,
  levelMm: number | null,
  x: {
    now?: Partial<PaddyNow>
    settings?: Partial<PaddyRow>
    zones?: ZoneRow[]
    set?: Partial<FarmSnapshot>
  } = {},
): FarmSnapshot {
  return snapshot({
    fields: [fieldRow({ kind: 'paddy', soilTexture: 'clay', areaM2: 3000 })],
    seasons: [seasonRow({ crop: 'rice', plantedDay: '2026-05-14' })],
    zones: x.zones ?? [inlet, gate],
    paddies: [{ fieldId: 'field-1', org: 'demo', ...defaultPaddy, ...x.settings }],
    tasks: [],
    states: [
      stateRow({
        atMs: at(5),
        depletionMm: null,
        tawMm: null,
        rawMm: null,
        etcTodayMm: 0,
        levelMm,
        levelAtMs: levelMm === null ? null : at(5),
        paddy: toJson(season(stage, x.now)),
      }),
    ],
    ...x.set,
  })
}
const times = { nowMs: now, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity }
const planOf = (farm: FarmSnapshot) => planFarm(farm, times)
const adviceOf = (farm: FarmSnapshot) => planOf(farm).advice[0]!
const runOf = (farm: FarmSnapshot, zoneId: string) =>
  planOf(farm).outcomes.find(({ need }) => need.zone!.id === zoneId)?.run ?? null
const draft = (farm: FarmSnapshot) => {
  let id = 0
  return planChanges(farm, planOf(farm), { nowMs: now, planVersion: '1', newId: () => `id-${++id}` })
}
const stormTomorrow = { forecast: rainForecast([0, 0, [60, 100, 140]], { issuedMs: at(4) }) } // 25 July

describe('a herbicide', () => {
  const herbicide = { settings: { herbicideDay: '2026-07-22' } }
  it('locks the outlet at any depth, and shows the day of its lock', () => {
    expect(runOf(paddy('tillering', 120, herbicide), 'gate-1')).toBeNull()
    expect(runOf(paddy('tillering', 120), 'gate-1')).not.toBeNull()
    expect(adviceOf(paddy('tillering', 35, herbicide)).decision).toMatchObject({
      key: 'paddy-locked',
      params: { day: 3, days: 7 },
    })
  })
  it('refills a little when the soil would show, and not before', () => {
    expect(runOf(paddy('rooting', 25, herbicide), 'zone-1')).toBeNull()
    expect(runOf(paddy('rooting', 25), 'zone-1')).not.toBeNull()
    const topUp = runOf(paddy('rooting', 4, herbicide), 'zone-1')!
    expect(topUp.netMm).toBeGreaterThan(30)
    expect(topUp.netMm).toBeLessThan(40)
  })
  it('no storage is created for a storm during the lock, and the board goes up', () => {
    const farm = paddy('tillering', 60, {
      settings: { ...herbicide.settings, storm: 'auto', boardMm: 60 },
      set: stormTomorrow,
      zones: [inlet],
    })
    expect(adviceOf(farm).decision).toMatchObject({
      key: 'paddy-board',
      params: { reason: 'herbicide', boardMm: 110 },
    })
  })
})

describe('cold at meiosis', () => {
  const cold = { recent: [{ minC: 15, meanC: 18 }] }
  it('fills deep, up to the limit of the bund and no further', () => {
    const run = runOf(paddy('booting', 50, { now: cold, settings: { bundMm: 350 } }), 'zone-1')!
    expect(run.netMm).toBeGreaterThan(145)
    expect(50 + run.netMm).toBeLessThanOrEqual(200 + 5)
    const low = runOf(paddy('booting', 50, { now: cold, settings: { bundMm: 220 } }), 'zone-1')!
    expect(50 + low.netMm).toBeLessThanOrEqual(120)
  })
  it('is shown while the water is deep', () => {
    const deep = paddy('booting', 185, { now: cold, settings: { bundMm: 350 } })
    expect(adviceOf(deep).decision).toMatchObject({
      key: 'paddy-cold',
      params: { meanC: 18, loMm: 150, hiMm: 200 },
    })
    expect(adviceOf(deep).decision.terms[0]).toMatchObject({
      key: 'paddy-stage',
      params: { reason: 'cold' },
    })
  })
})

describe('a storm', () => {
  it('creates storage where there is too little, after a request to a person', () => {
    const farm = paddy('intermittent', 90, { settings: { storm: 'approve' }, set: stormTomorrow })
    const run = runOf(farm, 'gate-1')!
    // 150 mm are tolerated: 60 of storage for 100 mm of rain
    expect(run.netMm).toBeCloseTo(40, 0)
    expect(adviceOf(farm)).toMatchObject({
      status: 'act',
      decision: { key: 'paddy-drain-approve', params: { reason: 'storm-room' } },
    })
    expect(draft(farm).changes.insert).toMatchObject([{ zoneId: 'gate-1', state: 'proposed' }])
    const auto = paddy('intermittent', 90, { settings: { storm: 'auto' }, set: stormTomorrow })
    expect(draft(auto).changes.insert).toMatchObject([{ zoneId: 'gate-1', state: 'approved' }])
  })
  it('has storage enough in a shallow field: nothing is drained, and nothing is filled', () => {
    const farm = paddy('tillering', 5, { set: stormTomorrow })
    expect(draft(farm).changes.insert).toEqual([])
    expect(adviceOf(farm).decision).toMatchObject({
      key: 'paddy-storm-ahead',
      params: { roomMm: 145, m3: 300 },
    })
  })
  it('drains no water that flowering needs', () => {
    const run = runOf(paddy('heading', 60, { settings: { storm: 'auto' }, set: stormTomorrow }), 'gate-1')!
    expect(60 - run.netMm).toBeGreaterThanOrEqual(20)
  })
  it('is stored while it falls, in m3, and drained slowly afterwards', () => {
    const raining = paddy('intermittent', 130, {
      set: { forecast: rainForecast([0, [60, 100, 140]], { issuedMs: at(4) }) },
    })
    raining.states = [{ ...raining.states[0]!, rainTodayMm: 60 }]
    expect(runOf(raining, 'gate-1')).toBeNull()
    expect(adviceOf(raining).decision).toMatchObject({ key: 'paddy-storm', params: { m3: 240, farmM3: 240 } })
    const after = paddy('intermittent', 130, {
      settings: { storm: 'auto' },
      set: { rainMm: new Map([['field-1', new Map([['2026-07-23', 110]])]]) },
    })
    expect(runOf(after, 'gate-1')!.netMm).toBeCloseTo(30, 0)
  })
  it('has no effect on a field that does not take part', () => {
    expect(
      runOf(paddy('intermittent', 90, { settings: { storm: 'off' }, set: stormTomorrow }), 'gate-1'),
    ).toBeNull()
  })
})

describe('a paddy far below its band', () => {
  it.each(['mid-season-drainage', 'intermittent', 'ripening'] as const)('is not green in %s', (stage) => {
    expect(adviceOf(paddy(stage, -450, { zones: [] })).status).toBe('act')
  })
  it('in mid-season drainage asks to look at the gauge, and at the edge of its band it does not', () => {
    expect(adviceOf(paddy('mid-season-drainage', -450)).decision).toMatchObject({
      key: 'paddy-too-dry',
      params: { levelMm: -450, loMm: -150 },
    })
    expect(adviceOf(paddy('mid-season-drainage', -180)).status).toBe('ok')
  })
  it('before the harvest is as it should be', () => {
    expect(adviceOf(paddy('final-drainage', -450)).status).toBe('ok')
  })
})

describe('an outlet with a board', () => {
  it('is a person’s work: out for mid-season drainage, once', () => {
    const farm = paddy('mid-season-drainage', 30, { zones: [inlet], settings: { boardMm: 80 } })
    const { tasks } = draft(farm)
    expect(tasks.insert).toMatchObject([{ kind: 'set-board', state: 'open' }])
    expect(readTaskParams(tasks.insert[0]!.params)).toEqual({ boardMm: 0, reason: 'mid-season' })
    expect(adviceOf(farm)).toMatchObject({
      status: 'act',
      decision: { key: 'paddy-board', params: { boardMm: 0 } },
    })
    const asked = paddy('mid-season-drainage', 30, {
      zones: [inlet],
      settings: { boardMm: 80 },
      set: { tasks: tasks.insert },
    })
    expect(draft(asked).tasks).toMatchObject({ insert: [], drop: [] })
    const doneIt = paddy('mid-season-drainage', 30, {
      zones: [inlet],
      settings: { boardMm: 0 },
      set: { tasks: tasks.insert },
    })
    expect(draft(doneIt).tasks.drop).toEqual([tasks.insert[0]!.id])
  })
  it('with an unknown height is requested only when it cannot wait', () => {
    expect(draft(paddy('tillering', 20, { zones: [inlet] })).tasks.insert).toEqual([])
    expect(draft(paddy('final-drainage', 40, { zones: [inlet] })).tasks.insert).toHaveLength(1)
  })
})

describe('a field without its gauge', () => {
  const workedOut = (levelDay: string | null) => {
    const farm = paddy('tillering', 4, { now: { levelDay } })
    farm.states = [{ ...farm.states[0]!, levelAtMs: null }]
    return farm
  }
  it('uses the loss since the last level, shows this, and needs approval', () => {
    const farm = workedOut('2026-07-22')
    expect(adviceOf(farm).decision.key).toBe('paddy-fill-approve')
    expect(adviceOf(farm).decision.terms).toContainEqual({
      key: 'level-calculated',
      mm: null,
      params: { day: '2026-07-22' },
    })
    expect(draft(farm).changes.insert).toMatchObject([{ state: 'proposed' }])
  })
  it('is unknown after a week, and without any level: never OK, never zero', () => {
    expect(adviceOf(workedOut('2026-07-16'))).toMatchObject({
      status: 'unknown',
      decision: { params: { reason: 'level-old' } },
    })
    expect(adviceOf(paddy('tillering', null))).toMatchObject({
      status: 'unknown',
      decision: { params: { reason: 'no-level' } },
    })
  })
})

it('while an inlet runs, the level with its water is that of the end of the run', () => {
  const startMs = at(5)
  const run = runRow({ startMs, minutes: 120, netMm: 20, grossMm: 20, state: 'running' })
  const terms = adviceOf(paddy('tillering', 10, { set: { runs: [run] } })).decision.terms
  const levelThen = terms.find(({ key }) => key === 'level-then')
  expect(terms.find(({ key }) => key === 'water-coming')?.mm).toBeGreaterThan(15)
  expect(levelThen?.params?.['atMs']).toBe(startMs + 120 * MINUTE_MS)
})

it('a field with a high loss at night is inspected before it is refilled', () => {
  const loss = { usualMmD: 11, nowMmD: 42, isHigh: true }
  const farm = paddy('tillering', 20, { now: { loss } })
  expect(adviceOf(farm)).toMatchObject({
    status: 'act',
    decision: { key: 'paddy-leak', params: { lossMm: 42, usualMm: 11 } },
  })
  expect(draft(farm).tasks.insert.map(({ kind }) => kind)).toContain('inspect-bund')
})

describe('any field', () => {
  const or = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
  const num = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  const farms = fc
    .record({
      stage: fc.constantFrom(...paddyStages),
      levelMm: or(num(-400, 320)),
      isWorkedOut: fc.boolean(),
      meanC: or(num(10, 33)),
      herbicideDay: or(fc.constantFrom('2026-07-15', '2026-07-20', '2026-07-24')),
      storm: fc.constantFrom('off' as const, 'approve' as const, 'auto' as const),
      bundMm: num(100, 400),
      freeboardMm: num(0, 200),
      adjustPercent: fc.integer({ min: -50, max: 50 }),
      mode: fc.constantFrom('auto' as const, 'approve' as const, 'advise' as const),
      rain: or(fc.array(fc.tuple(num(0, 160), num(0, 160), num(0, 160)), { minLength: 1, maxLength: 5 })),
      rainTodayMm: or(num(0, 150)),
      rateMmH: num(2, 40),
      flowing: fc.constantFrom(null, 'zone-1', 'gate-1'),
      approved: fc.constantFrom(null, 'zone-1', 'gate-1'),
      etcMm: or(num(0, 9)),
    })
    .map((x) => {
      const zone = { applicationRateMmH: x.rateMmH, adjustPercent: x.adjustPercent, mode: x.mode }
      const runs = [
        ...(x.flowing
          ? [
              runRow({
                id: 'flowing',
                zoneId: x.flowing,
                state: 'running',
                cause: 'paddy',
                startMs: now - HOUR_MS,
                minutes: 180,
                netMm: 3 * x.rateMmH,
              }),
            ]
          : []),
        ...(x.approved && x.approved !== x.flowing
          ? [
              runRow({
                id: 'approved',
                zoneId: x.approved,
                state: 'approved',
                cause: 'paddy',
                startMs: now + HOUR_MS,
                minutes: 200,
                netMm: 3 * x.rateMmH,
              }),
            ]
          : []),
      ]
      const farm = paddy(x.stage, x.levelMm, {
        now: { recent: [{ minC: x.meanC === null ? null : x.meanC - 5, meanC: x.meanC }] },
        settings: {
          herbicideDay: x.herbicideDay,
          storm: x.storm,
          bundMm: x.bundMm,
          freeboardMm: x.freeboardMm,
        },
        zones: [
          { ...inlet, ...zone },
          { ...gate, ...zone },
        ],
        set: {
          runs,
          forecast:
            x.rain &&
            rainForecast(
              x.rain.map((day) => [...day].sort((a, b) => a - b) as [number, number, number]),
              { issuedMs: at(4) },
            ),
        },
      })
      farm.states = [
        {
          ...farm.states[0]!,
          rainTodayMm: x.rainTodayMm,
          etcWholeDayMm: x.etcMm,
          ...(x.isWorkedOut ? { levelAtMs: null } : {}),
        },
      ]
      return { x, farm }
    })
  const each = (
    check: (given: {
      x: {
        levelMm: number | null
        herbicideDay: string | null
        bundMm: number
        freeboardMm: number
        flowing: string | null
        rateMmH: number
      }
      farm: FarmSnapshot
    }) => void,
  ) => fc.assert(fc.property(farms, check), { numRuns: runs(600) })

  it('inlet and outlet are never open together: neither in one plan nor across what flows', () => {
    each(({ farm }) => {
      const { changes } = draft(farm)
      // a proposal opens nothing; dispatch holds the pair apart once more
      const planned = [...changes.nextRunByZone.values()].filter(({ state }) => state === 'approved')
      expect(planned.length).toBeLessThanOrEqual(1)
      for (const run of planned)
        for (const other of farm.runs.filter(
          ({ state, zoneId }) => state === 'running' && zoneId !== run.zoneId,
        ))
          expect(run.startMs).toBeGreaterThan(other.startMs + other.minutes * MINUTE_MS)
    })
  })

  it('irrigation never rises above the bund less the freeboard', () => {
    each(({ x, farm }) => {
      const run = draft(farm).changes.nextRunByZone.get('zone-1')
      if (!run || x.levelMm === null) return
      const plan = planOf(farm).outcomes[0]!.need.need
      if (plan.kind !== 'paddy') throw new Error('a paddy was expected')
      const most = Math.max(0, x.bundMm - x.freeboardMm)
      expect(plan.plan.storedThenMm + run.minutes * (x.rateMmH / 60)).toBeLessThanOrEqual(most + 0.1)
    })
  })

  it('a plan never breaks a lock', () => {
    each(({ x, farm }) => {
      const isHeld = x.herbicideDay === '2026-07-20' || x.herbicideDay === '2026-07-24'
      if (!isHeld || x.levelMm === null || farm.states[0]!.levelAtMs === null) return
      const { changes } = draft(farm)
      expect(changes.nextRunByZone.has('gate-1')).toBe(false)
      // a run from before the herbicide is withdrawn
      const approved = farm.runs.find(({ id, zoneId }) => id === 'approved' && zoneId === 'gate-1')
      if (approved) expect(changes.update.map(({ id }) => id)).toContain('approved')
    })
  })

  it('an unknown level is shown as unknown, with no run and no NaN', () => {
    each(({ x, farm }) => {
      const { decision, status } = adviceOf(farm)
      for (const value of [
        ...Object.values(decision.params),
        ...decision.terms.flatMap(({ mm, params }) => [mm, ...Object.values(params ?? {})]),
      ])
        if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
      if (x.levelMm !== null || x.flowing !== null) return
      expect(status).toBe('unknown')
      expect(draft(farm).changes.insert).toEqual([])
    })
  })

  it('every stage has its depth and its source', () => {
    for (const stage of paddyStages) expect(depthsOf(stage).source.length).toBeGreaterThan(10)
  })
})
