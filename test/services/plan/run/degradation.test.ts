/** Decision and advice when something is missing: the table of docs/planner.md, line by line. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, type AtMs } from '../../../../broker/contract/time.ts'
import { soilFindings } from '../../../../services/agronomy/quality/soil.ts'
import { uplandFreshness } from '../../../../services/estimate/now/freshness.ts'
import { planChanges } from '../../../../services/plan/run/changeset.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import { freshForecast } from '../../../../services/plan/run/rain-outlook.ts'
import type { FarmSnapshot } from '../../../../services/plan/snapshot.ts'
import {
  readAlertParams,
  toJson,
  type FixedScheduleRow,
  type RunRow,
  type StateInput,
} from '../../../../services/tables.ts'
import { alertRow, at, rainForecast, runRow, snapshot, stateRow, valveRow, zoneRow } from '../farm.ts'
import { readCatalogue } from '../../../support/read-catalogue.ts'

const nowMs = at(-4, 5)
const stateValidMs = 6 * HOUR_MS

interface Line {
  decided: string
  run: string
  reasons: string[]
}
const doc = readFileSync(join(import.meta.dirname, '../../../../docs/planner.md'), 'utf8')
const lines = new Map<string, Line>(
  doc
    .slice(doc.indexOf('## When something is missing'))
    .split('\n')
    .filter((row) => row.startsWith('| `'))
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, id, , decided, run, reasons]) => [
      bare(id!),
      { decided: decided!, run: bare(run!), reasons: reasons!.split(', ').map(bare) },
    ]),
)
function bare(text: string): string {
  return text.replaceAll('`', '')
}

const probe = (set: Partial<StateInput> = {}): StateInput => ({
  key: 'soil.moisture',
  value: 18,
  unit: '% vol',
  atMs: at(-5),
  depthCm: 30,
  kind: 'measured',
  fresh: 'ok',
  ...set,
})
const weather = (set: Partial<StateInput> = {}): StateInput => ({
  key: 'weather',
  value: 5.2,
  unit: 'mm/d',
  atMs: at(-5),
  kind: 'measured',
  fresh: 'ok',
  ...set,
})
const silentSince = (atMs: AtMs) => ({
  freshness: uplandFreshness('lost', 'lost'),
  rainTodayMm: null,
  inputs: toJson([probe({ atMs, fresh: 'lost' }), weather({ atMs, fresh: 'lost' })]),
})
const fixedSchedule: FixedScheduleRow = {
  fieldId: 'field-1',
  org: 'demo',
  depthMm: 30,
  everyDays: 5,
  waterPricePerM3: null,
  currency: null,
}
const approvedRun = runRow({ state: 'approved', startMs: at(4), minutes: 300, grossMm: 50, netMm: 40 })
/** A month of an hourly sensor with its own small noise, the last 40 hours of one value. */
const stuckRecord = () => {
  const moisturePct = Array.from({ length: 720 }, (_, h) =>
    h < 680 ? 25 - h / 200 + ((h * 7919) % 13) / 40 : 21.5,
  )
  return {
    depthCm: 30,
    stepH: 1,
    moisturePct,
    waterMm: moisturePct.map(() => 0),
    soilTempC: moisturePct.map((_, h) => 20 + 4 * Math.sin((2 * Math.PI * h) / 24)),
  }
}

