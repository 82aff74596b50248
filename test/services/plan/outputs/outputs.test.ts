/** When a puffer, a siren and a fan are on: an unknown value never switches anything on. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { minutesAllowed, outputBounds, activeLimit } from '../../../../services/domain/auxiliary-outputs.ts'
import { decideOutput, type OutputConditions } from '../../../../services/plan/outputs/decide-output.ts'
import { nextOutputRun, usedMinutes } from '../../../../services/plan/outputs/next-output-run.ts'
import {
  outputKinds,
  toJson,
  type AuxOutputRow,
  type OutputRule,
  type AuxOutputRunRow,
} from '../../../../services/tables.ts'
import '../../../support/seed.ts'

const at = (hour: number, minute = 0) => Date.UTC(2026, 6, 6, hour - 9, minute) // on 6 July in Japan
const output = (changes: Partial<AuxOutputRow> = {}): AuxOutputRow => ({
  id: 'o',
  org: 'x',
  farmId: 'f',
  fieldId: 'g',
  name: 'N',
  kind: 'siren',
  deviceId: 'c',
  valve: 'S1',
  isOn: 1,
  switchedBy: 'u',
  switchedAtMs: 0,
  rule: toJson<OutputRule>({ by: 'birds' }),
  onMinutes: 2,
  hours: toJson([{ fromMin: 360, toMin: 1080 }]),
  quietHours: null,
  everyMinutes: 10,
  maxDailyMinutes: 60,
  maxWindMps: null,
  pausedUntilMs: null,
  reason: null,
  ...changes,
})
const facts = (changes: Partial<OutputConditions> = {}): OutputConditions => ({
  nowMs: at(9),
  timeZone: 'Asia/Tokyo',
  place: { latDeg: 36, lonDeg: 140, elevationM: 20 },
  trackers: [],
  air: { tempC: 20, windMps: 1 },
  sprayUntilMs: null,
  usedMinutes: 0,
  isOnNow: false,
  ...changes,
})
const allDay = toJson([{ fromMin: 0, toMin: 0 }])
const puffer = output({
  kind: 'puffer',
  hours: allDay,
  rule: toJson<OutputRule>({ by: 'flight', pest: 'codling-moth', fromCd: 0, toCd: 500 }),
})
const moth = (sumCd: number, throughDay: string | null = '2026-07-05') => [
  { subject: 'codling-moth', sumCd, throughDay },
]
const fan = output({
  kind: 'fan',
  rule: toJson<OutputRule>({ by: 'frost', belowC: 1 }),
  hours: allDay,
  maxWindMps: 2.5,
})

describe('a siren against birds', () => {
  it('is on by day within its hours, not after sunset, not outside them', () => {
    expect(decideOutput(output(), facts())).toMatchObject({ isWanted: true, key: 'birds-on' })
    const late = output({ hours: toJson([{ fromMin: 360, toMin: 1320 }]) })
    expect(decideOutput(late, facts({ nowMs: at(21) }))).toMatchObject({
      isWanted: false,
      key: 'birds-night',
    })
    expect(decideOutput(output(), facts({ nowMs: at(19) }))).toMatchObject({ key: 'outside-hours' })
  })

  it('is off once its day is used up, in quiet hours, after a STOP, and before it is enabled', () => {
    const key = (changes: Partial<AuxOutputRow>, of: Partial<OutputConditions> = {}) =>
      decideOutput(output(changes), facts(of)).key
    expect(key({}, { usedMinutes: 60 })).toBe('day-limit')
    expect(key({ quietHours: toJson({ fromMin: 1140, toMin: 600 }) })).toBe('quiet')
    expect(key({ pausedUntilMs: at(10) })).toBe('paused')
    expect(key({ isOn: 0 })).toBe('off')
    expect(key({ rule: null })).toBe('no-rule')
  })
})

describe('a puffer of pheromones', () => {
  const decide = (watches: OutputConditions['trackers']) => decideOutput(puffer, facts({ trackers: watches }))
  it('follows the flight by the heat sum of its pest, and shows the sum', () => {
    expect(decide(moth(0))).toMatchObject({
      isWanted: true,
      key: 'flight-on',
      params: { sumCd: 0, toCd: 500 },
    })
    expect(decide(moth(500)).isWanted).toBe(true)
    expect(decide(moth(500.1))).toMatchObject({ isWanted: false, key: 'flight-over' })
    const later = output({
      kind: 'puffer',
      hours: allDay,
      rule: toJson<OutputRule>({ by: 'flight', pest: 'codling-moth', fromCd: 100, toCd: 500 }),
    })
    expect(decideOutput(later, facts({ trackers: moth(99) }))).toMatchObject({ key: 'flight-ahead' })
  })

  it('stays off where the sum is unknown: no tracker, no day, a sum of last week', () => {
    for (const watches of [[], moth(100, null), moth(100, '2026-07-03')])
      expect(decide(watches)).toMatchObject({ isWanted: false, key: 'flight-unknown' })
    expect(decide(moth(100, '2026-07-04')).isWanted).toBe(true)
  })
})

describe('a fan against frost', () => {
  const decide = (of: Partial<OutputConditions>) => decideOutput(fan, facts(of))
  const air = (tempC: number | null, windMps: number | null) => ({ air: { tempC, windMps } })
  it('starts below its limit, and runs until the air has warmed by a degree', () => {
    expect(decide(air(1, 0.5))).toMatchObject({ isWanted: true, key: 'frost-on' })
    expect(decide(air(1.5, 0.5))).toMatchObject({ isWanted: false, key: 'frost-no' })
    expect(decide({ ...air(1.5, 0.5), isOnNow: true }).isWanted).toBe(true)
    expect(decide({ ...air(2.1, 0.5), isOnNow: true }).isWanted).toBe(false)
  })

  it('is off in wind, while a spray is near, or where temperature or wind are unknown', () => {
    expect(decide(air(-1, 3))).toMatchObject({
      isWanted: false,
      key: 'windy',
      params: { wind: 3, most: 2.5 },
    })
    expect(decide(air(-1, null))).toMatchObject({ isWanted: false, key: 'wind-unknown' })
    expect(decide(air(null, 1))).toMatchObject({ isWanted: false, key: 'frost-unknown' })
    expect(decide({ ...air(-1, 1), sprayUntilMs: at(12) })).toMatchObject({ isWanted: false, key: 'sprayed' })
  })
})

describe('runs of an output', () => {
  const on = { isWanted: true, key: 'birds-on', params: {} } as const
  const off = { isWanted: false, key: 'birds-night', params: {} } as const
  const x = {
    nowMs: at(9),
    lookAgainMs: at(9, 5),
    timeZone: 'Asia/Tokyo',
    usedMinutes: 0,
    newId: () => 'new',
  }
  const turn = (fromMs: number, changes: Partial<AuxOutputRunRow> = {}): AuxOutputRunRow => ({
    id: 't',
    org: 'x',
    farmId: 'f',
    fieldId: 'g',
    outputId: 'o',
    fromMs,
    minutes: 2,
    state: 'done',
    reason: toJson({ key: 'birds-on', params: {} }),
    commandId: 'c',
    ranMs: 120_000,
    endReason: 'timer',
    ...changes,
  })

  it('begin now, then each ten minutes, and never two at once', () => {
    expect(nextOutputRun(output(), [], on, x).insert).toMatchObject({
      fromMs: at(9),
      minutes: 2,
      state: 'due',
    })
    expect(nextOutputRun(output(), [turn(at(8, 53))], on, x).insert).toMatchObject({ fromMs: at(9, 3) })
    expect(nextOutputRun(output(), [turn(at(8, 56))], on, x).insert).toBeNull()
    expect(nextOutputRun(output(), [turn(at(9), { state: 'due' })], on, x).insert).toBeNull()
  })

  it('of a fan follow on each other without a gap', () => {
    const own = { ...fan, onMinutes: 30, everyMinutes: 30, maxDailyMinutes: 720 }
    const running = turn(at(8, 32), { minutes: 30, state: 'sent', ranMs: null })
    expect(nextOutputRun(own, [running], on, x).insert).toMatchObject({ fromMs: at(9, 2), minutes: 30 })
  })

  it('end with the hours, with the day’s minutes, and when they are no longer wanted', () => {
    const short = output({ hours: toJson([{ fromMin: 360, toMin: 541 }]) })
    expect(nextOutputRun(short, [], on, x).insert).toMatchObject({ minutes: 1 })
    expect(nextOutputRun(output(), [], on, { ...x, usedMinutes: 59 }).insert).toMatchObject({ minutes: 1 })
    expect(nextOutputRun(output(), [], on, { ...x, usedMinutes: 59.5 }).insert).toBeNull()
    const both = [turn(at(8, 59), { id: 'a', state: 'sent' }), turn(at(9, 3), { id: 'b', state: 'due' })]
    expect(nextOutputRun(output(), both, off, x)).toEqual({ insert: null, end: ['a'], skip: ['b'] })
  })

  it('count in full where their duration is unknown', () => {
    const turns = [turn(at(1), { ranMs: null }), turn(at(2)), turn(at(3), { state: 'skipped', ranMs: null })]
    expect(usedMinutes(turns, at(0))).toBe(4)
    expect(usedMinutes(turns, at(2))).toBe(2)
  })
})

it('for any hours, quiet time, limit and sums: never on in quiet time, out of hours, or for longer than a day allows', () => {
  const minute = fc.integer({ min: 0, max: 1440 })
  const hours = fc.record({ fromMin: minute, toMin: minute })
  const any = fc.record({
    kind: fc.constantFrom(...outputKinds),
    hours: fc.array(hours, { minLength: 1, maxLength: 3 }),
    quietHours: fc.option(hours),
    looks: fc.array(fc.record({ wants: fc.boolean(), gap: fc.integer({ min: 1, max: 30 }) }), {
      maxLength: 60,
    }),
    maxDailyMinutes: fc.integer({ min: 1, max: 60 }),
    onMinutes: fc.integer({ min: 1, max: 3 }),
    everyMinutes: fc.integer({ min: 10, max: 40 }),
  })
  fc.assert(
    fc.property(any, ({ looks, hours, quietHours, ...own }) => {
      const row = output({
        ...own,
        hours: toJson(hours),
        quietHours: quietHours === null ? null : toJson(quietHours),
      })
      const turns: AuxOutputRunRow[] = []
      let nowMs = at(0)
      for (const { wants, gap } of looks) {
        nowMs += gap * MINUTE_MS
        const used = usedMinutes(turns, at(0))
        const verdict = decideOutput(
          {
            ...row,
            rule: wants ? toJson<OutputRule>({ by: 'hours' }) : null,
            maxWindMps: null,
            kind: 'puffer',
          },
          facts({ nowMs, usedMinutes: used }),
        )
        const { insert } = nextOutputRun(row, turns, verdict, {
          nowMs,
          lookAgainMs: nowMs + MINUTE_MS,
          timeZone: 'Asia/Tokyo',
          usedMinutes: used,
          newId: () => 'n',
        })
        if (!insert) continue
        expect(wants).toBe(true)
        for (let m = 0; m < insert.minutes; m++)
          expect(activeLimit(row, insert.fromMs + m * MINUTE_MS, 'Asia/Tokyo')).toBeNull()
        const last = turns.at(-1)
        if (last) expect(insert.fromMs - last.fromMs).toBeGreaterThanOrEqual(row.everyMinutes * MINUTE_MS)
        turns.push({ ...insert, state: 'done', ranMs: insert.minutes * MINUTE_MS })
      }
      expect(usedMinutes(turns, at(0))).toBeLessThanOrEqual(row.maxDailyMinutes)
    }),
    { numRuns: 60 },
  )
})

it('the bounds of each kind are consistent', () => {
  for (const kind of outputKinds) {
    const { maxOnMinutes, maxDailyMinutes, rules } = outputBounds[kind]
    expect(maxOnMinutes).toBeLessThanOrEqual(maxDailyMinutes)
    expect(rules.length).toBeGreaterThan(0)
  }
  expect(minutesAllowed(output({ isOn: 0 }), at(9), 'Asia/Tokyo', 60)).toBe(0)
})
