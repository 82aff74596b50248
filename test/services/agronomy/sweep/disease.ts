/** Domains of the sweep: wetness and diseases. */
import fc from 'fast-check'
import { diseases } from '../../../../services/agronomy/disease/catalogue.ts'
import { dailyFigures } from '../../../../services/agronomy/disease/assess-day.ts'
import type { Figures, Past } from '../../../../services/agronomy/disease/model.ts'
import { dayHours, type WeatherHour } from '../../../../services/agronomy/disease/weather-hours.ts'
import { n, int, or, list, t, of, whole, wholly, tempC, share, mm, percent, type Domains } from './values.ts'

const warmC = n(5, 40)

const wetnessHour = {
  tempC: or(warmC),
  humidityPct: or(percent),
  rainMm: or(n(0, 10)),
  windMps: or(n(0, 10)),
  wetShare: or(share),
}
const weatherHours = (length: number): fc.Arbitrary<WeatherHour[]> =>
  list(fc.record({ ...wetnessHour, sunH: or(share) }), length, length).map((some) =>
    some.map((one, i) => ({
      ...one,
      clock: `2026-06-${String(10 + Math.floor(i / 24)).padStart(2, '0')} ${String(i % 24).padStart(2, '0')}:00`,
      hour: i % 24,
      isDaylight: i % 24 >= 5 && i % 24 < 19,
      tempMinC: one.tempC === null ? null : one.tempC - 1,
      tempMaxC: one.tempC === null ? null : one.tempC + 1,
    })),
  )
const dayOfHours = wholly(weatherHours(72).map((hours) => dayHours(hours, 24, 48)))
const known = wholly(
  list(
    fc.record({ tempC: warmC, humidityPct: percent, rainMm: n(0, 10), windMps: n(0, 10), sunH: share }),
    24,
    48,
  ).map((some) =>
    some.map((one, i) => ({
      ...one,
      wetShare: null,
      clock: `2026-06-10 ${String(i % 24).padStart(2, '0')}:00`,
      hour: i % 24,
      isDaylight: i % 24 >= 5 && i % 24 < 19,
      tempMinC: one.tempC - 1,
      tempMaxC: one.tempC + 1,
      isWet: one.rainMm > 5,
      method: 'rain' as const,
    })),
  ),
)
const disease = wholly(of(...diseases))
const wholePast = (days: (Figures | null)[]): Past => {
  const past = { days, carried: null }
  whole.add(past)
  return past
}
/** A disease, the figures of a complete day, and the days before, each like it or unknown. */
const assessed = t(disease, known, list(fc.boolean(), 0, 30)).map(([one, hours, past]) => {
  const day = { hours: [...hours, ...hours].slice(0, 48), yesterdayAt: 0, todayAt: 24 }
  const today = dailyFigures(one, day.hours.length === 48 ? day : { ...day, todayAt: 0 })
  const figures = 'missing' in today.figures ? null : today.figures
  whole.add(today)
  return [one, today, wholePast(past.map((isKnown) => (isKnown ? figures : null))), null]
})
const epirice = diseases.find(({ model }) => model === 'epirice')!.params
const generic = fc.record({
  tempMinC: n(0, 5),
  tempOptC: n(15, 22),
  tempMaxC: n(28, 35),
  wetMinH: n(2, 12),
  wetMaxH: n(24, 72),
})

