/** Domains of the sweep: radiation, humidity, wind and reference evapotranspiration. */
import fc from 'fast-check'
import { table12 } from '../../../../services/agronomy/fao56/table12-crop-coefficients.ts'
import {
  n,
  int,
  or,
  list,
  t,
  of,
  wholly,
  tempC,
  percent,
  latDeg,
  elevationM,
  place,
  extremes,
  type Domains,
} from './values.ts'

const vapour = n(0.1, 3)
const J = int(1, 366)
const utcHour = n(-24, 48)
const Ra = n(0, 45)
const cloud = n(0.3, 1)
const site = fc.record({ latDeg, elevationM })
const surface = of('fao56', 'asce-short', 'asce-tall')
const standard = fc.record({ surface, clearSky: of('simple', 'full') })
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

export const ofAir: Domains = {
  'evapotranspiration/clear-sky.ts': {
    clearSkyMJm2: t(Ra, elevationM),
    clearSkyFullMJm2: t(Ra, site, J, vapour),
    clearSkyFullHourMJm2: t(n(0, 5), place, J, utcHour, vapour),
    clearSkyCheck: t(list(fc.record({ radiationMJm2: n(0, 40), clearSkyMJm2: n(1, 40) }), 0, 70)),
  },
  'evapotranspiration/et0-with-fallbacks.ts': {
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
  'fao56/find-row.ts': {
    wordsOf: t(of('Onions, dry', '')),
    isWithin: t(list(of('a', 'b'), 0, 3), list(of('a', 'b'), 0, 3)),
    rowsOf: t(wholly(fc.constant(table12)), of('onion', 'moon dust')),
  },
  'evapotranspiration/hourly-et.ts': {
    hourlyEtMm: t(list(hourWeather, 0, 30), place, standard, cloud),
    hourEtMm: t(hourWeather, place, surface, cloud),
    netRadiationHourMJm2: t(hourWeather, cloud),
    cloudRatios: t(list(hourWeather, 0, 30), place, standard, cloud),
  },
  'evapotranspiration/psychrometrics.ts': {
    dewPointC: t(tempC, percent),
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
  'evapotranspiration/radiation.ts': {
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
  'evapotranspiration/penman-monteith.ts': {
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
  'evapotranspiration/wet-bulb.ts': {
    wetBulbC: t(tempC, percent, elevationM),
    deltaTC: t(tempC, percent, elevationM),
  },
  'evapotranspiration/wind.ts': { wind2mMps: t(n(0, 30), n(0.5, 20)) },
}