/** The farm of each line, and its assertions in addition to the table's own columns. */
const cases: Record<string, { farm: FarmSnapshot; also?: (run: RunRow | null, decision: Decision) => void }> =
  {
    'soil-late': {
      farm: snapshot({
        states: [
          stateRow({
            freshness: uplandFreshness('ok', 'late'),
            inputs: toJson([probe({ fresh: 'late' }), weather()]),
          }),
        ],
      }),
      also: (_run, { inputs }) => expect(inputs).toContainEqual(expect.objectContaining({ fresh: 'late' })),
    },
    'soil-lost': {
      farm: snapshot({
        states: [
          stateRow({
            freshness: uplandFreshness('ok', 'lost'),
            inputs: toJson([probe({ fresh: 'lost', atMs: at(-30) }), weather()]),
          }),
        ],
      }),
      also: (_run, { inputs }) =>
        expect(inputs).toContainEqual(
          expect.objectContaining({ key: 'soil.moisture', fresh: 'lost', atMs: at(-30) }),
        ),
    },
    'soil-lying': {
      farm: snapshot({
        states: [
          stateRow({
            freshness: uplandFreshness('ok', 'lost'),
            inputs: toJson([probe({ fresh: 'lost', atMs: at(-44) }), weather()]),
          }),
        ],
      }),
      also: () =>
        expect(soilFindings(stuckRecord())).toContainEqual(expect.objectContaining({ test: 'stuck' })),
    },
    'weather-lost': {
      farm: snapshot({
        states: [
          stateRow({
            freshness: uplandFreshness('lost', 'ok'),
            rainTodayMm: null,
            inputs: toJson([probe(), weather({ fresh: 'lost', atMs: at(-20) })]),
          }),
        ],
      }),
      also: (run) => expect(run!.rainSkip).toBeNull(),
    },
    'forecast-lost': {
      farm: snapshot(),
      also: (run, { terms, inputs }) => {
        expect(terms.find(({ key }) => key === 'rain-expected')).toMatchObject({ mm: null })
        expect(inputs.map(({ key }) => key)).not.toContain('forecast')
        expect(run!.rainSkip).not.toBeNull()
      },
    },
    'forecast-stale': {
      farm: snapshot({
        forecast: freshForecast(
          rainForecast(
            [
              [0, 1, 3],
              [0, 1, 3],
            ],
            { issuedMs: nowMs - 14 * HOUR_MS },
          ),
          nowMs,
        ),
      }),
      also: (_run, { inputs }) =>
        expect(inputs).toContainEqual(
          expect.objectContaining({ key: 'forecast', fresh: 'late', atMs: nowMs - 14 * HOUR_MS }),
        ),
    },
    'forecast-dropped': {
      farm: snapshot({
        forecast: freshForecast(rainForecast([50, 50], { issuedMs: nowMs - 25 * HOUR_MS }), nowMs),
      }),
      also: (_run, { inputs }) => expect(inputs.map(({ key }) => key)).not.toContain('forecast'),
    },
    'clock-back': {
      farm: snapshot({ states: [stateRow({ atMs: nowMs + DAY_MS })], runs: [approvedRun] }),
    },
    'meter-lost': {
      farm: snapshot({ valves: [valveRow({ litres: null })] }),
      also: (run) => {
        expect(run!.litres).toBeNull()
        expect(run!.minutes).toBe(300)
        const metered = snapshot({ valves: [valveRow({ litres: 0 })] })
        expect(standingOf(metered)!.litres).toBeGreaterThan(0)
      },
    },
    'controller-silent': {
      farm: snapshot({
        valves: [valveRow({ heartbeatAtMs: at(-9), reportedAtMs: at(-9) })],
        runs: [
          runRow({
            id: 'missed',
            state: 'skipped',
            endReason: 'controller-offline',
            startMs: at(-5),
            updatedAtMs: at(-5),
          }),
        ],
      }),
    },
    'valve-fault': { farm: snapshot({ alerts: [alertRow()] }) },
    'both-lost': {
      farm: snapshot({ states: [stateRow(silentSince(at(-12)))], fixedSchedules: [fixedSchedule] }),
    },
    'all-lost': {
      farm: snapshot({
        states: [stateRow(silentSince(at(-40)))],
        fixedSchedules: [fixedSchedule],
        lastWateredMs: new Map([['zone-1', at(-8 * 24)]]),
      }),
      also: (run, { params }) => {
        expect(run).toMatchObject({ grossMm: 30, minutes: 180, rainSkip: null })
        expect(params).toMatchObject({ mm: 30, days: 5, sinceMs: at(-40) })
      },
    },
    'all-lost-rest': {
      farm: snapshot({
        states: [stateRow(silentSince(at(-40)))],
        fixedSchedules: [fixedSchedule],
        lastWateredMs: new Map([['zone-1', at(-2 * 24 + 5)]]),
      }),
      also: (_run, { params }) => expect(params).toMatchObject({ nextMs: at(3 * 24) }),
    },
    'all-lost-stranger': { farm: snapshot({ states: [stateRow(silentSince(at(-40)))] }) },
    'estimate-stopped': {
      farm: snapshot({ states: [stateRow({ atMs: nowMs - 7 * HOUR_MS })], runs: [approvedRun] }),
    },
    'nothing-yet': { farm: snapshot({ states: [] }) },
  }

type Decision = ReturnType<typeof decide>['decision']
function decide(farm: FarmSnapshot) {
  const plan = planFarm(farm, { nowMs, stateValidMs, silentBeforeMs: nowMs - 10 * 60_000 })
  const draft = planChanges(farm, plan, { nowMs, planVersion: '1-test', newId: () => 'new' })
  const [field] = plan.advice
  return { ...field!, run: draft.changes.nextRunByZone.get('zone-1') ?? null }
}
const standingOf = (farm: FarmSnapshot): RunRow | null => decide(farm).run

/** Every key of a decision that a person sees. */
function keysOf({ decision, run }: ReturnType<typeof decide>): string[] {
  return [
    decision.key,
    decision.params.reason,
    decision.counterfactuals?.key,
    ...decision.terms.map(({ key }) => key),
    ...decision.inputs.map(({ key }) => `input.${key}`),
    // a run without litres is recorded by its rate
    run !== null && run.litres === null ? 'source.rate' : undefined,
  ].filter((key): key is string => typeof key === 'string')
}

