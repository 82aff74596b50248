/** Why: the decision in plain sentences in both languages: what, how much and when, and why. */
import { describe, expect, it } from 'vitest'
import { adviceOf, fillOf } from '../../dashboard/src/i18n/advice.ts'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import type { DecisionView } from '../../services/api/irrigation/plan-schemas.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const at = (time: string) => Date.parse(`2026-08-05T${time}:00+09:00`)
const sayIn = (language: string) =>
  createLocale(readCatalogue(language), { language, timeZone: 'Asia/Tokyo', nowMs: () => at('05:00') })
const told = (language: string, verdict: DecisionView['verdict'], terms: DecisionView['terms'] = []) =>
  adviceOf({ verdict, terms }, sayIn(language))

const irrigate = {
  key: 'irrigate-approve',
  params: { mm: 17.6, minutes: 127, atMs: at('06:00'), dueMs: at('11:00') },
}
const balance = (
  leftMm: number,
  rain: { mm: number | null; lo?: number; hi?: number },
): DecisionView['terms'] => [
  { key: 'available-now', mm: leftMm, lo: leftMm - 2, hi: leftMm + 2, params: { fullMm: 40 } },
  { key: 'crop-use', mm: -5.4, params: { untilMs: at('18:00') } },
  { key: 'rain-expected', ...rain, params: { byMs: at('18:00') } },
]
const noRain = { mm: 0, lo: 0, hi: 0.2 }

describe('an upland field', () => {
  it("states how much, when and how long, then the water left and the crop's use", () => {
    expect(told('en', irrigate, balance(2.1, noRain))).toEqual([
      'Approve 18 mm from 06:00, for 2 h 7 min.',
      'Enough water until 11:00 (2.1 mm left before stress).',
      'No rain is forecast.',
    ])
    expect(told('ja', irrigate, balance(2.1, noRain))).toEqual([
      '06:00 に 18 mm、2時間7分のかん水を承認してください。',
      '11:00 まで水は足ります（水不足まであと 2.1 mm）。',
      '雨の見込みはありません。',
    ])
  })

  it('that is dry already is reported as short, never as less than zero left', () => {
    expect(told('en', irrigate, balance(-3, noRain))[1]).toBe(
      'Already 3 mm below the point where irrigation starts.',
    )
  })

  it('states the forecast rain and how much of it is counted, or that there is no forecast', () => {
    const rainOf = (rain: { mm: number | null; lo?: number; hi?: number }) =>
      told('en', irrigate, balance(2, rain))[2]
    expect(rainOf({ mm: 4, lo: 4, hi: 12 })).toBe('4 to 12 mm of rain may fall; 4 mm of it is counted.')
    expect(rainOf({ mm: 0, lo: 0, hi: 9 })).toContain('Up to 9 mm')
    expect(rainOf({ mm: null })).toBe('Rain unknown: there is no forecast.')
  })

  it('names what the run fills: from where, to where, and of how much', () => {
    const fills = (fromMm: number | null) => [
      {
        key: 'depth',
        mm: 30,
        params: {
          netMm: 27,
          fromMm,
          toMm: fromMm === null ? null : fromMm + 27,
          ofMm: fromMm === null ? null : 65,
        },
      },
    ]
    const text = (fromMm: number | null) => fillOf({ verdict: irrigate, terms: fills(fromMm) }, sayIn('en'))
    expect(text(31)).toEqual(['This fills the soil from 31 to 58 of 65 mm.'])
    expect(text(-19)).toEqual(['This fills the soil from 19 mm short to 8 of 65 mm.'])
    expect(text(-30)).toEqual(['This brings the soil from 30 mm short to 3 mm short.'])
    // a fixed schedule knows no water of the soil, and an older server did not state it
    expect(text(null)).toEqual([])
    expect(fillOf({ verdict: irrigate, terms: [] }, sayIn('en'))).toEqual([])
  })

  it('that cannot be judged states since when, and no amount as if it were known', () => {
    const unknown = { key: 'cannot-judge', params: { reason: 'probe-silent', atMs: at('03:00') } }
    expect(told('en', unknown, balance(7, noRain))).toEqual([
      'Cannot judge. Probe silent since 03:00. Go and look at the field.',
    ])
  })

  it('that waits for rain mentions the rain once', () => {
    const wait = { key: 'rain-coming', params: { loMm: 6, hiMm: 20, byMs: at('18:00') } }
    const sentences = told('en', wait, balance(2, { mm: 6, lo: 6, hi: 20 }))
    expect(sentences.filter((sentence) => /rain/i.test(sentence))).toHaveLength(1)
  })
})

describe('a paddy', () => {
  const level: DecisionView['terms'] = [
    { key: 'level-now', mm: 12, params: { levelMm: 12, loMm: 20, hiMm: 50 } },
    { key: 'rain-expected', mm: 0, lo: 0, hi: 0, params: { byMs: at('18:00') } },
  ]

  it('in mid-season drainage states its day and the remaining dry days, without the rain', () => {
    const drainage = { key: 'paddy-drainage', params: { levelMm: -40, day: 5, days: 7, dryDays: 3 } }
    const bare = [{ key: 'level-now', mm: -4, params: { levelMm: -40, loMm: null, hiMm: null } }]
    expect(told('en', drainage, bare)).toEqual([
      'Let it dry: day 5 of the mid-season drainage, 3 of 7 dry days done. Let no water in until the soil has fine cracks.',
    ])
    expect(told('ja', drainage, bare)[0]).toContain('中干し5日目です。7日乾かすうち3日が済みました。')
  })

  it('that is filled states its level and its target, in centimetres', () => {
    const fill = { key: 'paddy-fill', params: { mm: 40, minutes: 200, atMs: at('06:00'), levelMm: 12 } }
    expect(told('en', fill, level)[1]).toBe('Water level 1.2\u00a0cm. Right now it should be 2 to 5\u00a0cm.')
  })

  it('that is filled although it is above its target states its loss and when it would be below', () => {
    const params = { levelMm: 53, loMm: 20, hiMm: 50, lossMm: 16.3, lowMm: 12, lowAtMs: at('18:00') }
    const terms = [{ key: 'fill', mm: 15, params: { hiMm: 50, netMm: 15, fromMm: 35, toMm: 50 } }]
    expect(fillOf({ verdict: { key: 'paddy-fill', params }, terms }, sayIn('en'))).toEqual([
      'This fills from 3.5\u00a0cm to 5\u00a0cm (target up to 5\u00a0cm).',
      'Loses 16 mm a day: without water 1.2\u00a0cm by 18:00, below its target.',
    ])
  })
})

it('a verdict of a newer server without a text here still shows the parts that have one', () => {
  expect(told('en', { key: 'sing-to-it', params: {} }, balance(2, noRain))).toHaveLength(2)
})
