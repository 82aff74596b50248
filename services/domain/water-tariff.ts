/**
 * The price of a m³ at a zone: of its pump, else of the fixed schedule of its field, else of its farm. Unknown is
 * null, never 0.
 */
import { pumpScheduleOf } from './water-supply.ts'
import {
  readFarmWaterPrice,
  readPumpWaterPrice,
  type FarmRow,
  type FixedScheduleRow,
  type PumpRow,
  type WaterPrice,
  type ZoneRow,
} from '../tables.ts'

export interface PricePerM3 {
  water: number | null
  energy: number | null
}

type Hours = Pick<ZoneRow, 'windowFromMin' | 'windowToMin'>
const DAY_MIN = 1440

/** The price of water and energy for a zone: of its pump, its fixed schedule or its farm. Per m³. */
export function waterPriceOf(
  zone: (Pick<ZoneRow, 'pumpId'> & Hours) | null,
  farm: { farm: Pick<FarmRow, 'waterPrice'>; pumps: readonly PumpRow[] },
  fixedSchedule: Pick<FixedScheduleRow, 'waterPricePerM3'> | null,
): PricePerM3 {
  const pump = farm.pumps.find(({ id }) => id === zone?.pumpId)
  const pumpPrice = pump?.waterPrice ? readPumpWaterPrice(pump.waterPrice) : noPrice
  const ofFarm = farm.farm.waterPrice ? readFarmWaterPrice(farm.farm.waterPrice) : noPrice
  return {
    water: pumpPrice.waterPerM3 ?? fixedSchedule?.waterPricePerM3 ?? ofFarm.waterPerM3 ?? null,
    energy:
      pumpPrice.energyPerM3 ?? (pump && zone ? tariffOver(pump, zone) : null) ?? ofFarm.energyPerM3 ?? null,
  }
}

/** The currency that was entered with the price; null: none was. */
export function currencyOf(
  zone: Pick<ZoneRow, 'pumpId'> | null,
  farm: { farm: Pick<FarmRow, 'waterPrice'>; pumps: readonly PumpRow[] },
): string | null {
  const pump = farm.pumps.find(({ id }) => id === zone?.pumpId)
  const pumpPrice = pump?.waterPrice ? readPumpWaterPrice(pump.waterPrice) : noPrice
  const ofFarm = farm.farm.waterPrice ? readFarmWaterPrice(farm.farm.waterPrice) : noPrice
  return pumpPrice.currency ?? (pump && pumpScheduleOf(pump).currency) ?? ofFarm.currency ?? null
}

const noPrice: WaterPrice = {}

/** The mean tariff of a pump over the watering window of the zone; null without a tariff. */
function tariffOver(pump: PumpRow, { windowFromMin, windowToMin }: Hours): number | null {
  const { tariff = [] } = pumpScheduleOf(pump)
  if (tariff.length === 0) return null
  const minutes =
    windowToMin > windowFromMin ? windowToMin - windowFromMin : windowToMin + DAY_MIN - windowFromMin
  let sum = 0
  for (let i = 0; i < minutes; i++) {
    const minute = (windowFromMin + i) % DAY_MIN
    // where two tariffs overlap, the higher one counts
    sum += Math.max(0, ...tariff.filter((hours) => isIn(minute, hours)).map(({ perM3 }) => perM3))
  }
  return sum / minutes
}

const isIn = (minute: number, { fromMin, toMin }: { fromMin: number; toMin: number }): boolean =>
  toMin > fromMin ? minute >= fromMin && minute < toMin : minute >= fromMin || minute < toMin
