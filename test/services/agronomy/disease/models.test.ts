/** The disease models on hours: risk, reason, and missing inputs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diseaseOf, diseases, type Disease } from '../../../../services/agronomy/disease/catalogue.ts'
import { epiriceSeverityPct } from '../../../../services/agronomy/disease/epirice.ts'
import {
  dailyFigures,
  assessDay,
  figuresFrom,
  wasAssessed,
} from '../../../../services/agronomy/disease/assess-day.ts'
import { diseaseReasonKeys } from '../../../../services/agronomy/disease/message-keys.ts'
import type { Figures } from '../../../../services/agronomy/disease/model.ts'
import type { DayHours } from '../../../../services/agronomy/disease/weather-hours.ts'
import { daysOfHours, since, type HourChange } from './hours.ts'

const row = (id: string): Disease => diseaseOf(id)!

/** Assesses days one after the other as in a season; returns the risk of each. */
function season(id: string, days: readonly DayHours[]) {
  const past: (Figures | null)[] = []
  let carried: Figures | null = null
  return days.map((day) => {
    const answer = assessDay(row(id), dailyFigures(row(id), day), { days: [...past], carried }, null)
    carried = figuresFrom(answer.reason.params)
    past.push(wasAssessed(answer.reason.params) ? carried : null)
    return answer
  })
}
const assess = (id: string, day: DayHours) => season(id, [day])[0]!
const repeat = (count: number, day: DayHours): DayHours[] => Array<DayHours>(count).fill(day)

describe('apple scab', () => {
  const rain = (from: number, to: number, change: HourChange = {}) =>
    daysOfHours((day, hour) =>
      since(day, hour) >= from && since(day, hour) < to ? { rainMm: 0.5, tempC: 10, ...change } : {},
    )
  it('11 h of rain by day at 10 °C infect (revised Mills: 11 h)', () => {
    expect(assess('apple-scab', rain(6, 17))).toMatchObject({
      level: 'high',
      value: 11,
      reason: { key: 'scab-infection', params: { wetC: 10, needH: 11 } },
      wetness: 'estimated',
    })
    expect(assess('apple-scab', rain(6, 16))).toMatchObject({
      level: 'low',
      reason: { key: 'scab-too-short' },
    })
  })
  it('rain that starts at night counts from sunrise', () => {
    expect(assess('apple-scab', rain(0, 16))).toMatchObject({ level: 'high', value: 11 })
    expect(assess('apple-scab', rain(-3, 15))).toMatchObject({ level: 'low', value: 10 })
  })
  it('a period that started the day before is counted from its start', () => {
    expect(assess('apple-scab', rain(-9, 3))).toMatchObject({ level: 'high', value: 12 })
  })
  it('wet leaves at midnight are not over yet', () => {
    expect(assess('apple-scab', rain(17, 24))).toMatchObject({
      level: 'moderate',
      reason: { key: 'scab-wet-still' },
    })
  })
  it('rain in the evening waits for sunrise', () => {
    expect(assess('apple-scab', rain(21, 24))).toMatchObject({
      level: 'moderate',
      value: 0,
      reason: { key: 'scab-wet-still', params: { wetC: 10, needH: 11 } },
    })
  })
  it('dew without rain releases no spores', () => {
    const dew = daysOfHours((_, hour) => ({ humidityPct: hour < 8 ? 97 : 60, tempC: 12 }))
    expect(assess('apple-scab', dew)).toMatchObject({
      level: 'low',
      value: 0,
      reason: { key: 'scab-no-rain' },
    })
  })
  it('cannot assess the risk without humidity since 3 o\'clock, and never reports "no risk" instead', () => {
    const silent = daysOfHours((day, hour) => (day === 0 && hour >= 3 ? { humidityPct: null } : {}))
    expect(assess('apple-scab', silent)).toEqual({
      level: 'unknown',
      value: null,
      unit: 'h',
      reason: { key: 'input-missing-since', params: { missing: 'wetness', since: '03:00', hours: 21 } },
      wetness: 'none',
    })
  })
  it('a leaf sensor replaces the humidity', () => {
    const measured = daysOfHours(() => ({ humidityPct: null, wetShare: 0 }))
    expect(assess('apple-scab', measured)).toMatchObject({ level: 'low', wetness: 'measured' })
  })
  it('a gap before a long dry spell does not matter', () => {
    const before = daysOfHours((day) => (day === -3 ? { humidityPct: null } : {}))
    expect(assess('apple-scab', before).level).toBe('low')
  })
})

