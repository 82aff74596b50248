/** For each exported function of services/agronomy: arguments that it is made for. By file, then by name. */
import fc from 'fast-check'
import { crops } from '../../../services/agronomy/crops.ts'
import { heatMethods, type HeatModel } from '../../../services/agronomy/degree-days.ts'
import { diseases } from '../../../services/agronomy/disease/diseases.ts'
import { figuresOfDay } from '../../../services/agronomy/disease/judge-day.ts'
import type { Figures, Past } from '../../../services/agronomy/disease/model.ts'
import { dayHours, type WeatherHour } from '../../../services/agronomy/disease/weather-hours.ts'
import { table12 } from '../../../services/agronomy/fao56/table12.ts'
import { paddyStages } from '../../../services/agronomy/paddy-stages.ts'
import { pests } from '../../../services/agronomy/pests.ts'
import { pointsOf, type SoilRecord } from '../../../services/agronomy/quality-record.ts'
import { soils } from '../../../services/agronomy/soils.ts'

const n = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const int = (min: number, max: number) => fc.integer({ min, max })
const or = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
const list = <T>(one: fc.Arbitrary<T>, minLength: number, maxLength: number) =>
  fc.array(one, { minLength, maxLength })
const t = fc.tuple
const of = fc.constantFrom

/**
 * What is not broken: rows of Tilth's own tables (their numbers are looked at by themselves), and what one function has
 * built for the next (it is broken where it comes in).
 */
export const whole = new WeakSet<object>()
const wholly = <T extends object>(one: fc.Arbitrary<T>) => one.map((made) => (whole.add(made), made))

const tempC = n(-40, 45)
const warmC = n(5, 40)
const share = n(0, 1)
const mm = n(0, 100)
const percent = n(1, 100)
const vapour = n(0.1, 3)
const J = int(1, 366)
const latDeg = n(-90, 90)
const elevationM = n(-400, 5000)
const utcHour = n(-24, 48)
const Ra = n(0, 45)
const cloud = n(0.3, 1)
const site = fc.record({ latDeg, elevationM })
const place = fc.record({ latDeg, elevationM, lonDeg: n(-180, 180) })
const surface = of('fao56', 'asce-short', 'asce-tall')
const standard = fc.record({ surface, clearSky: of('simple', 'full') })
const extremes = t(tempC, n(0, 25)).map(([tempMinC, range]) => ({ tempMinC, tempMaxC: tempMinC + range }))
const weather = { vapourKPa: vapour, windMps: n(0, 20), radiationMJm2: n(0, 40) }
const dayWeather = t(extremes, fc.record({ dayOfYear: J, ...weather })).map(([a, b]) => ({ ...a, ...b }))
const partial = t(
  extremes,
  fc.record({
    dayOfYear: J,
    vapourKPa: or(vapour),
    windMps: or(n(0, 20)),
    radiationMJm2: or(n(0, 40)),
    sunshineH: or(n(0, 16)),
  }),
).map(([a, b]) => ({ ...a, ...b }))
const hourWeather = fc.record({
  dayOfYear: J,
  midUtcHour: utcHour,
  tempC,
  ...weather,
  radiationMJm2: n(0, 4),
})

const texture = of(...Object.keys(soils), 'Sandy Loam', 'moon dust')
const limits = t(n(0.1, 0.45), n(0.3, 0.8)).map(([fieldCapacity, part]) => ({
  fieldCapacity,
  wiltingPoint: fieldCapacity * part,
}))
const rootM = n(0.1, 2)
const taw = n(5, 300)
const drTaw = t(taw, share).map(([tawMm, part]) => ({ tawMm, depletionMm: tawMm * part }))
const p = n(0.1, 0.8)
const crop = wholly(of(...Object.values(crops)))
const ageD = n(0, 400)
const climate = fc.record({ windMps: n(0, 12), humidityMinPct: percent })
const kc = n(0.1, 1.25)

