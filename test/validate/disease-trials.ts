/** The vectors of diseases and of leaf wetness, by the name of their model, through the functions of the product. */
import {
  scabHours,
  scabWetHours,
  isScabInfection,
  SCAB_DRY_H,
} from '../../services/agronomy/disease/apple-scab.ts'
import { broomeProbability } from '../../services/agronomy/disease/botrytis.ts'
import { isThreeTen } from '../../services/agronomy/disease/downy-mildew.ts'
import { infectionWetHours } from '../../services/agronomy/disease/generic-infection.ts'
import { headBlightProbability, type Resistance } from '../../services/agronomy/disease/head-blight.ts'
import { hutton, isHumidPeriod, smith, type HumidDay } from '../../services/agronomy/disease/humid-days.ts'
import { blitecastSpray, blitecastSv } from '../../services/agronomy/disease/late-blight.ts'
import { blastClass, blastWetHours } from '../../services/agronomy/disease/leaf-blast.ts'
import { potatoDays } from '../../services/agronomy/disease/potato-days.ts'
import {
  mildewIndex,
  initialIndex,
  type MildewIndex,
} from '../../services/agronomy/disease/powdery-mildew.ts'
import { tarSpotProbability } from '../../services/agronomy/disease/tar-spot.ts'
import { TOMCAST_SPRAY_DSV, tomcastDsv } from '../../services/agronomy/disease/tomcast.ts'
import { dayHours, type WeatherHour } from '../../services/agronomy/disease/weather-hours.ts'
import { wetPeriods } from '../../services/agronomy/disease/wet-periods.ts'
import { dewPointC } from '../../services/agronomy/evapotranspiration/psychrometrics.ts'
import { isWetByHumidity } from '../../services/agronomy/disease/leaf-wetness.ts'
import { numberAt, textAt, type Vector } from './read-vectors.ts'
import type { Trial } from './score.ts'

type Answer = number | boolean | string | readonly number[] | null

const at = (vector: Vector, key: string): number => numberAt(vector, 'inputs', key)

/** In °C; a vector with both units is read in °F, the unit of its printed table. */
const tempC = (vector: Vector): number =>
  'temp_F' in vector.inputs ? ((at(vector, 'temp_F') - 32) * 5) / 9 : at(vector, 'temp_C')

const humidDay = (vector: Vector, key: string): HumidDay => ({
  tempMinC: numberAt(vector, 'inputs', key, 'tmin_C'),
  humidH: numberAt(vector, 'inputs', key, 'hours_rh90'),
})

/** '<=4 rain-favourable days', '>6', '5': a number that satisfies the text. */
function within(text: string): number {
  const value = Number(/\d+/.exec(text)?.[0])
  if (text.startsWith('<=') || text.startsWith('>=')) return value
  return text.startsWith('<') ? value - 1 : text.startsWith('>') ? value + 1 : value
}
const countAt = (vector: Vector, key: string): number =>
  typeof vector.inputs[key] === 'number' ? at(vector, key) : within(textAt(vector, 'inputs', key))

function mildewIndexes(vector: Vector): number[] {
  const days = vector.inputs.days as {
    six_consecutive_hours_70_85F: boolean
    ge_15min_at_or_above_95F: boolean
  }[]
  let state: MildewIndex = initialIndex
  return days.map((day) => {
    state = mildewIndex(state, {
      isMild: day.six_consecutive_hours_70_85F,
      isHot: day.ge_15min_at_or_above_95F,
    })
    return state.index
  })
}

/** Two wet hours with a dry spell between them: whether they are one period. */
function mergeRule(): string {
  const periods = (dryH: number) =>
    wetPeriods([true, ...Array<boolean>(dryH).fill(false), true], SCAB_DRY_H).length
  return periods(7) === 1 && periods(8) === 2 ? 'merge_if_dry_lt_8h' : 'another rule'
}

