/** What is remembered of a controller's water, across links that drop, reboots, and readings that come late. */
import { describe, expect, it } from 'vitest'
import type { State, Telemetry } from '../../../../broker/contract/messages.ts'
import { HOUR_MS, SECOND_MS } from '../../../../broker/contract/time.ts'
import { isExplained } from '../../../../services/dispatch/flow/flow-attribution.ts'
import type { ExpectedFlow } from '../../../../services/dispatch/flow/flow-limits.ts'
import {
  judgeTrack,
  newTrack,
  trackHeartbeat,
  trackState,
  trackTelemetry,
  type FlowTrack,
} from '../../../../services/dispatch/flow/flow-track.ts'

const none: ReadonlyMap<string, number> = new Map()
const expected = new Map<string, ExpectedFlow>([
  ['V1', { lpm: 60, sd: 0, from: 'learned' }],
  ['V2', { lpm: 60, sd: 0, from: 'learned' }],
])

/** `open`: the valves with the number of the run that is open. */
function told(
  track: FlowTrack,
  sess: string,
  sv: number,
  atS: number,
  open: Record<string, number>,
  litres: number | null = null,
) {
  const state: State = {
    v: 1,
    sess,
    sv,
    monoMs: atS * SECOND_MS,
    last: {},
    jr: [],
    capMs: 7_200_000,
    fw: 't',
    utcOk: false,
    valves: ['V1', 'V2'].map((id) => ({
      id,
      pos: id in open ? ('open' as const) : ('closed' as const),
      fb: null,
      seq: open[id] ?? 1,
      ranMs: 0,
      litres: id in open ? litres : null,
      why: 'x',
    })),
  }
  return trackState(track, state)
}

function metered(track: FlowTrack, boot: number, atS: number, total: number, nowS = atS, valve = 'V1') {
  const reading: Telemetry = {
    v: 1,
    n: atS,
    boot,
    monoMs: atS * SECOND_MS,
    measurements: [{ metering: { water: { total } }, tilth: { valve } }],
  }
  return trackTelemetry(track, reading, nowS * SECOND_MS)
}

const beat = (track: FlowTrack, sess: string, atS: number): FlowTrack =>
  trackHeartbeat(track, { sess, n: 1, monoMs: atS * SECOND_MS })

/** V1 open and healthy at 60 L/min until 300 s, read every 15 s. */
function watering(): FlowTrack {
  let track = told(newTrack, 'b1.c1.x', 1, 0, {})
  track = told(track, 'b1.c1.x', 2, 10, { V1: 1 })
  for (let atS = 15; atS <= 300; atS += 15) track = metered(track, 1, atS, atS - 10)
  return beat(track, 'b1.c1.x', 301)
}

describe('a link that was lost while a valve was open', () => {
  it('causes no verdict: water metered after the valve closed and received with the link is not counted as while open', () => {
    let track = told(watering(), 'b1.c2.y', 1, 900, {})
    track = beat(track, 'b1.c2.y', 905)
    // its lease ended at 360 s; the meter count is constant from then on, and all readings arrive now
    for (let atS = 315; atS <= 900; atS += 15) {
      track = metered(track, 1, atS, Math.min(atS, 360) - 10, 905)
      expect(judgeTrack(track, expected, none)).toEqual([])
    }
  })

  it('is judged again from the hello on', () => {
    let track = told(watering(), 'b1.c2.y', 1, 900, { V1: 1 })
    for (let atS = 900; atS <= 1_200; atS += 15) track = metered(track, 1, atS, 290)
    expect(judgeTrack(beat(track, 'b1.c2.y', 1_210), expected, none)).toMatchObject([{ kind: 'no-flow' }])
  })
})

describe('a controller that has restarted', () => {
  it('is not judged by its former clock, even if its new one has advanced further when it is received', () => {
    let track = told(watering(), 'b2.c1.z', 1, 500, { V1: 2 })
    track = beat(track, 'b2.c1.z', 900)
    // of before the restart, at instants that the new clock has passed as well
    for (let atS = 600; atS <= 800; atS += 15) track = metered(track, 1, atS, 290, 900)
    expect(judgeTrack(track, expected, none)).toEqual([])
  })

  it('is certain of its valves only up to the time of its new clock', () => {
    let track = beat(watering(), 'b1.c1.x', 5_000)
    track = told(track, 'b2.c1.z', 1, 500, { V1: 2 })
    for (let atS = 500; atS <= 800; atS += 15) track = metered(track, 2, atS, 290)
    expect(judgeTrack(track, expected, none)).toEqual([])
    expect(judgeTrack(beat(track, 'b2.c1.z', 801), expected, none)).toMatchObject([{ kind: 'no-flow' }])
  })
})

