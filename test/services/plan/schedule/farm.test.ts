/** A farm's rows through the schedule: the settings of a zone and a pump, and their effects. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import { reconcileRuns } from '../../../../services/plan/run/reconcile.ts'
import type { FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import type { ForecastResponse, ForecastHour } from '../../../../services/ports/forecast.ts'
import { toJson, type PumpSchedule, type RunRow, type ZoneSchedule } from '../../../../services/tables.ts'
import {
  at,
  fieldRow,
  irrigationRow,
  pumpRow,
  runRow,
  seasonRow,
  snapshot,
  stateRow,
  valveRow,
  zoneRow,
} from '../farm.ts'

const evening = at(-4)
const times = (nowMs: number) => ({
  nowMs,
  stateValidMs: 6 * HOUR_MS,
  silentBeforeMs: nowMs - 15 * MINUTE_MS,
})
const plan = (set: Partial<FarmSnapshot>, nowMs = evening) => planFarm(snapshot(set), times(nowMs))
const zone = (schedule: ZoneSchedule, set: Parameters<typeof zoneRow>[0] = {}) =>
  zoneRow({ schedule: toJson(schedule), ...set })
const pump = (schedule: PumpSchedule, set: Parameters<typeof pumpRow>[0] = {}) =>
  pumpRow({ schedule: toJson(schedule), ...set })
const run = (set: Partial<FarmSnapshot>, nowMs = evening) => plan(set, nowMs).outcomes[0]!.run
const noRoom = (set: Partial<FarmSnapshot>) => plan(set).advice[0]!.decision.params['reason']

const hour = (h: number, set: Partial<ForecastHour>): ForecastHour => ({
  atMs: at(h),
  tempC: 20,
  humidityPct: null,
  rainMm: null,
  rainChance: null,
  windMps: 1,
  gustMps: null,
  radiationWm2: null,
  cloud: null,
  ...set,
})
const hourly = (set: (h: number) => Partial<ForecastHour>): ForecastResponse => ({
  source: 'test',
  issuedMs: evening,
  days: [],
  hours: Array.from({ length: 300 }, (_, i) => hour(i - 4, set(i - 4))),
})

describe('an open valve without a run', () => {
  const nowMs = at(4, 30)
  const other = zoneRow({ id: 'zone-2', fieldId: 'field-2', controllerId: 'controller-2', mode: 'off' })
  const beside = (set: Parameters<typeof valveRow>[0], runs: RunRow[] = []) =>
    run(
      {
        fields: [fieldRow(), fieldRow({ id: 'field-2' })],
        seasons: [seasonRow(), seasonRow({ fieldId: 'field-2' })],
        states: [
          stateRow({ atMs: nowMs, depletionMm: 55 }),
          stateRow({ fieldId: 'field-2', atMs: nowMs, depletionMm: 0 }),
        ],
        zones: [zoneRow({ maxMinutes: 60 }), other],
        valves: [valveRow({ deviceId: 'controller-2', reportedAtMs: nowMs, heartbeatAtMs: nowMs, ...set })],
        runs,
      },
      nowMs,
    )
  const atOnce = { startMs: nowMs + MINUTE_MS, minutes: 60 }

  it('occupies its flow of the pump for an hour until the next plan', () => {
    expect(beside({ pos: 'closed' })).toMatchObject(atOnce)
    // 1,667 of 2,000 L/min are used, and the pressure has to settle
    expect(beside({ pos: 'open' })).toMatchObject({ startMs: nowMs + HOUR_MS + 2 * MINUTE_MS, minutes: 60 })
  })

  it('does not when its controller is offline, which has closed it', () => {
    const heardMs = nowMs - HOUR_MS
    expect(beside({ pos: 'open', reportedAtMs: heardMs, heartbeatAtMs: heardMs })).toMatchObject(atOnce)
  })

  it('a run that has opened it occupies the pump as long as it lasts', () => {
    const flowing = { zoneId: 'zone-2', fieldId: 'field-2', state: 'running', cause: 'manual' } as const
    const runs = [runRow({ ...flowing, startMs: nowMs - 10 * MINUTE_MS, minutes: 20 })]
    expect(beside({ pos: 'open' }, runs)).toMatchObject({ startMs: nowMs + 12 * MINUTE_MS, minutes: 60 })
  })
})

describe('the hours of a zone', () => {
  it('a sprinkler waits for the wind to fall, and shows the wind of its run', () => {
    const zones = [zone({ maxWindMps: 4 }, { maxMinutes: 120 })]
    const forecast = hourly((h) => ({ windMps: h < 6 ? 5.2 : 2.4 }))
    expect(run({ zones, forecast })).toMatchObject({ startMs: at(6), minutes: 120 })
    const { inputs } = plan({ zones, forecast }).advice[0]!.decision
    expect(inputs.find(({ key }) => key === 'wind')).toMatchObject({ value: 2.4, fresh: 'ok' })
  })

  it('a run that a rule has moved shows this, with the hours that it would have had', () => {
    const moved = (set: Partial<FarmSnapshot>) =>
      plan(set).advice[0]!.decision.terms.find(({ key }) => key === 'moved')?.params
    const forecast = hourly((h) => ({ windMps: h < 6 ? 5.2 : 2.4, tempC: h < 6 ? -1 : 5 }))
    const short = { maxMinutes: 60 }
    expect(moved({ zones: [zone({ maxWindMps: 4 }, short)], forecast })).toEqual({
      fromMs: at(4),
      reason: 'wind',
    })
    expect(moved({ zones: [zone({ frostBelowC: 1 }, short)], forecast })).toMatchObject({ reason: 'frost' })
    const attendedHours = [{ fromMin: 420, toMin: 540 }]
    expect(moved({ zones: [zone({ attendedHours }, short)] })).toMatchObject({ reason: 'labour' })
    // the rotation is two days after the first hours of the window
    const waterTurns = [{ fromDay: '2026-07-23', everyDays: 3, fromMin: 300, toMin: 480 }]
    expect(moved({ zones: [zone({ waterTurns }, short)] })).toEqual({ fromMs: at(4), reason: 'turn' })
  })

  it('a run in its first hours, or moved by another run or the price of the water, shows none of it', () => {
    const moved = (set: Partial<FarmSnapshot>) =>
      plan(set).advice.flatMap(({ decision }) => decision.terms.filter(({ key }) => key === 'moved'))
    const calm = hourly(() => ({ windMps: 1 }))
    const zones = [zone({ maxWindMps: 4 }, { maxMinutes: 60 })]
    expect(run({ zones, forecast: calm })).toMatchObject({ startMs: at(4) })
    expect(moved({ zones, forecast: calm })).toEqual([])
    const pumps = [pump({ tariff: [{ fromMin: 240, toMin: 420, perM3: 30 }] })]
    expect(run({ zones, forecast: calm, pumps })).toMatchObject({ startMs: at(7) })
    expect(moved({ zones, forecast: calm, pumps })).toEqual([])
  })

  it('with an unknown wind it is irrigated, and this is shown', () => {
    const zones = [zone({ maxWindMps: 4 })]
    expect(run({ zones })).toMatchObject({ startMs: at(4) })
    const { inputs } = plan({ zones }).advice[0]!.decision
    expect(inputs.find(({ key }) => key === 'wind')).toMatchObject({ value: null, fresh: 'lost' })
  })

  it('wind and frost limit sprinklers alone', () => {
    const forecast = hourly(() => ({ windMps: 9, tempC: -2 }))
    const limits = { maxWindMps: 4, frostBelowC: 1 }
    expect(noRoom({ zones: [zone(limits)], forecast })).toBe('wind')
    expect(noRoom({ zones: [zone({ frostBelowC: 1 })], forecast })).toBe('frost')
    expect(run({ zones: [zone(limits, { method: 'drip' })], forecast })).toMatchObject({ startMs: at(4) })
  })

  it('a field takes water on the days of its rotation alone', () => {
    // every third day from 5:00 to 8:00, on the 23rd and the 26th: two days after this evening
    const waterTurns = [{ fromDay: '2026-07-23', everyDays: 3, fromMin: 300, toMin: 480 }]
    expect(run({ zones: [zone({ waterTurns })] })).toMatchObject({
      startMs: at(48 + 5),
      minutes: 180,
      limit: 'turn',
    })
  })

  it('a second window of the day is used when the first is used up', () => {
    const zones = [zone({ windows: [{ fromMin: 1140, toMin: 1380 }] }, { maxMinutes: 60 })]
    const runs = [runRow({ state: 'done', minutes: 60 })]
    const states = [stateRow({ atMs: at(9), depletionMm: 50 })]
    expect(run({ zones, runs, states }, at(10))).toMatchObject({ startMs: at(19) })
    expect(run({ zones, states: [stateRow({ atMs: at(2), depletionMm: 50 })] }, at(3))).toMatchObject({
      startMs: at(4),
    })
  })

  it('a zone that needs a person is opened while one is present', () => {
    const zones = [zone({ attendedHours: [{ fromMin: 360, toMin: 1080 }] })]
    expect(run({ zones })).toMatchObject({ startMs: at(6), minutes: 180, limit: 'window' })
  })
})

describe('the water of a farm', () => {
  const two = (set: Partial<FarmSnapshot>): Partial<FarmSnapshot> => ({
    fields: [fieldRow(), fieldRow({ id: 'field-2' })],
    seasons: [seasonRow(), seasonRow({ fieldId: 'field-2' })],
    states: [stateRow(), stateRow({ fieldId: 'field-2' })],
    ...set,
  })
  const zones = [
    zoneRow({ maxMinutes: 100 }),
    zoneRow({ id: 'zone-2', fieldId: 'field-2', valve: 'V2', pumpId: 'sub', maxMinutes: 100 }),
  ]

  it('a sub-main draws on the pump that it is connected to', () => {
    const sub = pump({ feedsFrom: 'pump-1' }, { id: 'sub', capacityLpm: 1_700 })
    const starts = (pumps: FarmSnapshot['pumps']) =>
      plan(two({ zones, pumps })).outcomes.map((outcome) => outcome.run?.startMs)
    expect(starts([pumpRow(), sub])).toEqual([at(4), at(5, 42)])
    expect(starts([pumpRow(), { ...sub, schedule: null }])).toEqual([at(4), at(4)])
  })

  it('the cheap hours of the pump are used', () => {
    const tariff = [{ fromMin: 0, toMin: 360, perM3: 20 }]
    const cheap = [zoneRow({ maxMinutes: 100 })]
    expect(run({ zones: cheap, pumps: [pump({ tariff })] })).toMatchObject({ startMs: at(6) })
  })

  it('a pump with hours of its own runs in these alone, and so does what it feeds', () => {
    const zones = [zoneRow({ maxMinutes: 100 })]
    const late = { windows: [{ fromMin: 330, toMin: 600 }] }
    const main = pump(late, { id: 'main' })
    expect(run({ zones })).toMatchObject({ startMs: at(4) })
    expect(run({ zones, pumps: [pump(late)] })).toMatchObject({ startMs: at(5, 30) })
    expect(run({ zones, pumps: [pump({ feedsFrom: 'main' }), main] })).toMatchObject({ startMs: at(5, 30) })
    expect(noRoom({ zones, pumps: [pump({ windows: [{ fromMin: 720, toMin: 780 }] })] })).toBe('pump-hours')
  })

  it('the quota of the season is its rest; an unknown use leaves none', () => {
    const pumps = [pump({ season: { m3: 100, fromDay: '2026-04-01' } })]
    const seasonLitres = new Map([['pump-1', 40_000]])
    // 60 m³ at 1,667 L/min
    expect(run({ pumps, seasonLitres })).toMatchObject({ minutes: 36, limit: 'season-quota' })
    expect(noRoom({ pumps })).toBe('season-quota')
  })
})

describe('a dose in parts', () => {
  const cycle = { maxMinutes: 30, soakMinutes: 40 }
  const zones = [zone({ cycle }, { maxMinutes: 90 })]
  const changes = (set: Partial<FarmSnapshot>, nowMs = evening) => {
    const farm = snapshot({ zones, ...set })
    let id = 0
    const { outcomes } = planFarm(farm, times(nowMs))
    return reconcileRuns(farm, outcomes, { nowMs, planVersion: '1-new', newId: () => `new-${++id}` })
  }
  const dose = (): RunRow[] => changes({}).insert

  it('is one run for each part, with a pause that lets it soak in', () => {
    expect(dose().map(({ startMs, minutes, doseId }) => [startMs, minutes, doseId])).toEqual([
      [at(4), 30, 'new-1'],
      [at(5, 10), 30, 'new-1'],
      [at(6, 20), 30, 'new-1'],
    ])
    const whole = run({ zones })!
    expect(dose().reduce((sum, { grossMm }) => sum + grossMm, 0)).toBeCloseTo(whole.grossMm, 6)
  })

  it('is unchanged at the next plan', () => {
    const again = changes({ runs: dose() })
    expect(again.insert).toEqual([])
    expect(again.update).toEqual([])
  })

  it('its rest stays when its first part flows or has flowed, and no other is planned in addition', () => {
    const [first, ...rest] = dose()
    const flows = [{ ...first!, state: 'running' as const, updatedAtMs: at(4) }, ...rest]
    expect(changes({ runs: flows }, at(4, 10))).toMatchObject({ insert: [], update: [] })
    const flowed = [{ ...first!, state: 'done' as const, updatedAtMs: at(4, 30) }, ...rest]
    const irrigations = [
      irrigationRow({
        runId: first!.id,
        openedAtMs: at(4),
        closedAtMs: at(4, 30),
        netMm: 4,
        commandedMinutes: 30,
      }),
    ]
    expect(changes({ runs: flowed, irrigations }, at(4, 40))).toMatchObject({ insert: [], update: [] })
  })

  it('a part that flowed late moves the next one: the soil needs its pause', () => {
    const [first, ...rest] = dose()
    const runs = [{ ...first!, state: 'done' as const, updatedAtMs: at(4, 42) }, ...rest]
    const irrigations = [
      irrigationRow({ runId: first!.id, openedAtMs: at(4, 12), closedAtMs: at(4, 42), netMm: 4 }),
    ]
    expect(changes({ runs, irrigations }, at(4, 45)).update).toMatchObject([
      { id: rest[0]!.id, set: { startMs: at(5, 22) } },
    ])
  })

  it('a zone that is switched off gets no more of it', () => {
    const [first, ...rest] = dose()
    const runs = [{ ...first!, state: 'done' as const, updatedAtMs: at(4, 30) }, ...rest]
    const off = changes({ runs, zones: [{ ...zones[0]!, mode: 'off' }] }, at(4, 40))
    expect(off.update.map(({ id, set }) => [id, set.state])).toEqual(rest.map(({ id }) => [id, 'cancelled']))
  })
})
