/** The worked examples and component formulas of FAO-56 (Allen et al. 1998), by the name of their function. */
import { clearSkyMJm2 } from '../../../services/agronomy/evapotranspiration/clear-sky.ts'
import { kcMaxOf, krOf, tewMm } from '../../../services/agronomy/water/dual-kc.ts'
import { hargreavesMm } from '../../../services/agronomy/evapotranspiration/et0-with-fallbacks.ts'
import { kcClimatic } from '../../../services/agronomy/crops/growth.ts'
import {
  cloudRatios,
  hourEtMm,
  netRadiationHourMJm2,
  type HourlyWeather,
} from '../../../services/agronomy/evapotranspiration/hourly-et.ts'
import {
  meanSaturationKPa,
  pressureKPa,
  psychrometricConstant,
  saturationKPa,
  saturationSlope,
  vapourFromMeanKPa,
  vapourFromPsychrometerKPa,
  vapourFromRangeKPa,
  vapourKPa,
} from '../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import * as sun from '../../../services/agronomy/evapotranspiration/radiation.ts'
import type { Place } from '../../../services/agronomy/evapotranspiration/radiation.ts'
import {
  FAO56,
  monthlySoilHeatMJm2,
  monthlySoilHeatSoFarMJm2,
  penmanMonteith,
} from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { ksOf, pAdjusted, rawMm, tawMm } from '../../../services/agronomy/water/soil-water.ts'
import { wind2mMps } from '../../../services/agronomy/evapotranspiration/wind.ts'
import type { Line } from '../line.ts'
import { numberAt, textAt, type Vector } from '../read-vectors.ts'
import { allOf, type Trial } from '../score.ts'

export const fao56: Line = {
  name: 'fao56',
  about: 'the worked examples of FAO-56',
  parts: [
    {
      needs: ['vectors/fao56_examples.json'],
      score: (data) => [allOf('worked examples and formulas', data.vectors('fao56_examples').map(trialOf))],
    },
  ],
}

function trialOf(vector: Vector): Trial {
  const name = textAt(vector, 'function')
  const compute = (functions as Record<string, Compute>)[name]
  return {
    name: vector.id,
    model: name,
    got: compute ? compute((key) => numberAt(vector, 'inputs', key), vector) : null,
    expected: numberAt(vector, 'expected'),
    tolerance: numberAt(vector, 'tolerance'),
  }
}

type Of = (key: string) => number
type Compute = (of: Of, vector: Vector) => number

/** Tilth's functions, by the names of the vectors; any other name is "not built". */
const functions = {
  'pressure_kPa(z_m)': (of) => pressureKPa(of('z_m')),
  'e0(T)': (of) => saturationKPa(of('T_C')),
  'es(Tmax,Tmin)': (of) => meanSaturationKPa(of('Tmax_C'), of('Tmin_C')),
  'ea_psychrometer(Tdry,Twet,z,a_psy)': (of) =>
    vapourFromPsychrometerKPa(of('Tdry_C'), of('Twet_C'), of('z_m'), of('a_psy')),
  'ea(Tmin,Tmax,RHmax,RHmin)': vapourOfRange,
  'ea(Tmin,Tmax,RHmean)': (of) => vapourFromMeanKPa(of('Tmax_C'), of('Tmin_C'), of('RHmean')),
  vpd: (of) => meanSaturationKPa(of('Tmax_C'), of('Tmin_C')) - vapourOfRange(of),
  'inverse_rel_distance(J)': (of) => sun.inverseDistance(of('J')),
  'solar_declination(J)': (of) => sun.declination(of('J')),
  sunset_hour_angle: (of) => sun.sunsetAngle(of('lat_deg'), of('J')),
  'Ra(lat,J)': (of) => sun.extraterrestrialMJm2(of('lat_deg'), of('J')),
  'daylight_hours(lat,J)': (of) => sun.daylightHours(of('lat_deg'), of('J')),
  'Rs_angstrom(n,N,Ra)': (of) => sun.solarFromSunshineMJm2(of('n_h'), of('N_h'), of('Ra')),
  'Rnl(Tmax,Tmin,ea,Rs,Rso)': (of) => longwave(of, of('Rs'), of('Rso')),
  'Rn(Rs,Rnl,albedo)': (of) => sun.netShortwaveMJm2(of('Rs')) - of('Rnl'), // albedo 0.23, as in the example
  'G_monthly(Tprev,Tnext)': (of) => monthlySoilHeatMJm2(of('Tprev_C'), of('Tnext_C')),
  'u2(uz,z)': (of) => wind2mMps(of('uz'), of('z_m')),
  'Rn from temperature (coastal kRs=0.19)': (of) => {
    const Ra = sun.extraterrestrialMJm2(of('lat_deg'), of('J'))
    const day = { tempMaxC: of('Tmax_C'), tempMinC: of('Tmin_C') }
    return netRadiation(of, sun.solarFromTemperatureMJm2(day, Ra, clearSkyMJm2(Ra, of('z_m')), of('kRs')))
  },
  'ETo monthly mean': monthlyMm,
  'Ra hourly': (of, vector) => {
    const { dayOfYear, midUtcHour } = hourOf(of, vector)
    return sun.extraterrestrialHourMJm2(placeOf(of), dayOfYear, midUtcHour)
  },
  'Rn hourly': (of, vector) => netRadiationHourMJm2(hourOf(of, vector), cloudOf(of, vector)),
  'ETo hourly': hourlyMm,
  'ETo hourly (FAO-56, 0.34 both day and night)': hourlyMm,
  // Example 20 states Ra of its place and month, 45°43' N on 15 July; Tilth calculates it from them
  'ETo Hargreaves': (of) =>
    hargreavesMm({ dayOfYear: 196, tempMinC: of('Tmin_C'), tempMaxC: of('Tmax_C') }, 45 + 43 / 60),
  'Kcmid climatic adjustment (eq.62)': (of) => kcAdjusted(of, of('Kc_tab')),
  'Kcb mid adjustment (eq.70)': (of) => kcAdjusted(of, of('Kcb_tab')), // the same expression as Eq. 62
  'TAW,RAW with p adjusted (eq.82,83, table 22 footnote)': (of) => {
    const soil = { fieldCapacity: of('theta_fc'), wiltingPoint: of('theta_wp') }
    return rawMm(tawMm(soil, of('Zr_m')), pAdjusted(of('p_table'), of('ETc_mm_d')))
  },
  'Ks(Dr,TAW,p) eq.84': (of) => ksOf(of('Dr_mm'), of('TAW_mm'), of('p')),
  'Kr(De,TEW,REW) eq.74': (of) => krOf(of('De_mm'), of('TEW_mm'), of('REW_mm')),
  'Kcmax eq.72': (of) => kcMaxOf(of('Kcb'), of('h_m'), { windMps: of('u2'), humidityMinPct: of('RHmin') }),
  'TEW eq.73': (of) => tewMm({ fieldCapacity: of('theta_fc'), wiltingPoint: of('theta_wp') }, of('Ze_m')),
} satisfies Record<string, Compute>