const words = ['en', 'ja'].map((language) => readCatalogue(language))

describe('when something is missing', () => {
  it('every line of the table is tried here, and nothing else', () => {
    expect([...lines.keys()].sort()).toEqual(Object.keys(cases).sort())
    expect(lines.size).toBeGreaterThan(10)
  })

  it.each(Object.keys(cases))('%s: the decision and the keys are those of the table', (id) => {
    const { farm, also } = cases[id]!
    const line = lines.get(id)!
    const decision = decide(farm)
    const shown = decision.run === null ? 'none' : decision.run.state === 'approved' ? 'opens' : 'asks'
    expect(shown).toBe(line.run)
    expect(keysOf(decision)).toEqual(expect.arrayContaining(line.reasons))
    also?.(decision.run, decision.decision)
  })

  it.each(Object.keys(cases))('%s: is never shown as OK without water, nor by a blank', (id) => {
    const { status, run, decision } = decide(cases[id]!.farm)
    if (run === null) expect(['act', 'unknown']).toContain(status)
    expect(status).not.toBe('ok')
    expect(JSON.stringify(decision)).not.toMatch(/NaN|undefined|Infinity/)
  })

  it.each([...lines].flatMap(([id, { reasons }]) => reasons.map((key) => [id, key] as const)))(
    '%s: `%s` has a text in both languages',
    (_id, key) => {
      for (const texts of words)
        expect(
          Object.keys(texts).some((name) => name === key || name.endsWith(`.${key}`)),
          key,
        ).toBe(true)
    },
  )
})

describe("the farmer's fixed schedule", () => {
  const lost = (set: Partial<FarmSnapshot> = {}) =>
    snapshot({ states: [stateRow(silentSince(at(-40)))], fixedSchedules: [fixedSchedule], ...set })

  it('begins when soil and weather have been silent for a day, not before, and ends with the first reading', () => {
    const key = (sinceMs: AtMs): string =>
      decide(snapshot({ states: [stateRow(silentSince(sinceMs))], fixedSchedules: [fixedSchedule] })).decision
        .key
    expect(key(nowMs - DAY_MS)).toBe('cannot-judge')
    expect(key(nowMs - DAY_MS - 1)).toBe('fallback')
    expect(decide(snapshot({ fixedSchedules: [fixedSchedule] })).decision.key).toBe('irrigate')
  })

  it('waits for approval in mode approve, is shown to a person in mode advise, and is absent where a zone is off', () => {
    const inMode = (mode: 'approve' | 'advise' | 'off') => decide(lost({ zones: [zoneRow({ mode })] }))
    expect(inMode('approve')).toMatchObject({
      run: { state: 'proposed' },
      decision: { key: 'fallback-approve' },
    })
    expect(inMode('advise')).toMatchObject({
      run: { state: 'proposed' },
      decision: { key: 'fallback-manual' },
    })
    expect(inMode('off')).toMatchObject({ run: null, status: 'act', decision: { key: 'needs-off' } })
  })

  it('keeps every limit of the zone, and does not open a valve with a fault', () => {
    const short = decide(lost({ zones: [zoneRow({ maxMinutes: 60 })] }))
    expect(short.run).toMatchObject({ minutes: 60, grossMm: 10 })
    expect(short.decision.terms).toMatchObject([{ key: 'depth', params: { limit: 'max-minutes' } }])
    expect(decide(lost({ alerts: [alertRow()] }))).toMatchObject({
      run: null,
      decision: { key: 'needs-valve' },
    })
  })

  it('irrigates on its days: after a run it pauses for the interval', () => {
    let wateredMs = new Map<string, AtMs>()
    const watered: number[] = []
    for (let day = 0; day < 16; day++) {
      const farm = lost({ lastWateredMs: wateredMs })
      const at20 = nowMs + day * DAY_MS
      const plan = planFarm(farm, { nowMs: at20, stateValidMs, silentBeforeMs: -Infinity })
      const run = plan.outcomes[0]?.run
      if (!run) continue
      watered.push(day)
      wateredMs = new Map([['zone-1', run.startMs]])
    }
    expect(watered).toEqual([0, 5, 10, 15])
  })

  it('a state that stopped is lost too: the fixed schedule continues without it', () => {
    const stopped = stateRow({ ...silentSince(at(-60)), atMs: at(-50) })
    expect(decide(lost({ states: [stopped] })).decision.key).toBe('fallback')
  })

  it('without an entered schedule there is no fallback', () => {
    const { decision } = decide(lost({ fixedSchedules: [] }))
    expect(decision.key).toBe('cannot-judge')
    expect(readAlertParams(toJson(decision.params))).toMatchObject({ reason: 'inputs-lost' })
  })
})
