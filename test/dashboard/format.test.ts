/** Numbers and times as a grower reads them, in both languages. */
import { describe, expect, it } from 'vitest'
import { startOfDay } from '../../broker/contract/time.ts'
import type { Units } from '../../dashboard/src/app/preferences-model.ts'
import { joinUnits } from '../../dashboard/src/i18n/interpolate.ts'
import { parseNumber } from '../../dashboard/src/i18n/format.ts'
import { languageFor } from '../../dashboard/src/i18n/languages.ts'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const en = readCatalogue('en')
const ja = readCatalogue('ja')

const timeZone = 'Asia/Tokyo'
const nowMs = startOfDay('2026-07-24', timeZone) + 5.5 * 3_600_000
const inEnglish = createLocale(en, { language: 'en', timeZone, nowMs: () => nowMs })
const inJapanese = createLocale(ja, { language: 'ja', timeZone, nowMs: () => nowMs })
const hours = (count: number): number => nowMs + count * 3_600_000

describe('times', () => {
  it('are in the zone of the farm, on a clock of 24 hours', () => {
    expect(inEnglish.clock(hours(12.25))).toBe('17:45')
    expect(inJapanese.clock(hours(-5.5))).toBe('00:00')
  })
  it('are today, tomorrow, yesterday, or else a date', () => {
    expect(inEnglish.when(hours(1))).toBe('06:30')
    expect(inEnglish.when(hours(24))).toBe('tomorrow 05:30')
    expect(inJapanese.when(hours(-24))).toBe('昨日 05:30')
    expect(inEnglish.when(hours(-72))).toBe('Tue 21 Jul, 05:30')
    expect(inJapanese.when(hours(-72))).toBe('7月21日(火) 05:30')
  })
  it('show an age in the unit that fits, by the clock of the farm', () => {
    expect(inEnglish.ago(nowMs - 30_000)).toBe('just now')
    expect(inEnglish.ago(hours(-1))).toBe('60 min ago')
    expect(inEnglish.ago(hours(-3))).toBe('3 h ago')
    expect(inEnglish.ago(hours(-48))).toBe('2 days ago')
    expect(inJapanese.ago(hours(-48))).toBe('2日前')
  })
  it('join a span of dates with the sign of the language (Intl gives 07/24～07/27 in Japanese)', () => {
    const span = ['2026-07-27', '2026-07-31'] as const
    expect(inEnglish.range(inEnglish.shortDate(span[0]), inEnglish.shortDate(span[1]))).toBe('27 Jul–31 Jul')
    expect(inJapanese.range(inJapanese.shortDate(span[0]), inJapanese.shortDate(span[1]))).toBe(
      '7月27日〜7月31日',
    )
  })
  it('write durations in hours and minutes', () => {
    expect(inEnglish.duration(130)).toBe('2 h 10 min')
    expect(inJapanese.duration(130)).toBe('2時間10分')
    expect(inEnglish.duration(60)).toBe('1 h')
    expect(inEnglish.duration(12.4)).toBe('12 min')
  })
})

describe('amounts', () => {
  it('show millimetres whole from 10 on, with one decimal below', () => {
    expect(inEnglish.mm(18.4)).toBe('18')
    expect(inEnglish.mm(4.26)).toBe('4.3')
    expect(inEnglish.mm(4)).toBe('4')
    expect(inEnglish.mm(-0.01)).toBe('0')
  })
  it('show the level of a paddy in centimetres, from millimetres on the wire', () =>
    expect(inEnglish.level(75)).toBe('7.5'))
  it('show litres, and cubic metres from 10,000 L on', () => {
    expect(inEnglish.litres(820)).toBe('820 L')
    expect(inEnglish.litres(41_600)).toBe('41.6 m³')
  })
  it('show small fields in ares where that is chosen, large ones in hectares', () => {
    expect(inJapanese.area(3500)).toBe('35a')
    expect(inJapanese.area(12_000)).toBe('1.2\u00a0ha')
    expect(inEnglish.area(3200)).toBe('0.32\u00a0ha')
  })
})