/** Rain from 23:00 on, sunrise at 7:00: the hour at which the count starts. */
function startRule(): string {
  const night = Array.from({ length: 12 }, (_, i): WeatherHour => {
    const hour = (23 + i) % 24
    const isDaylight = hour >= 7 && hour < 23
    return {
      clock: '',
      hour,
      isDaylight,
      tempC: 10,
      tempMinC: 10,
      tempMaxC: 10,
      humidityPct: 95,
      rainMm: 1,
      windMps: 1,
      sunH: 0,
      wetShare: 1,
    }
  })
  const counted = scabHours(dayHours(night, 0, 1).hours, false)
  return counted[0]?.hour === 7 ? 'start_at_sunrise' : 'another rule'
}

const models: Record<string, (vector: Vector) => Answer> = {
  apple_scab_revised_mills_min_wet_hours: (v) => scabWetHours(tempC(v)),
  apple_scab_revised_mills_infection: (v) => isScabInfection(at(v, 'wet_hours'), tempC(v)),
  apple_scab_wetting_merge_rule: mergeRule,
  apple_scab_start_rule: startRule,
  tomcast_dsv: (v) => tomcastDsv(at(v, 'mean_temp_wet_C'), at(v, 'leaf_wet_hours')),
  tomcast_spray_rule: () => TOMCAST_SPRAY_DSV,
  blitecast_severity_value: (v) => blitecastSv(at(v, 'mean_temp_rh90_C'), at(v, 'hours_rh90')),
  blitecast_spray_matrix: (v) =>
    blitecastSpray(countAt(v, 'rain_favourable_days_last7'), countAt(v, 'severity_values_last7')),
  smith_period: (v) => isHumidPeriod(humidDay(v, 'day1'), humidDay(v, 'day2'), smith),
  hutton_criteria: (v) => isHumidPeriod(humidDay(v, 'day1'), humidDay(v, 'day2'), hutton),
  gubler_thomas_index: mildewIndexes,
  botrytis_broome_probability: (v) => broomeProbability(at(v, 'wet_hours'), at(v, 'mean_temp_wet_C')),
  downy_mildew_3_10_rule: (v) => isThreeTen(at(v, 'mean_temp_C'), at(v, 'rain_24_48h_mm'), at(v, 'shoot_cm')),
  blastam_required_wet_hours: (v) => blastWetHours(at(v, 'mean_temp_wet_C')),
  blastam_day_class: (v) =>
    blastClass(at(v, 'wet_hours'), at(v, 'mean_temp_wet_C'), at(v, 'mean_temp_prev5d_C')),
  potato_physiological_days: (v) => potatoDays(at(v, 'tmin_C'), at(v, 'tmax_C')),
  generic_infection_wetness_hours: (v) =>
    infectionWetHours(
      {
        tempMinC: at(v, 'Tmin_C'),
        tempOptC: at(v, 'Topt_C'),
        tempMaxC: at(v, 'Tmax_C'),
        wetMinH: at(v, 'Wmin_h'),
        wetMaxH: at(v, 'Wmax_h'),
      },
      at(v, 'T_C'),
    ),
  tar_spot_probability: (v) =>
    tarSpotProbability({
      temp30C: at(v, 'mean_temp_30d_C'),
      humidityMax30Pct: at(v, 'max_rh_30d'),
      nightHumidH: at(v, 'hours_rh90_night_14d'),
    }),
  dew_point_C: (v) => dewPointC(at(v, 'T_C'), at(v, 'RH')),
  leaf_wet_by_rh90: (v) => isWetByHumidity(at(v, 'RH')),
}
for (const resistance of ['VS', 'S', 'MS', 'MR'] satisfies Resistance[])
  models[`wheat_fhb_probability_${resistance}`] = (v) =>
    headBlightProbability(at(v, 'mean_rh_14d'), resistance)

/** Whether a vector is of a known model of a disease or of leaf wetness. */
export const isOfDisease = (vector: Vector): boolean => textAt(vector, 'model') in models

export function diseaseTrial(vector: Vector): Trial {
  const model = textAt(vector, 'model')
  const result = models[model]?.(vector)
  return {
    name: vector.id,
    model,
    got: result === undefined ? null : comparable(result),
    expected: comparable(vector.expected as Answer),
    tolerance: numberAt(vector, 'tolerance'),
  }
}

/** A number is unchanged; any other value is compared as text. */
const comparable = (result: Answer): number | string =>
  typeof result === 'number' ? result : JSON.stringify(result)