describe('TOMCAST', () => {
  const wetNight = daysOfHours((_, hour) => (hour < 8 ? { wetShare: 1, tempC: 22 } : { wetShare: 0 })) // DSV 2
  it('eight wet hours at 22 °C are 2 severity values; after eight nights the week has 14', () => {
    const answers = season('tomato-early-blight', repeat(8, wetNight))
    expect(answers.map(({ value }) => value)).toEqual([2, 4, 6, 8, 10, 12, 14, 14])
    expect(answers[3]!.level).toBe('low')
    expect(answers[4]!.level).toBe('moderate')
    expect(answers[7]!.reason.params).toMatchObject({ seasonDsv: 16, missingDays: 0 })
  })
  it('a lost day leaves the level open only where it could change it', () => {
    const lost = daysOfHours(() => ({ humidityPct: null }))
    const [, , early] = season('tomato-early-blight', [wetNight, lost, wetNight])
    expect(early).toMatchObject({ level: 'low', reason: { params: { unknownDays: 1 } } }) // 4, at most 8
    const answers = season('tomato-early-blight', [...repeat(3, wetNight), lost, wetNight])
    expect(answers.map(({ level }) => level)).toEqual(['low', 'low', 'low', 'unknown', 'unknown'])
    expect(answers[4]!.reason.key).toBe('days-missing') // 8, at most 12
  })
})

describe('late blight, BLITECAST', () => {
  const humid = daysOfHours((_, hour) => ({ tempC: 16, humidityPct: hour < 10 || hour >= 18 ? 95 : 70 })) // 16 h: SV 3
  it('warns first when the season has 18 severity values, then by the week', () => {
    const answers = season('late-blight', [...repeat(7, humid), ...repeat(8, daysOfHours())])
    expect(answers.map(({ value }) => value).slice(0, 7)).toEqual([3, 6, 9, 12, 15, 18, 21])
    expect(answers.map(({ level }) => level).slice(4, 7)).toEqual(['low', 'high', 'high'])
    expect(answers[6]!.reason.key).toBe('blitecast-week')
    expect(answers.at(-1)).toMatchObject({ level: 'low', reason: { params: { weekSv: 0 } } })
  })
  it('warns after ten consecutive rain-favourable days', () => {
    const rainy = daysOfHours((_, hour) => ({ tempC: 16, rainMm: hour === 15 ? 35 : 0 }))
    const answers = season('late-blight', repeat(11, rainy))
    expect(answers.findIndex(({ level }) => level === 'high')).toBe(9)
  })
  it('Hutton needs two consecutive days', () => {
    expect(season('late-blight-hutton', repeat(2, humid)).map(({ level }) => level)).toEqual([
      'moderate',
      'high',
    ])
    const cold = daysOfHours((_, hour) => ({ tempC: 9, humidityPct: hour < 10 ? 95 : 70 }))
    expect(assess('late-blight-hutton', cold).level).toBe('low')
  })
})

describe('powdery mildew of grape', () => {
  const mild = daysOfHours((_, hour) => ({ tempC: hour >= 8 && hour < 14 ? 25 : 15, tempMaxC: 26 }))
  const cool = daysOfHours()
  const hot = daysOfHours((_, hour) => ({ tempC: hour >= 8 && hour < 14 ? 36 : 20, tempMaxC: 37 }))
  it('three mild days start the index at 60; it then goes up by 20 and down by 10 (UC IPM)', () => {
    const answers = season('grape-powdery-mildew', [mild, mild, mild, mild, mild, mild, hot, cool])
    expect(answers.map(({ value }) => value)).toEqual([0, 0, 60, 80, 100, 100, 90, 80])
    expect(answers[1]).toMatchObject({ level: 'low', reason: { key: 'mildew-not-started' } })
    expect(answers[2]!.level).toBe('high')
  })
  it('an unknown day is between the worst and the best, until the index has reached a bound', () => {
    const lost = daysOfHours(() => ({ tempC: null }))
    const answers = season('grape-powdery-mildew', [mild, mild, mild, lost, mild, mild, mild])
    expect(answers[3]!.level).toBe('unknown')
    expect(answers.at(-1)).toMatchObject({
      level: 'high',
      value: 100,
      reason: { params: { indexLo: 100, indexHi: 100 } },
    })
  })
})

describe('rice leaf blast', () => {
  const drizzle = daysOfHours((_, hour) => ({ tempC: 21, sunH: 0, rainMm: hour === 18 ? 0.5 : 0 }))
  it("drizzle in a calm, mild night is a favourable day; its wetness is the model's own", () => {
    const answers = season('rice-leaf-blast', repeat(5, drizzle))
    expect(answers.at(-1)).toMatchObject({
      level: 'high',
      value: 14,
      wetness: 'estimated',
      reason: { key: 'blast-favourable', params: { wetC: 21, mean5C: 21 } },
    })
  })
  it('without wind the risk is unknown', () => {
    expect(
      assess(
        'rice-leaf-blast',
        daysOfHours(() => ({ windMps: null })),
      ),
    ).toMatchObject({
      level: 'unknown',
      reason: { key: 'input-missing', params: { missing: 'wind' } },
    })
  })
  it('EPIRICE equals the published code, day by day', () => {
    // epicrop's SEIR (R) run independently: 22 + 4 sin(d/9) °C, every third day dry
    const disease = row('rice-leaf-blast-season')
    if (disease.model !== 'epirice') throw new Error('another model')
    const weather = Array.from({ length: 121 }, (_, d) => ({
      tempC: 22 + 4 * Math.sin(d / 9),
      isWet: d % 3 !== 2,
    }))
    const severity = epiriceSeverityPct(disease.params, weather)
    const days = [15, 16, 22, 30, 40, 50, 60, 80, 100, 120]
    const expected = [
      0, 0.044531, 0.043057, 0.086522, 0.275636, 0.684414, 1.156594, 0.839583, 0.115959, 0.009577,
    ]
    days.forEach((day, i) => expect(severity[day]).toBeCloseTo(expected[i]!, 6))
  })
})

