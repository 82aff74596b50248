import { describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { decideKeys } from '../../../../services/plan/decide/message-keys.ts'
import { decisionSession } from '../../../../services/plan/decide/session.ts'
import { firstDay, setup } from './contract-example.ts'

type Answer = {
  type: string
  day: string
  irrigateMm: number
  why: { key: string; mm?: number }[]
  message: string
  line: number
}
const talk = (lines: (object | string)[]): Answer[] => {
  const answer = decisionSession()
  return lines.flatMap((line) => {
    const text = answer(typeof line === 'string' ? line : JSON.stringify(line))
    return text === null ? [] : [JSON.parse(text) as Answer]
  })
}
const keys = (answer: Answer) => answer.why.map(({ key }) => key)

describe('the decision model over JSON lines', () => {
  it('returns the output of the contract example', () => {
    const [, decision] = talk([setup, firstDay])
    expect(decision).toMatchObject({ type: 'decision', day: '1995-05-01', irrigateMm: 0 })
    const depletion = decision!.why[0]!
    expect(depletion.key).toBe('depletion')
    // 0.06 x 300 mm at planting, and the use of the half dry surface and the seed from 4.4 mm
    expect(depletion.mm).toBeGreaterThan(17)
    expect(depletion.mm).toBeLessThan(24)
  })

  it('returns an error with the number of a bad line and continues', () => {
    const answers = talk([
      firstDay,
      setup,
      'nonsense',
      '',
      { type: 'night' },
      { ...firstDay, weather: { rainMm: -1 } },
      firstDay,
    ])
    expect(answers.map(({ type }) => type)).toEqual(['error', 'ready', 'error', 'error', 'error', 'decision'])
    expect(answers.filter(({ type }) => type === 'error').map(({ line }) => line)).toEqual([1, 3, 5, 6])
    expect(answers[4]!.message).toMatch(/weather\.rainMm.*-1/)
  })

  it('names the error of a setup, and the value found', () => {
    const wrong = (field: object, site: object = {}) =>
      talk([{ ...setup, site: { ...setup.site, ...site }, field: { ...setup.field, ...field } }])[0]!.message
    expect(wrong({ soil: { texture: 'cheese' } })).toMatch(/soil.*cheese/)
    expect(wrong({ soil: { layers: [{ toM: 1, fieldCapacity: 0.1, wiltingPoint: 0.2 }] } })).toMatch(
      /wiltingPoint.*0.2/,
    )
    expect(wrong({ plantingDay: 'May' })).toMatch(/plantingDay/)
    expect(wrong({}, { timeZone: 'Mars/Olympus' })).toMatch(/timeZone.*Mars/)
  })

  it('works with the minimum: no forecast, history, sensors, ET0, economics or initial water, and reports this', () => {
    const { sensors: _s, economics: _e, history: _h, ...bare } = setup
    const { initialVwc: _i, irrigation: _r, ...field } = bare.field
    const day = { type: 'day', day: '1995-05-01', weather: { tMinC: 7.2, tMaxC: 19.8, rainMm: 0 } }
    const [, decision] = talk([{ ...bare, field }, day])
    expect(decision!.type).toBe('decision')
    expect(keys(decision!)).toEqual(
      expect.arrayContaining([
        'no-history',
        'no-economics',
        'no-initial-water',
        'no-soil-moisture',
        'no-forecast',
        'no-applied',
        'et0-hargreaves',
      ]),
    )
    const [, , blind] = talk([{ ...bare, field }, day, { type: 'day', day: '1995-05-02' }])
    expect(keys(blind!)).toEqual(expect.arrayContaining(['et0-expected', 'no-rain']))
  })

  it('bridges missing days and rejects days that go back', () => {
    const [, , later, again] = talk([
      setup,
      firstDay,
      { ...firstDay, day: '1995-05-05' },
      { ...firstDay, day: '1995-05-05' },
    ])
    expect(keys(later!)).toContain('days-missing')
    expect(later!.why[0]!.mm).toBeGreaterThan(10)
    expect(again).toMatchObject({ type: 'error' })
  })

  describe('a second setup of the same field', () => {
    /** A sensor that reads 0.05 too much, in a field that is well irrigated and drained: FC is 0.22. */
    const season = (year: number, days: number) =>
      Array.from({ length: days }, (_, i) => ({
        type: 'day',
        day: addDays(`${year}-05-01`, i),
        weather: { tMinC: 12, tMaxC: 26, rainMm: i % 3 === 0 ? 25 : 0, et0Mm: 4 },
        soilMoisture: { s1: 0.265 + 0.001 * (i % 3), s2: 0.214 + 0.001 * (i % 2) },
        appliedMm: 0,
      }))
    const next = { ...setup, field: { ...setup.field, plantingDay: '1996-05-01', initialVwc: null } }
    const day = { ...season(1996, 1)[0]!, weather: { rainMm: 0, et0Mm: 4 }, soilMoisture: { s1: 0.2 } }
    const depletion = (answers: Answer[]) => answers.at(-1)!.why[0]!.mm!

    it('carries over the biases of its sensors, reports this, and takes the same reading for drier', () => {
      const known = talk([setup, ...season(1995, 90), next, day])
      const fresh = talk([next, day])
      expect(keys(known.at(-1)!)).toContain('from-last-season')
      expect(keys(fresh.at(-1)!)).not.toContain('from-last-season')
      expect(depletion(known)).toBeGreaterThan(depletion(fresh) + 1)
    })

    it('another soil, another place or other sensors are another field; so is a season of a few days', () => {
      const others = [
        { ...next, site: { ...next.site, latDeg: 41 } },
        { ...next, field: { ...next.field, soil: { texture: 'loam' } } },
        { ...next, sensors: [{ id: 's1', depthM: 0.3 }] },
      ]
      for (const other of others)
        expect(keys(talk([setup, ...season(1995, 90), other, day]).at(-1)!)).not.toContain('from-last-season')
      expect(keys(talk([setup, ...season(1995, 20), next, day]).at(-1)!)).not.toContain('from-last-season')
    })
  })

  it('a second setup begins a season of its own', () => {
    const once = talk([setup, firstDay])
    const twice = talk([
      setup,
      firstDay,
      { ...firstDay, day: '1995-05-02', weather: { ...firstDay.weather, rainMm: 90 } },
      setup,
      firstDay,
    ])
    expect(twice.slice(-2)).toEqual(once)
  })

  it('keeps maize from losing yield through a dry season, inside every limit, and irrigates less than it uses', () => {
    const answer = decisionSession()
    answer(JSON.stringify({ ...setup, sensors: [] }))
    let appliedMm = 0
    let totalMm = 0
    for (let i = 0; i < 140; i++) {
      const day = addDays('1995-05-01', i)
      const decision = JSON.parse(
        answer(JSON.stringify({ type: 'day', day, weather: { rainMm: 0, et0Mm: 6 }, appliedMm }))!,
      ) as Answer
      appliedMm = decision.irrigateMm
      totalMm += appliedMm
      expect(appliedMm === 0 || (appliedMm >= 5 && appliedMm <= 60)).toBe(true)
      // 1.35 m of sandy loam hold 162 mm: never near dry before it ripens
      if (i < 115) expect(decision.why[0]!.mm).toBeLessThan(0.8 * 162)
    }
    expect(totalMm).toBeGreaterThan(300)
    // Kcb 0.15-1.15 x 6 mm over 140 days, and the water of the soil at planting
    expect(totalMm).toBeLessThan(700)
  })

  it('irrigation at the end of a season is what the crop can still use: the soil is left dry', () => {
    const answer = decisionSession()
    answer(JSON.stringify({ ...setup, sensors: [] }))
    let appliedMm = 0
    const last: number[] = []
    let depletionMm = 0
    for (let i = 0; i < 150; i++) {
      const decision = JSON.parse(
        answer(
          JSON.stringify({
            type: 'day',
            day: addDays('1995-05-01', i),
            weather: { rainMm: 0, et0Mm: 6 },
            appliedMm,
          }),
        )!,
      ) as Answer
      appliedMm = decision.irrigateMm
      if (i > 140) last.push(appliedMm)
      depletionMm = decision.why[0]!.mm!
    }
    expect(Math.max(...last)).toBe(0)
    expect(depletionMm).toBeGreaterThan(0.5 * 162)
  })

  it('uses only the keys of its list, whatever is missing', () => {
    const days = Array.from({ length: 40 }, (_, i) => ({
      type: 'day',
      day: addDays('1995-05-01', i),
      weather: i % 3 === 0 ? null : { tMinC: 8, tMaxC: 22, rainMm: i % 5 === 0 ? null : 0, et0Mm: null },
      soilMoisture: { s1: 0.15, s2: i % 2 === 0 ? null : 0.6 },
      appliedMm: i % 4 === 0 ? null : 0,
      forecast: i % 2 === 0 ? null : [{ day: addDays('1995-05-02', i), rainMm: null }],
    }))
    const { economics: _e, history: _h, ...bare } = setup
    const said = talk([{ ...bare, economics: { cropPricePerT: 180 } }, ...days]).slice(1)
    for (const answer of said) {
      expect(answer.type).toBe('decision')
      expect(Number.isFinite(answer.irrigateMm)).toBe(true)
      for (const key of keys(answer)) expect(Object.keys(decideKeys)).toContain(key)
    }
    const all = new Set(said.flatMap(keys))
    // the one with a constant 0.15 is dead, the one with 0.6 in sandy loam is biased
    for (const key of ['sensor-stuck', 'sensor-contradicted', 'no-water-cost', 'yield-usual'])
      expect(all).toContain(key)
  })

  it('refuses by name a percentage, a zero, a negative reading, and a system that can never run', () => {
    const answer = decisionSession()
    answer(JSON.stringify(setup))
    const day = (i: number, s1: number) =>
      JSON.parse(
        answer(
          JSON.stringify({
            type: 'day',
            day: addDays('1995-05-01', i),
            appliedMm: 0,
            soilMoisture: { s1, s2: 0.2 },
          }),
        )!,
      ) as Answer
    for (const [i, got] of [21.4, 0, -0.1].entries())
      expect(day(i, got).why).toContainEqual({ key: 'reading-refused', params: { sensor: 's1', got } })
    expect(keys(day(3, 0.21))).not.toContain('reading-refused')
    const irrigation = { maxMmPerDay: 4, minMm: 5 }
    expect(answer(JSON.stringify({ ...setup, field: { ...setup.field, irrigation } }))).toContain(
      'field.irrigation.minMm: at most maxMmPerDay (4) was expected, got 5',
    )
  })

  it('an irrigation that is not reported is taken as ordered, and said to be', () => {
    const answer = decisionSession()
    answer(JSON.stringify({ ...setup, history: [] }))
    let totalMm = 0
    let last: Answer | undefined
    for (let i = 0; i < 60; i++) {
      last = JSON.parse(
        answer(
          JSON.stringify({
            type: 'day',
            day: addDays('1995-05-01', i),
            weather: { tMinC: 14, tMaxC: 29, rainMm: 0, et0Mm: 6 },
          }),
        )!,
      ) as Answer
      totalMm += last.irrigateMm!
    }
    // at most what the air can take, at the efficiency of the system
    expect(totalMm).toBeGreaterThan(50)
    expect(totalMm).toBeLessThan((60 * 6 * 1.2) / (setup.field.irrigation?.efficiency ?? 1))
    expect(keys(last!)).toContain('no-applied')
  })

  it('a biased sensor does not move the field: its neighbour and the balance outweigh it', () => {
    const season = (lie: number | null) => {
      const answer = decisionSession()
      answer(JSON.stringify(setup))
      let mm = 0
      for (let i = 0; i < 30; i++) {
        const said = JSON.parse(
          answer(
            JSON.stringify({
              type: 'day',
              day: addDays('1995-05-01', i),
              weather: { rainMm: 0, et0Mm: 4 },
              appliedMm: 0,
              soilMoisture: { s1: 0.158 - 0.0005 * i, s2: lie === null ? null : lie + 0.0001 * i },
            }),
          )!,
        ) as Answer
        mm = said.why[0]!.mm!
      }
      return mm
    }
    expect(Math.abs(season(0.55) - season(null))).toBeLessThan(8)
  })
})