const heatModel: fc.Arbitrary<HeatModel> = fc.record({
  method: of(...heatMethods),
  cutoff: of('none', 'horizontal', 'intermediate', 'vertical'),
  lowerC: n(0, 12),
  upperC: or(n(25, 35)),
})
const dailyCd = list(or(n(0, 25)), 0, 60)
const curve = fc.oneof(
  fc.record({ kind: fc.constant('logistic' as const), midCd: n(50, 900), scaleCd: n(10, 200) }),
  fc.record({
    kind: fc.constant('johnson-sb' as const),
    gamma: n(-2, 2),
    delta: n(0.3, 3),
    xi: n(0, 100),
    lambda: n(200, 1500),
  }),
)
const pest = wholly(of(...Object.values(pests)))
const half = fc.oneof(
  fc.record({ midCd: n(100, 900), sdCd: n(20, 200) }),
  fc.record({ fromCd: n(0, 100), toCd: n(300, 1200) }),
)
const spans = list(t(n(0, 900), n(1, 100), int(0, 50)), 0, 12).map((some) =>
  some.map(([fromCd, width, count]) => ({ fromCd, toCd: fromCd + width, count })),
)
const day = int(1, 28).map((d) => `2026-05-${String(d).padStart(2, '0')}`)
const checks = list(fc.record({ day, count: int(0, 60) }), 0, 12)
const biofix = of('first-january', 'date-03-01', 'first-catch', 'peak-catch')

const vwc = n(0.02, 0.55)
const vwcHours = list(or(vwc), 0, 200)
const readings = list(
  t(n(0, 120), vwc, fc.option(fc.record({ v: n(0.1, 0.5), sd: n(0.005, 0.05) }), { nil: undefined })).map(
    ([depthCm, v, fieldCapacity]) => ({ depthCm, vwc: v, fieldCapacity }),
  ),
  0,
  4,
)
const probe = fc.record({
  rawMm: n(-50, 250),
  mm: n(0, 200),
  sdMm: n(1, 50),
  noiseMm: n(1, 30),
  biasSd: n(0.005, 0.06),
})
const bias = fc.record({ bias: n(-0.1, 0.1), biasSd: n(0.001, 0.06), shared: n(-1, 1), sdMm: n(1, 60) })
const limitEstimate = fc.record({
  v: n(0.1, 0.5),
  sd: n(0.005, 0.05),
  from: of('field', 'learned'),
  events: int(0, 9),
})
const learnedLimits = fc.record({
  fieldCapacity: or(n(0.1, 0.5)),
  fieldCapacitySd: or(n(0.005, 0.05)),
  peaks: int(0, 9),
  wiltingPoint: or(n(0.02, 0.3)),
  wiltingPointSd: or(n(0.005, 0.05)),
  dryDowns: int(0, 9),
})
const layer = t(n(0, 0.5), n(0.05, 0.5), limits).map(([fromM, thick, some]) => ({
  fromM,
  toM: fromM + thick,
  ...some,
}))
const layers = t(
  list(t(n(0.05, 0.5), limits, share), 0, 5),
  fc.record({ rootDepthM: rootM, p, inMm: mm, evaporationMm: n(0, 8), transpirationMm: n(0, 12) }),
).map(([some, x]) => {
  let depth = 0
  const built = some.map(([thick, own]) => ({ fromM: depth, toM: (depth += thick), ...own }))
  const depletionMm = built.map((one, i) => {
    const holds = 1000 * (one.fieldCapacity - one.wiltingPoint) * (one.toM - one.fromM)
    return holds * some[i]![2]
  })
  return { layers: built, depletionMm, ...x }
})
const balance = t(drTaw, fc.record({ p, etcMm: n(0, 15), rainMm: mm, irrigationMm: mm })).map(([a, b]) => ({
  ...a,
  ...b,
}))
const irrigation = fc.record({ mm, wettedFraction: n(0.05, 1), isUnderCanopy: fc.boolean() })
const dual = t(
  drTaw,
  fc.record({
    surfaceDepletionMm: n(0, 25),
    wettedFraction: n(0.05, 1),
    kcb: n(0.15, 1.2),
    heightM: n(0, 8),
    climate,
    pTable: p,
    tewMm: n(26, 40),
    rewMm: n(3, 12),
    layerShare: share,
    curveNumber: or(n(20, 98)),
    et0Mm: n(0, 15),
    dayShare: share,
    rainMm: mm,
    irrigation,
    capillaryMm: n(0, 10),
  }),
).map(([{ tawMm, depletionMm }, { surfaceDepletionMm, wettedFraction, ...x }]) => ({
  before: { depletionMm, surfaceDepletionMm, wettedFraction },
  kcMin: 0.15,
  tawMm,
  ...x,
}))
const uncertainty = fc.record({
  sdMm: n(0, 50),
  kcSdMm: n(0, 3),
  et0SdMm: n(0, 3),
  rainSdMm: n(0, 6),
  irrigationSdMm: n(0, 6),
})
const drained = fc.record({ deepPercolationMm: n(0, 50) })
const profileSoil = limits.map((own) => ({ ...own, surface: { ...own, layerM: 0.1, rewMm: 8 } }))
const profile = fc.record({
  depletionMm: n(0, 100),
  surfaceDepletionMm: n(0, 15),
  wettedFraction: n(0.05, 1),
  rootDepthM: n(0.15, 0.6),
  belowMm: n(-20, 100),
})
const profileDay = fc.record({
  et0Mm: n(0, 12),
  rainMm: mm,
  irrigationMm: mm,
  wettedFraction: n(0.05, 1),
  climate,
})
const paddy = fc.record({
  levelMm: n(-300, 200),
  rainMm: mm,
  irrigationMm: mm,
  etcMm: n(0, 10),
  percolationMm: n(0, 30),
  bundMm: n(20, 200),
  drainablePores: n(0.02, 0.2),
})