describe('grape botrytis and downy mildew, potato, wheat, maize', () => {
  it('sixteen wet hours at 20 °C: 80 % (Broome et al. 1995)', () => {
    const wet = daysOfHours((day, hour) => ({
      wetShare: day === 0 && hour >= 4 && hour < 20 ? 1 : 0,
      tempC: 20,
    }))
    expect(assess('grape-botrytis', wet)).toMatchObject({ level: 'high', value: 80, wetness: 'measured' })
  })
  it('10 mm at 12 °C fit the 3-10 rule, if the shoots are long enough', () => {
    const rain = daysOfHours((day, hour) => ({ rainMm: day === -1 && hour === 20 ? 10 : 0, tempC: 12 }))
    expect(assess('grape-downy-mildew', rain)).toMatchObject({
      level: 'moderate',
      reason: { key: 'three-ten-if-shoots' },
    })
    expect(assess('grape-downy-mildew', daysOfHours()).level).toBe('low')
  })
  it('early blight of potato starts at 250 P-days', () => {
    const mild = daysOfHours((_, hour) => ({ tempC: hour < 12 ? 15 : 23, tempMaxC: hour < 12 ? 15 : 23 }))
    const answers = season('potato-early-blight', repeat(40, mild))
    const first = answers.find(({ level }) => level === 'moderate')!
    expect(first.value).toBeGreaterThanOrEqual(250)
    expect(answers.some(({ level }) => level === 'unknown')).toBe(false)
  })
  it('head blight needs two weeks of humidity', () => {
    const damp = daysOfHours(() => ({ humidityPct: 85 }))
    const answers = season('wheat-head-blight', repeat(14, damp))
    expect(answers[0]).toMatchObject({ level: 'unknown', value: null, reason: { key: 'days-missing' } })
    expect(answers[13]).toMatchObject({ level: 'high', value: 67 })
  })
  it('a crop that is not susceptible now has no warning', () => {
    const days = Array.from({ length: 13 }, () => ({ humidityPct: 85 }))
    const figures = dailyFigures(
      row('wheat-head-blight'),
      daysOfHours(() => ({ humidityPct: 85 })),
    )
    const answer = assessDay(row('wheat-head-blight'), figures, { days, carried: null }, 'initial')
    expect(answer).toMatchObject({ level: 'low', reason: { key: 'disease-stage' } })
  })
})

describe('any disease', () => {
  const nothing = daysOfHours(() => ({
    tempC: null,
    tempMinC: null,
    tempMaxC: null,
    humidityPct: null,
    rainMm: null,
    windMps: null,
    sunH: null,
  }))
  it.each(diseases.map(({ id }) => id))('%s: nothing measured is never "no risk"', (id) => {
    const answers = season(id, repeat(3, nothing))
    for (const answer of answers) expect(answer).toMatchObject({ level: 'unknown', value: null })
  })
  it('ids are unique, and an unconfirmed row names the figure to check', () => {
    expect(new Set(diseases.map(({ id }) => id)).size).toBe(diseases.length)
    for (const disease of diseases) expect(disease.confirmed).toBe(disease.check === null)
  })
  it('no figure is NaN, whatever the weather and its gaps', () => {
    const value = (min: number, max: number) =>
      fc.option(fc.double({ min, max, noNaN: true }), { nil: null, freq: 40 })
    const hour = fc.record({
      tempC: value(-40, 55),
      tempMinC: value(-45, 55),
      tempMaxC: value(-40, 60),
      humidityPct: value(0, 104),
      rainMm: fc.option(fc.constantFrom(0, 0, 0, 0.2, 3, 40), { nil: null, freq: 40 }),
      windMps: value(0, 40),
      sunH: value(0, 1),
      wetShare: fc.option(fc.constantFrom(0, 1), { nil: null }),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...diseases.map(({ id }) => id)),
        fc.array(fc.array(hour, { minLength: 120, maxLength: 120 }), { minLength: 1, maxLength: 3 }),
        (id, days) => {
          const answers = season(
            id,
            days.map((hours) => daysOfHours((day, at) => hours[since(day, at) + 96]!)),
          )
          for (const { level, value, reason } of answers) {
            expect(['low', 'moderate', 'high', 'unknown']).toContain(level)
            // the parameters of its text are there
            expect(Object.keys(reason.params)).toEqual(
              expect.arrayContaining([...diseaseReasonKeys[reason.key]]),
            )
            for (const number of [value, ...Object.values(reason.params)])
              if (typeof number === 'number') expect(Number.isFinite(number), reason.key).toBe(true)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
