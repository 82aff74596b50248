/**
 * The water balance over every season of every climate of the data, for every crop of the catalogue, watered and not,
 * by the dual and the single crop coefficient, in layers and in a paddy: inflow equals outflow plus storage, and no
 * state leaves its range.
 */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import { crops } from '../../../services/agronomy/crops/catalogue.ts'
import type { Crop } from '../../../services/agronomy/crops/crop.ts'
import { seasonLengthD } from '../../../services/agronomy/crops/growth.ts'
import { sumBy } from '../../../services/runtime/math.ts'
import {
  dualSeason,
  fieldWaterSeason,
  layeredSeason,
  paddySeason,
  singleSeason,
  type SeasonAccount,
  type SeasonModel,
  type WaterDay,
} from '../balance-seasons.ts'
import { numberIn, type DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atMost, missingData, forComparison, type Score } from '../score.ts'

// spring of either hemisphere
const PLANTED = ['04-15', '10-15']

interface Model {
  run: SeasonModel
  crops: readonly Crop[]
  library?: readonly string[]
}

const models: Record<string, Model> = {
  'the water of a field': { run: fieldWaterSeason, crops: Object.values(crops) },
  'dual crop coefficient': {
    run: dualSeason,
    crops: Object.values(crops),
    library: ['services/agronomy/water/dual-day.ts'],
  },
  'single crop coefficient': { run: singleSeason, crops: Object.values(crops) },
  layers: {
    run: layeredSeason,
    crops: Object.values(crops),
    library: ['services/agronomy/water/soil-layers.ts'],
  },
  paddy: { run: paddySeason, crops: [crops.rice] },
}

export const balance: Line = {
  name: 'balance',
  about: 'seasons of every crop and climate: water in = water out + storage',
  parts: Object.entries(models).map(([name, model]) => ({
    needs: [{ columns: ['date', 'rain_mm'], like: 'data/weather-maricopa-daily' }],
    library: model.library ?? [],
    score(data) {
      const climates = climatesOf(data)
      return climates.length > 0
        ? scoresOf(name, model, climates)
        : [
            missingData([
              'a CSV below data/ with date, rain_mm and et0_mm (like data/weather-maricopa-daily)',
            ]),
          ]
    },
  })),
}

type Climate = ReadonlyMap<Day, WaterDay>

/** Every table of days with rain and a reference ET, under any such column name: et0_mm, eto_azmet_mm. */
function climatesOf(data: DataFolder): Climate[] {
  return data.tables(['date', 'rain_mm']).flatMap((table) => {
    const column = table.columns.find((name) => /^et[0o](_\w+)?_mm$/.test(name))
    if (column === undefined) return []
    const days = new Map<Day, WaterDay>()
    table.rows.forEach((row, i) => {
      const [et0Mm, rainMm] = [numberIn(table, i, column), numberIn(table, i, 'rain_mm')]
      if (et0Mm !== null && rainMm !== null) days.set(row.date!, { et0Mm, rainMm })
    })
    return days.size === 0 ? [] : [days]
  })
}

function scoresOf(name: string, model: Model, climates: readonly Climate[]): Score[] {
  const seasons: SeasonAccount[] = []
  for (const climate of climates)
    for (const planted of plantingDays(climate))
      for (const crop of model.crops) {
        const days = daysOf(climate, planted, seasonLengthD(crop))
        if (days) for (const isWatered of [true, false]) seasons.push(model.run(crop, days, isWatered))
      }
  const openMm = seasons.reduce((max, season) => Math.max(max, Math.abs(season.openMm)), 0)
  const outside = sumBy(seasons, (season) => season.daysOutside)
  const any = seasons.length > 0
  return [
    forComparison(`${name}: seasons in ${climates.length} climates`, seasons.length, '', 0),
    atMost(`${name}: most water a season leaves open`, any ? openMm : NaN, 1e-6, 'mm', 7),
    atMost(`${name}: days with a state outside its range`, any ? outside : NaN, 0, 'd', 0),
  ]
}

const plantingDays = (climate: Climate): Day[] =>
  [...new Set([...climate.keys()].map((day) => day.slice(0, 4)))].flatMap((year) =>
    PLANTED.map((day) => `${year}-${day}`),
  )

/** Null where a day of the season is missing. */
function daysOf(climate: Climate, planted: Day, lengthD: number): WaterDay[] | null {
  const days: WaterDay[] = []
  for (let age = 0; age < lengthD; age++) {
    const day = climate.get(addDays(planted, age))
    if (!day) return null
    days.push(day)
  }
  return days
}
