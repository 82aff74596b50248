/**
 * The single-Kc water balance over every season of the record and every crop of the table, watered and not: what came
 * in is what went out and what is stored, and Dr stays between field capacity and the wilting point.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import { crops, type Crop } from '../../../services/agronomy/crops.ts'
import { et0Mm } from '../../../services/agronomy/reference-et.ts'
import { kcOf, rootDepthM, seasonLengthD } from '../../../services/agronomy/growth.ts'
import { balanceDay, pAdjusted, rawMm, tawMm } from '../../../services/agronomy/soil-water.ts'
import { soils } from '../../../services/agronomy/soils.ts'
import type { Line } from '../line.ts'
import { yearsOf } from '../read-days.ts'
import { atMost, told } from '../score.ts'
import { MARICOPA, maricopaDays, maricopaSite, weatherOf } from './maricopa.ts'

const PLANTED = '04-15' // cotton in Arizona

export const balance: Line = {
  name: 'balance',
  about: 'single-Kc root-zone seasons at Maricopa: water in = water out + storage',
  needs: [`data/${MARICOPA}`],
  score(data) {
    const days = maricopaDays(data)
    const climate: Climate = new Map(
      days.map((day) => [day.day, { et0Mm: et0Mm(weatherOf(day), maricopaSite), rainMm: day.rain_mm }]),
    )
    const years = [...new Set(days.map(({ day }) => day.slice(0, 4)))]
    const seasons = Object.values(crops).flatMap((crop) =>
      years.flatMap((year) =>
        [true, false].map((isWatered) => season(crop, `${year}-${PLANTED}`, climate, isWatered)),
      ),
    )
    const whole = seasons.filter((one) => one !== null)
    const openMm = whole.reduce((max, one) => Math.max(max, Math.abs(one.openMm)), 0)
    const outside = whole.reduce((sum, one) => sum + one.daysOutside, 0)
    const cotton = whole.filter((one) => one.crop === 'cotton' && one.isWatered)
    return [
      told(`seasons of ${Object.keys(crops).length} crops, ${yearsOf(days)}`, whole.length, '', 0),
      atMost('most water a season leaves open', whole.length > 0 ? openMm : NaN, 1e-6, 'mm', 7),
      atMost('days with Dr outside 0..TAW or ETa above ETc', whole.length > 0 ? outside : NaN, 0, 'd', 0),
      told('cotton watered at RAW, mean ETc of a season', mean(cotton.map(({ etcMm }) => etcMm)), 'mm', 0),
      told(
        'cotton watered at RAW, mean of what drained',
        mean(cotton.map(({ drainedMm }) => drainedMm)),
        'mm',
        0,
      ),
    ]
  },
}

type Climate = Map<Day, { et0Mm: number; rainMm: number }>

interface Season {
  crop: string
  isWatered: boolean
  openMm: number // in - out - change of storage
  daysOutside: number
  etcMm: number
  drainedMm: number
}

/** One season on loam from field capacity, refilled when the readily available water is used up. Null: not all days. */
function season(crop: Crop, plantedDay: Day, climate: Climate, isWatered: boolean): Season | null {
  let depletionMm = 0
  let [inMm, outMm, etcSumMm, drainedMm, daysOutside] = [0, 0, 0, 0, 0]
  for (let age = 0; age < seasonLengthD(crop); age++) {
    const weather = climate.get(addDays(plantedDay, age))
    if (!weather) return null
    const taw = tawMm(soils.loam, rootDepthM(crop, age))
    const etcMm = kcOf(crop, age) * weather.et0Mm
    const p = pAdjusted(crop.p, etcMm)
    const irrigationMm = isWatered && depletionMm >= rawMm(taw, p) ? depletionMm : 0
    const day = balanceDay({ depletionMm, tawMm: taw, p, etcMm, rainMm: weather.rainMm, irrigationMm })
    const isInside = day.depletionMm >= 0 && day.depletionMm <= taw + 1e-9 && day.etaMm <= etcMm + 1e-9
    if (!isInside) daysOutside++
    inMm += weather.rainMm + irrigationMm
    outMm += day.etaMm + day.deepPercolationMm
    etcSumMm += etcMm
    drainedMm += day.deepPercolationMm
    depletionMm = day.depletionMm
  }
  // storage fell by as much as Dr grew from the 0 it began with
  const openMm = inMm - outMm + depletionMm
  return { crop: crop.id, isWatered, openMm, daysOutside, etcMm: etcSumMm, drainedMm }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