const heights = { bundMm: n(0, 400), freeboardMm: n(0, 200) }
const paddyRate = n(0, 60)
const civil = of('2026-06-14', '2026-07-20')
const riceStage = of(...paddyStages)
const dried = fc.record({
  fromDay: civil,
  lastDay: or(civil),
  days: int(0, 30),
  dryDays: int(0, 30),
  unknownDays: int(0, 30),
  why: of('dried', null),
})
const drainWish = fc.record({ dryDays: int(0, 20), baselineDays: or(n(0, 20)) })
const riceGrown = { daysSinceTransplanting: n(0, 150), sumCd: or(n(0, 2000)), isWhole: fc.boolean() }
const riceSeen = { hasTillers: fc.boolean(), isCracked: fc.boolean(), isHeld: fc.boolean() }
const someTemps = list(fc.record({ minC: or(tempC), meanC: or(tempC) }), 0, 8)
const someHours = t(n(0, 1e8), n(0, 4e7)).map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }))
const waterLevels = list(fc.record({ atMs: n(0, 1e8), mm: n(-200, 200) }), 0, 30)

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
/** A disease, what a day of whole hours says of it, and the days before, each like it or unknown. */
const judged = t(disease, known, list(fc.boolean(), 0, 30)).map(([one, hours, past]) => {
  const day = { hours: [...hours, ...hours].slice(0, 48), yesterdayAt: 0, todayAt: 24 }
  const today = figuresOfDay(one, day.hours.length === 48 ? day : { ...day, todayAt: 0 })
  const figures = 'lacks' in today.figures ? null : today.figures
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

const soilRecord: fc.Arbitrary<SoilRecord> = t(
  list(t(or(n(5, 55)), or(n(0, 20)), or(n(-5, 30))), 0, 120),
  or(n(2, 60)),
  of(1, 0.5, 2),
).map(([rows, depthCm, stepH]) => ({
  depthCm,
  stepH,
  moisturePct: rows.map(([pct]) => pct),
  waterMm: rows.map(([, water]) => water),
  soilTempC: rows.map(([, , soilC]) => soilC),
}))
const recordAndPoints = wholly(soilRecord).map((record) => {
  const points = pointsOf(record)
  whole.add(points)
  return [record, points]
})
const manyPoints = wholly(list(n(5, 55), 4, 60).map((some) => some.map((pct, at) => ({ at, h: at, pct }))))
const column = list(or(tempC), 48, 48)

/** Arguments that are places in a list, which only a loop over it makes. */
export const placesIn: ReadonlyMap<string, number> = new Map([
  ['usual', 1],
  ['fallAt', 1],
  ['wiggleAt', 1],
  ['leastStep', 1],
])

/** Of each function its arguments. */
export const domains: Record<string, Record<string, fc.Arbitrary<unknown[]>>> = {
  'assimilate.ts': {
    fromProbe: t(probe, rootM),
    assimilate: t(fc.record({ mm: n(0, 200), sdMm: n(1, 60) }), probe, or(bias), rootM, taw),
    carried: t(bias, n(1, 60)),
  },
  'capillary.ts': {
    capillaryRiseMm: t(texture, or(n(0.1, 6)), rootM, mm, taw),
  },
  'catch-curve.ts': {
    shareAt: t(curve, n(0, 2000)),
    halfCd: t(curve),
    movedShareAt: t(curve, n(50, 900), n(0.5, 2), n(0, 2000)),
  },
  'clear-sky.ts': {
    clearSkyMJm2: t(Ra, elevationM),
    clearSkyFullMJm2: t(Ra, site, J, vapour),
    clearSkyFullHourMJm2: t(n(0, 5), place, J, utcHour, vapour),
    clearSkyCheck: t(list(fc.record({ radiationMJm2: n(0, 40), clearSkyMJm2: n(1, 40) }), 0, 70)),
  },
  'crops.ts': { cropOf: t(of('maize', 'Paddy', 'onion', 'moon dust', '')) },
  'degree-days.ts': {
    degreeDaysCd: t(
      heatModel,
      t(extremes, or(tempC)).map(([one, nextMinC]) => ({ ...one, nextMinC })),
    ),
  },
  'dew-point.ts': { dewPointC: t(tempC, percent) },
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
  'disease/diseases.ts': { diseaseOf: t(of('apple-scab', 'x')), diseasesOfCrop: t(of('apple', 'x')) },
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
  'disease/judge-day.ts': {
    figuresOfDay: t(disease, dayOfHours),
    judgeDay: judged,
    numbersOf: t(wholly(fc.constant({ wetH: 3, lacks: 'rain', wetC: null }))),
    wasJudged: t(fc.constant({ wetH: 3 })),
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
    hoursTo: t(dayOfHours, int(0, 23)),
    isMissing: t(of({ lacks: 'rain' }, { wetH: 1 })),
    missingOf: t(known, of(['rain'], ['rain', 'wind'])),
    mean: t(list(n(-50, 50), 1, 24)),
    sum: t(list(n(-50, 50), 0, 24)),
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
  'dry-downs.ts': { dryDowns: t(vwcHours), fitDryDown: t(list(vwc, 4, 40)) },
  'dual-day.ts': { dualDay: t(dual) },
  'dual-kc.ts': {
    kcMaxOf: t(kc, n(0, 8), climate),
    coverOf: t(kc, fc.constant(0.15), n(1.25, 1.5), n(0, 8)),
    exposedWetOf: t(share, n(0.01, 1), fc.boolean()),
    tewMm: t(limits, n(0.05, 0.2)),
    krOf: t(n(0, 40), n(10, 40), n(2, 10)),
    keOf: t(share, n(1.05, 1.4), kc, n(0.01, 1)),
    wettedFractionOf: t(n(0.01, 1), mm, irrigation),
    wettedByBoth: t(mm, irrigation),
    layerTranspirationOf: t(
      fc.record({ depletionMm: n(0, 20), tewMm: n(20, 40) }),
      fc.record({ depletionMm: n(0, 100), tawMm: n(100, 200) }),
      share,
    ),
    surfaceBeside: t(
      fc.record({ depletionMm: n(0, 20), toWiltingMm: n(5, 20), wettedFraction: n(0.05, 1) }),
      fc.record({ depletionMm: n(0, 100), tawMm: n(100, 200) }),
    ),
  },
  'et0.ts': {
    hargreavesMm: t(
      t(extremes, J).map(([a, dayOfYear]) => ({ ...a, dayOfYear })),
      latDeg,
    ),
    et0TemperatureMm: t(
      t(extremes, J).map(([a, dayOfYear]) => ({ ...a, dayOfYear })),
      site,
    ),
    et0Best: t(partial, site),
  },
  'finite.ts': {
    finite: t(n(0, 9), fc.record({ tempC })),
    assertNumbers: t(fc.record({ tempC })),
  },
  'fao56/find-row.ts': {
    wordsOf: t(of('Onions, dry', '')),
    isWithin: t(list(of('a', 'b'), 0, 3), list(of('a', 'b'), 0, 3)),
    rowsOf: t(wholly(fc.constant(table12)), of('onion', 'moon dust')),
  },
  'growth.ts': {
    stageOf: t(crop, ageD),
    seasonLengthD: t(crop),
    daysByHeat: t(crop, n(0, 4000)),
    kcOf: t(crop, ageD, climate),
    kcbOf: t(crop, ageD, climate),
    grownShare: t(crop, ageD),
    heightM: t(crop, ageD),
    kcClimatic: t(kc, n(0.1, 8), climate),
    rootDepthM: t(crop, ageD),
  },
  'heat-sum.ts': {
    heatSum: t(heatModel, list(fc.oneof(extremes, fc.constant({ tempMinC: null, tempMaxC: null })), 0, 40)),
    dayReached: t(dailyCd, n(0, 500)),
    daysToReach: t(n(0, 900), n(0, 900), dailyCd),
    daysAround: t(t(n(100, 200), n(200, 300), n(300, 400)), dailyCd),
  },
  'hourly-et.ts': {
    hourlyEtMm: t(list(hourWeather, 0, 30), place, standard, cloud),
    hourEtMm: t(hourWeather, place, surface, cloud),
    netRadiationHourMJm2: t(hourWeather, cloud),
    cloudsOf: t(list(hourWeather, 0, 30), place, standard, cloud),
  },
  'leaf-wetness.ts': {
    leafWetness: t(fc.record(wetnessHour)),
    isWetByHumidity: t(percent),
    isWetByCart: t(warmC, percent, n(0, 10)),
  },
  'median.ts': { medianOf: t(list(n(-50, 50), 1, 20)), spreadOf: t(list(n(-50, 50), 1, 20)) },
  'paddy.ts': {
    percolationMm: t(texture),
    sankMm: t(
      fc.record({
        beforeMm: n(-50, 100),
        afterMm: n(-50, 100),
        rainMm: mm,
        irrigationMm: mm,
        etcMm: n(0, 9),
      }),
    ),
    shownPercolationMm: t(list(n(0, 30), 0, 9)),
    paddyDay: t(paddy),
  },
  'paddy-cold.ts': { coldWater: t(riceStage, someTemps), hotRipening: t(n(0, 2), someTemps) },
  'paddy-depths.ts': {
    depthsOf: t(riceStage, or(fc.record({ tillering: t(n(-150, 50), n(0, 200)) }))),
  },
  'paddy-drainage.ts': {
    creditDays: t(drainWish),
    nextDrainage: t(
      or(dried),
      fc.record({
        day: civil,
        development: n(0, 2),
        levelMm: or(n(-200, 100)),
        ...riceSeen,
        said: of('under-way', 'over', null),
      }),
      drainWish,
    ),
  },
  'paddy-loss.ts': {
    quietLossMmD: t(waterLevels, list(someHours, 0, 3), list(someHours, 0, 3)),
    rateMmH: t(waterLevels, someHours, paddyRate),
    lossTrend: t(list(paddyRate, 0, 14)),
    usualRateMmH: t(list(paddyRate, 0, 9)),
  },
  'paddy-season.ts': {
    nextSeason: t(
      of(null),
      fc.record({
        ...riceGrown,
        day: civil,
        levelMm: or(n(-200, 100)),
        headingCd: or(n(600, 1500)),
        said: or(fc.record({ stage: riceStage, day: civil, daysAgo: int(-3, 40) })),
        ...riceSeen,
      }),
      drainWish,
    ),
  },
  'paddy-stages.ts': {
    startOfStage: t(riceStage),
    stageByCalendar: t(n(-10, 150)),
    developmentOf: t(fc.record(riceGrown), n(600, 1500)),
    stageAt: t(n(0, 2), fc.record({ isDraining: fc.boolean(), hasDrained: fc.boolean() })),
  },
  'paddy-usual.ts': {
    mostMm: t(fc.record(heights)),
    crestMm: t(fc.record({ ...heights, boardMm: or(n(-50, 300)) })),
    holdDay: t(
      fc.record({ sinceHerbicideDays: or(int(-5, 200)), sinceTransplantingDays: int(-5, 150) }),
      int(0, 14),
    ),
  },
  'pest-biofix.ts': {
    biofixDay: t(biofix, checks),
    fixedBiofix: t(biofix),
    caughtLately: t(checks, day),
  },
  'pest-catches.ts': { halfFlight: t(curve, half, spans), plainCurve: t(n(100, 1200)) },
  'pest-outlook.ts': {
    pestOutlook: t(
      pest,
      fc.record({
        dailyCd: list(or(n(0, 25)), 0, 120),
        catches: list(fc.record({ day: int(0, 100), count: int(0, 40) }), 0, 20),
        beforeCd: or(n(0, 300)),
        learned: list(or(fc.record({ midCd: n(50, 900), sdCd: n(20, 200), scaleCd: n(10, 200) })), 0, 3),
      }),
    ),
    flightWindow: t(pest, n(0, 3000)),
    flightWindows: t(pest, n(0, 3000)),
  },
  'pest-reader.ts': { readPest: t(of({}, null, 3, { id: 'x', name: 'x', lower: 5 })) },
  'pest-row.ts': { nextEventOf: t(pest, n(0, 3000)) },
  'pests.ts': { useOwnPests: t(fc.constant([])), pestOf: t(of('codling-moth', 'x')) },
  'probe.ts': {
    probeDepletion: t(readings, limits, rootM),
    meanOfProbes: t(list(probe, 0, 4), limits, rootM),
  },
  'psychrometrics.ts': {
    pressureKPa: t(elevationM),
    psychrometricConstant: t(elevationM),
    saturationKPa: t(tempC),
    meanSaturationKPa: t(tempC, tempC),
    saturationSlope: t(tempC),
    vapourFromPsychrometerKPa: t(tempC, tempC, elevationM),
    vapourFromRangeKPa: t(
      t(extremes, percent, percent).map(([one, humidityMaxPct, humidityMinPct]) => ({
        ...one,
        humidityMaxPct,
        humidityMinPct,
      })),
    ),
    vapourFromMeanKPa: t(tempC, tempC, percent),
    vapourKPa: t(tempC, percent),
  },
  'quality-record.ts': {
    pointsOf: t(soilRecord),
    usual: t(
      manyPoints,
      int(1, 3),
      of((some: readonly { pct: number }[], k: number) => some[k]!.pct),
    ),
    fallAt: t(manyPoints, int(1, 3)),
    wiggleAt: t(manyPoints, int(1, 3)),
    isWatered: t(soilRecord, fc.record({ at: int(0, 100), h: n(0, 100), pct: n(5, 50) })),
    quantile: t(list(n(0, 50), 0, 20), share),
  },
  'quality-rest.ts': { stuck: recordAndPoints },
  'quality-soil.ts': { soilFindings: t(soilRecord) },
  'quality-strokes.ts': {
    spikes: recordAndPoints,
    excursions: recordAndPoints,
    leastStep: t(manyPoints, int(1, 3)),
  },
  'quality-weather.ts': {
    weatherFindings: t(
      t(column, column).map(([temps, dew]) => ({
        hours: temps.map((_, i) => ({ J: 180, midUtcHour: i + 0.5 })),
        tempC: temps,
        dewC: dew,
        radiationWm2: temps.map((one) => (one === null ? null : Math.max(0, 10 * one))),
      })),
      place,
    ),
    neighbourFindings: t(column, list(column, 0, 3)),
  },
  'radiation.ts': {
    radiationMJm2: t(n(0, 500)),
    inverseDistance: t(J),
    declination: t(J),
    sunsetAngle: t(latDeg, J),
    daylightHours: t(latDeg, J),
    extraterrestrialMJm2: t(latDeg, J),
    extraterrestrialHourMJm2: t(place, J, utcHour),
    sunHeightSine: t(place, J, utcHour),
    solarFromSunshineMJm2: t(n(0, 16), n(0, 24), Ra),
    solarFromTemperatureMJm2: t(extremes, Ra, Ra),
    netShortwaveMJm2: t(n(0, 40)),
    netLongwaveMJm2: t(
      t(extremes, vapour).map(([one, vapourKPa]) => ({ ...one, vapourKPa })),
      cloud,
    ),
    netLongwaveHourMJm2: t(fc.record({ tempC, vapourKPa: vapour }), cloud),
    relativeShortwave: t(n(0, 40), n(0, 40)),
    radiationShare: t(place, J, utcHour),
  },
  'reference-et.ts': {
    et0Mm: t(dayWeather, site, standard),
    penmanMonteith: t(
      fc.record({
        T: tempC,
        Rn: n(-5, 25),
        G: n(-1, 1),
        u2: n(0, 20),
        es: n(1, 5),
        ea: n(0, 1),
        Delta: n(0.01, 0.4),
        gamma: n(0.03, 0.08),
        Cn: of(900, 37),
        Cd: of(0.34, 0.96),
      }),
    ),
    monthlySoilHeatMJm2: t(tempC, tempC),
    monthlySoilHeatSoFarMJm2: t(tempC, tempC),
    assertDay: t(dayWeather),
    assertSite: t(place),
  },
  'root-zone.ts': {
    profileDepletionMm: t(profile),
    profileState: t(
      of((toM: number) => 250 * toM),
      profileSoil,
      crop,
      ageD,
    ),
    profileDay: t(profile, profileDay, profileSoil, crop, ageD, n(0.7, 1.3)),
  },
  'runoff.ts': {
    runoffMm: t(n(0, 300), n(20, 100)),
    curveNumberToday: t(n(20, 98), n(0, 30), n(15, 40), n(3, 12)),
    curveNumberOf: t(texture, of('row', 'grain', 'orchard')),
  },
  'sensor-conversion.ts': {
    toppVwc: t(n(1, 80)),
    hydraProbeVwc: t(n(1, 80)),
    decagon10hsVwc: t(n(300, 1100)),
    decagonEc5Vwc: t(n(500, 1200)),
    twoPointVwc: t(
      n(300, 900),
      fc.record({ rawDry: n(700, 900), rawWet: n(300, 500), vwcDry: n(0, 0.1), vwcWet: n(0.3, 0.5) }),
    ),
    atReferenceTemp: t(vwc, tempC, of({ perC: 0.001, refC: 25 })),
  },
  'soil-layers.ts': {
    layersAround: t(
      list(n(0, 120), 0, 4),
      rootM,
      of(() => ({ fieldCapacity: 0.3, wiltingPoint: 0.1 })),
    ),
    layerDepletionMm: t(layer, vwc),
    layerTawMm: t(layer),
    layersDay: t(layers),
  },
  'soil-limits.ts': {
    ownLimits: t(limits),
    learnLimits: t(vwcHours, n(0.1, 0.45)),
    combineLimits: t(
      fc.record({ fieldCapacity: limitEstimate, wiltingPoint: limitEstimate }),
      list(learnedLimits, 0, 3),
    ),
  },
  'soil-water.ts': {
    tawMm: t(limits, rootM),
    pAdjusted: t(p, n(0, 15)),
    rawMm: t(taw, p),
    ksOf: t(n(0, 300), taw, p),
    balanceDay: t(balance),
    depletionSdMm: t(uncertainty, drained, taw),
    balanceSdMm: t(uncertainty, drained, taw),
    unknownSdMm: t(taw),
  },
  'soils.ts': { textureOf: t(texture), soilOf: t(texture) },
  'table-crop.ts': { tableCropOf: t(of('onion', 'moon dust'), wholly(heatModel), fc.constant('source')) },
  'wet-bulb.ts': {
    wetBulbC: t(tempC, percent, elevationM),
    deltaTC: t(tempC, percent, elevationM),
  },
  'wetting-peaks.ts': { wettingPeaks: t(vwcHours) },
  'wind.ts': { wind2mMps: t(n(0, 30), n(0.5, 20)) },
  'yield-response.ts': { kyOf: t(of('maize', 'x')), yieldShare: t(n(0.2, 1.5), n(0, 900), n(0, 900)) },
}