export const ofDiseases: Domains = {
  'disease/apple-scab.ts': {
    scabWetHours: t(tempC),
    isScabInfection: t(n(0, 60), tempC),
    scabHours: t(known, fc.boolean()),
  },
  'disease/blastam-wetness.ts': {
    blastamWet: t(
      list(fc.record({ hour: int(0, 23), rainMm: n(0, 9), windMps: n(0, 9), sunH: share }), 0, 48),
    ),
  },
  'disease/botrytis.ts': { broomeProbability: t(n(4, 20), n(12, 30)) },
  'disease/catalogue.ts': { diseaseOf: t(of('apple-scab', 'x')), diseasesOfCrop: t(of('apple', 'x')) },
  'disease/downy-mildew.ts': { isThreeTen: t(tempC, mm, or(n(0, 50))) },
  'disease/epirice.ts': {
    epiriceSeverityPct: t(
      wholly(fc.constant(epirice)),
      list(fc.record({ tempC: warmC, isWet: fc.boolean() }), 0, 130),
    ),
  },
  'disease/generic-infection.ts': { infectionWetHours: t(generic, tempC) },
  'disease/head-blight.ts': { headBlightProbability: t(percent, of('VS', 'S', 'MS', 'MR')) },
  'disease/humid-days.ts': {
    isHumidDay: t(fc.record({ tempMinC: tempC, humidH: n(0, 24) }), of({ humidH: 11, tempMinC: 10 })),
    isHumidPeriod: t(
      fc.record({ tempMinC: tempC, humidH: n(0, 24) }),
      fc.record({ tempMinC: tempC, humidH: n(0, 24) }),
      of({ humidH: 11, tempMinC: 10 }),
    ),
  },
  'disease/assess-day.ts': {
    dailyFigures: t(disease, dayOfHours),
    assessDay: assessed,
    figuresFrom: t(wholly(fc.constant({ wetH: 3, missing: 'rain', wetC: null }))),
    wasAssessed: t(fc.constant({ wetH: 3 })),
  },
  'disease/late-blight.ts': {
    blitecastSv: t(or(tempC), n(0, 24)),
    blitecastSpray: t(int(0, 7), int(0, 28)),
    isRainFavourable: t(tempC, mm, tempC),
  },
  'disease/leaf-blast.ts': {
    blastWetHours: t(tempC),
    blastClass: t(n(0, 24), or(tempC), tempC),
  },
  'disease/model.ts': {
    levelWithin: t(
      n(0, 50),
      n(50, 100),
      of((value: number) => (value > 60 ? 'high' : 'low')),
    ),
    levelFrom: t(n(0, 50), n(50, 100)),
  },
  'disease/models.ts': { modelOf: t(disease) },
  'disease/potato-days.ts': { potatoDays: t(tempC, warmC) },
  'disease/powdery-mildew.ts': {
    mildewIndex: t(
      fc.record({ run: int(0, 3), index: int(0, 100) }),
      fc.record({ isMild: fc.boolean(), isHot: fc.boolean() }),
    ),
  },
  'disease/severity-table.ts': {
    severityOf: t(of([{ fromC: 13, toC: 17, hours: [7, 16, 21] }]), of(1, 0.1), or(tempC), n(0, 24)),
  },
  'disease/tar-spot.ts': {
    tarSpotProbability: t(fc.record({ temp30C: warmC, humidityMax30Pct: percent, nightHumidH: n(0, 11) })),
  },
  'disease/tomcast.ts': { tomcastDsv: t(or(tempC), n(0, 24)) },
  'disease/weather-hours.ts': {
    dayHours: t(weatherHours(72), fc.constant(24), fc.constant(48)),
    civilDay: t(dayOfHours),
    hoursEndingAt: t(dayOfHours, int(0, 23)),
    isMissing: t(of({ missing: 'rain' }, { wetH: 1 })),
    missingOf: t(known, of(['rain'], ['rain', 'wind'])),
    hundredths: t(n(-50, 50)),
    lowestC: t(known),
    highestC: t(known),
    meanTempC: t(
      known,
      of(() => true),
    ),
  },
  'disease/wet-periods.ts': {
    wetPeriods: t(list(fc.boolean(), 0, 48), int(1, 8)),
    periodsOf: t(dayOfHours, int(1, 8)),
    longestPeriod: t(dayOfHours, int(1, 8)),
    wetFigures: t(known),
  },
  'disease/leaf-wetness.ts': {
    leafWetness: t(fc.record(wetnessHour)),
    isWetByHumidity: t(percent),
    isWetByCart: t(warmC, percent, n(0, 10)),
  },
}