describe('several meters', () => {
  it('are judged separately: a leak hides no burst elsewhere, and comes last', () => {
    let track = told(newTrack, 'b1.c1.x', 1, 0, {})
    const lastS = (3 * HOUR_MS) / SECOND_MS
    for (let atS = 60; atS <= lastS; atS += 60) track = metered(track, 1, atS, Math.floor(atS / 200))
    for (let atS = lastS - 300; atS <= lastS; atS += 15) track = metered(track, 1, atS, atS, lastS, 'V2')
    expect(judgeTrack(beat(track, 'b1.c1.x', lastS + 2), expected, none)).toMatchObject([
      { kind: 'stuck', valves: ['V2'] },
      { kind: 'leak', valves: ['V1'] },
    ])
  })

  it('that are shared add nothing about a valve already found, and report everything to the contrary', () => {
    const shared = (kind: 'low' | 'high' | 'no-flow' | 'unscheduled') =>
      isExplained({ kind, valves: ['V1', 'V2'], lpm: 1, expectedLpm: 2 }, (valve) =>
        valve === 'V1' ? 'no-flow' : undefined,
      )
    expect(['low', 'no-flow'].map((kind) => shared(kind as 'low'))).toEqual([true, true])
    expect(['high', 'unscheduled'].map((kind) => shared(kind as 'high'))).toEqual([false, false])
    const nothingFound = isExplained({ kind: 'low', valves: ['V1'], lpm: 1, expectedLpm: 2 }, () => undefined)
    expect(nothingFound).toBe(false)
  })
})

describe('a pulse', () => {
  /** V1 open from 10 s on, its meter read every `everyS` as whole litres; gives every verdict. */
  function run(pulseLitres: number, lpm: number, everyS: number, forS: number) {
    const rated = new Map<string, ExpectedFlow>([['V1', { lpm, sd: 0, from: 'learned' }]])
    let track = told(newTrack, 'b1.c1.x', 1, 0, {})
    track = told(track, 'b1.c1.x', 2, 10, { V1: 1 })
    const verdicts = []
    for (let atS = 15; atS <= forS; atS += everyS) {
      const pulses = Math.floor(((atS - 10) * lpm) / 60 / pulseLitres)
      track = beat(metered(track, 1, atS, Math.round(pulses * pulseLitres)), 'b1.c1.x', atS + 2)
      verdicts.push(...judgeTrack(track, rated, none))
    }
    return verdicts
  }

  it('of gallons, rounded to litres on the wire, makes no healthy valve look too high', () => {
    for (const everyS of [5, 15, 60])
      for (const lpm of [8, 20, 75]) expect(run(37.854, lpm, everyS, 7_200)).toEqual([])
    for (const pulse of [3.785, 28.317, 378.54]) expect(run(pulse, 20, 15, 7_200)).toEqual([])
  })

  /** A run of V1 as the controller counts it with its states, once a minute. */
  function counted(
    before: FlowTrack,
    sv: number,
    atS: number,
    seq: number,
    minutes: number,
    litresAt: (m: number) => number,
  ) {
    let track = before
    const seen = []
    for (let minute = 0; minute <= minutes; minute++) {
      track = told(track, 'b1.c1.x', sv + minute, atS + 60 * minute, { V1: seq }, litresAt(minute))
      seen.push(
        ...judgeTrack(
          track,
          new Map([['V1', { lpm: 400, sd: 0, from: 'learned' }]]),
          new Map([['V1', 2_000]]),
        ),
      )
    }
    return { track: told(track, 'b1.c1.x', sv + minutes + 1, atS + 60 * minutes + 30, {}), seen }
  }
  const cubicMetres = (minute: number) => 1_000 * Math.floor((400 * minute) / 1_000)

  it('of a cubic metre is known from the records, and from one run to the next', () => {
    const first = counted(told(newTrack, 'b1.c1.x', 1, 0, {}), 2, 10, 1, 20, cubicMetres)
    const second = counted(first.track, 30, 2_000, 2, 20, cubicMetres)
    expect([first.seen, second.seen]).toEqual([[], []])
    const dry = counted(second.track, 60, 4_000, 3, 20, () => 0)
    expect(dry.seen[0]).toMatchObject({ kind: 'no-flow', valves: ['V1'] })
  })

  it('that was never seen makes a meter without movement insignificant', () => {
    const known = new Map([['V1', 5]])
    let track = told(newTrack, 'b1.c1.x', 1, 0, {})
    track = told(track, 'b1.c1.x', 2, 10, { V1: 1 })
    for (let atS = 15; atS <= 3_600; atS += 15) track = metered(track, 1, atS, 4_000)
    expect(judgeTrack(beat(track, 'b1.c1.x', 3_610), expected, known)).toEqual([])
  })
})