describe('units that a person chose', () => {
  const as = (units: Partial<Units>, language: 'en' | 'ja' = 'en') =>
    createLocale(language === 'en' ? en : ja, { language, timeZone, nowMs: () => nowMs, units })

  it('are apart from the language', () => {
    expect(as({ areaUnit: 'a' }).area(3500)).toBe('35\u00a0a')
    expect(as({ areaUnit: 'ha' }, 'ja').area(3500)).toBe('0.35\u00a0ha')
    expect(as({ areaUnit: 'tan' }, 'ja').area(3500)).toBe('3.5反')
    expect(as({ areaUnit: 'tan' }, 'ja').area(12_000)).toBe('1.2町')
  })
  it('never change by themselves: metered water stays in litres, or in cubic metres (U25)', () => {
    expect(as({ waterUnit: 'l' }).litres(41_600)).toBe('41,600 L')
    expect(as({ waterUnit: 'm3' }).litres(820)).toBe('0.82 m³')
    expect(as({ waterUnit: 'l' }).m3(38)).toBe('38,000 L')
    expect(as({}).m3(38)).toBe('38 m³')
  })
  it('reach every text with a temperature, also one that the text itself names', () => {
    const blast = { wetH: 12, wetC: 20, mean5C: 26 }
    expect(as({ tempUnit: 'f' }).message('disease.reason', 'blast-2', blast)).toBe(
      'Almost favourable for infection (type 2): leaves wet for 12 h at 68\u00a0°F, but the five-day mean of 78.8\u00a0°F is above 77\u00a0°F.',
    )
    // 2 °C between two thermometers are 3.6 °F, not 35.6
    expect(as({ tempUnit: 'f' }).message('spray', 'delta-t-low', { deltaTC: 2 })).toContain('3.6\u00a0°F')
    expect(as({ tempUnit: 'f' }).t('heat.sum', { sum: 100, day: '2026-07-01' })).toContain('180 degree days')
    expect(as({ tempUnit: 'f' }).fromTemp(as({ tempUnit: 'f' }).toTemp(1.5))).toBeCloseTo(1.5)
  })
  it('write a depth in millimetres, with and without the unit', () => {
    const level = { levelMm: 42, loMm: 30, hiMm: 50 }
    expect(as({ depthUnit: 'mm' }).message('line', 'paddy-ok', level)).toBe('42\u00a0mm, target 30 to 50')
    expect(as({}).message('line', 'paddy-ok', level)).toBe('4.2\u00a0cm, target 3 to 5')
  })
  it('write soil tension as pF, the logarithm of its column of water in cm', () => {
    const tension = (kPa: number, units: Partial<Units>) => as(units).reading(kPa, 'soil.tension', 'kPa', 1)
    expect(tension(98.07, { tensionUnit: 'pf' })).toBe('pF 3')
    expect(tension(0, { tensionUnit: 'pf' })).toBe('pF 0')
    expect(tension(98.07, {})).toBe('98.1\u00a0kPa')
    // the weight of the air is no tension
    expect(as({ tensionUnit: 'pf' }).reading(101, 'air.pressure', 'kPa', 1)).toBe('101\u00a0kPa')
  })
  it('show a 12-hour clock if the person chose it, in the form of the language', () => {
    expect(as({ clock: '12' }).clock(hours(12.25))).toBe('5:45 pm')
    expect(as({ clock: '12' }, 'ja').clock(hours(12.25))).toBe('午後5:45')
    expect(as({ clock: '12' }).hours({ fromMin: 330, toMin: 1200 })).toBe('5:30 am–8:00 pm')
    expect(as({}).hours({ fromMin: 330, toMin: 1440 })).toBe('05:30–00:00')
    expect(as({}).hour(hours(0.5))).toBe('06')
  })
})

describe('texts', () => {
  it('take the plural form of the language', () => {
    expect(inEnglish.t('today.act', { n: 1 })).toBe('1 thing needs attention')
    expect(inEnglish.t('today.act', { n: 3 })).toBe('3 things need attention')
    expect(inJapanese.t('today.act', { n: 1 })).toBe('対応が必要 1件')
  })
  it("fill the server's parameters, each placeholder by the unit in its name", () => {
    const params = { mm: 18, minutes: 130, atMs: hours(0.25), dueMs: hours(9) }
    expect(inEnglish.message('verdict', 'irrigate', params)).toBe('Irrigates 05:45')
    expect(inEnglish.message('line', 'irrigate', params)).toBe('18 mm in 2 h 10 min')
    expect(inJapanese.message('line', 'irrigate', params)).toBe('18 mm・2時間10分')
  })
  it('show an unknown value as a dash, never as zero', () =>
    expect(inEnglish.message('line', 'needs-off', { mm: null })).toBe('– mm; this zone is switched off'))
  it('look up the texts of reasons and causes', () => {
    expect(inEnglish.message('line', 'cannot-judge', { reason: 'inputs-lost', atMs: null })).toBe(
      'The sensors are silent',
    )
    expect(inEnglish.message('line', 'cannot-judge', {})).toBe('Not enough data')
  })
  it('show an unknown key of a newer server as plain text rather than nothing', () =>
    expect(inEnglish.message('verdict', 'frost-coming')).toBe('frost coming'))
})

describe('numbers that a person types', () => {
  it('are accepted with full-width digits and with a decimal comma', () => {
    expect(parseNumber('１２．５')).toBe(12.5)
    expect(parseNumber(' 3,5 ')).toBe(3.5)
  })
  it('are refused when they are none', () => {
    for (const text of ['', 'x', '1.2.3', '1e5', 'NaN']) expect(parseNumber(text)).toBeNaN()
  })
})

describe('a number and its unit', () => {
  it('stay on one line, in every text', () => {
    const said = createLocale(joinUnits(en), { language: 'en', timeZone, nowMs: () => nowMs })
    expect(said.duration(6)).toBe('6\u00a0min')
    expect(said.duration(130)).toBe('2\u00a0h\u00a010\u00a0min')
    expect(said.t('amount.left', { mm: 2, ofMm: 45 })).toBe('2 of 45\u00a0mm left')
    expect(said.ago(hours(-48))).toBe('2 days ago')
    const inKept = createLocale(joinUnits(ja), { language: 'ja', timeZone, nowMs: () => nowMs })
    expect(inKept.duration(130)).toBe('2時間\u206010分')
  })
})

describe('the language at the start', () => {
  it('is the chosen one, else the first of the phone that exists, else English', () => {
    const available = new Map([
      ['en', 'English'],
      ['ja', '日本語'],
    ])
    expect(languageFor('ja', ['en-GB'], available)).toBe('ja')
    expect(languageFor(null, ['fr-FR', 'ja-JP', 'en'], available)).toBe('ja')
    expect(languageFor('xx', ['fr'], available)).toBe('en')
  })
})