function vapourOfRange(of: Of): number {
  return vapourFromRangeKPa({
    tempMaxC: of('Tmax_C'),
    tempMinC: of('Tmin_C'),
    humidityMaxPct: of('RHmax'),
    humidityMinPct: of('RHmin'),
  })
}

function longwave(of: Of, Rs: number, Rso: number): number {
  const day = {
    tempMaxC: of('Tmax_C'),
    tempMinC: of('Tmin_C'),
    vapourKPa: of('ea_kPa'),
  }
  return sun.netLongwaveMJm2(day, sun.relativeShortwave(Rs, Rso))
}

function netRadiation(of: Of, Rs: number): number {
  const Rso = clearSkyMJm2(sun.extraterrestrialMJm2(of('lat_deg'), of('J')), of('z_m'))
  return sun.netShortwaveMJm2(Rs) - longwave(of, Rs, Rso)
}

/** Example 17: a month, whose soil heat flux (Eq. 44) is an input of Eq. 6. */
function monthlyMm(of: Of): number {
  const T = (of('Tmax_C') + of('Tmin_C')) / 2
  const Ra = sun.extraterrestrialMJm2(of('lat_deg'), of('J'))
  const Rs = sun.solarFromSunshineMJm2(of('n_h'), sun.daylightHours(of('lat_deg'), of('J')), Ra)
  return penmanMonteith({
    T,
    Rn: netRadiation(of, Rs),
    G: monthlySoilHeatSoFarMJm2(of('Tmonth_prev_C'), of('Tmonth_C')),
    u2: of('u2'),
    es: meanSaturationKPa(of('Tmax_C'), of('Tmin_C')),
    ea: of('ea_kPa'),
    Delta: saturationSlope(T),
    gamma: psychrometricConstant(of('z_m')),
    Cn: 900,
    Cd: 0.34,
  })
}

/** Example 19: an hour labelled like `14:00-15:00` in standard time. */
function hourOf(of: Of, vector: Vector): HourlyWeather {
  const [from, to] = textAt(vector, 'inputs', 'hour').split('-').map(Number.parseFloat) as [number, number]
  return {
    dayOfYear: of('J'),
    midUtcHour: (from + to) / 2 + of('lz_deg_west') / 15,
    tempC: of('T_C'),
    vapourKPa: vapourKPa(of('T_C'), of('RH')),
    windMps: of('u2'),
    radiationMJm2: of('Rs_MJ_m2_h'),
  }
}

/** Rs/Rso of the hour itself, or that before sunset where the example gives it. */
const cloudOf = (of: Of, vector: Vector): number =>
  'Rs_over_Rso_previous' in vector.inputs
    ? of('Rs_over_Rso_previous')
    : cloudRatios([hourOf(of, vector)], placeOf(of), FAO56)[0]!

function hourlyMm(of: Of, vector: Vector): number {
  return hourEtMm(hourOf(of, vector), placeOf(of), 'fao56', cloudOf(of, vector))
}

const placeOf = (of: Of): Place => ({
  latDeg: of('lat_deg'),
  lonDeg: -of('lon_deg_west'),
  elevationM: of('z_m'),
})

const kcAdjusted = (of: Of, kc: number): number =>
  kcClimatic(kc, of('h_m'), { windMps: of('u2'), humidityMinPct: of('RHmin') })
