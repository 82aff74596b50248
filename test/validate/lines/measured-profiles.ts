/** Fields with measured soil profiles, irrigations, weather and soil limits, as SOURCE.md of their folder describes them. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { cropOf, crops } from '../../../services/agronomy/crops/catalogue.ts'
import type { Crop } from '../../../services/agronomy/crops/crop.ts'
import type { ProfileDay, ProfileSoil } from '../models/root-zone.ts'
import { soils } from '../../../services/agronomy/water/soils.ts'
import { wind2mMps } from '../../../services/agronomy/evapotranspiration/wind.ts'
import { fail } from '../../../services/errors.ts'
import type { StationDay } from '../../../services/estimate/days/station-day.ts'
import { saturationKPa } from '../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import type { MeasuredField, Visit } from '../models/calibrate-plot.ts'
import { numberIn, type DataFolder, type DataTable } from '../data-folder.ts'
import { siteOf } from '../stations.ts'

const profileColumns = ['plot', 'date']
const weatherColumns = ['date', 'eto_mm', 'rain_mm', 'wind_m_s', 'rhmin_pct'] as const

export interface MeasuredPlot extends MeasuredField {
  folder: string
  plot: string
  plantedDay: Day
  hasLimits: boolean // otherwise those of a loam
  visits: readonly PlotVisit[]
  site: { latDeg: number; elevationM: number } | null // of the weather station
  stationDayOf(age: number): StationDay | null
  /** the mean limits down to a depth */
  limitsTo(toM: number): { fieldCapacity: number; wiltingPoint: number }
}

export interface PlotVisit extends Visit {
  layers: readonly { depthCm: number; vwc: number }[]
}

/**
 * The plots of each folder that has profiles (`vwc_NNcm`), with the irrigations and the weather of their folder, and its
 * limits (`fc_NNN`, `wp_NNN`) or those of a loam. A folder without weather is dated from its first profile.
 */
export function measuredPlots(data: DataFolder): MeasuredPlot[][] {
  const tables = data.tables(profileColumns).filter(({ columns }) => depthsOf(columns, VWC).length > 1)
  return [...new Set(tables.map(({ folder }) => folder))].map((folder) =>
    plotsOf(
      data,
      folder,
      tables.filter((table) => table.folder === folder),
    ),
  )
}

const VWC = /^vwc_(\d+)cm$/
const FC = /^fc_(\d+)$/
const WP = /^wp_(\d+)$/

function plotsOf(data: DataFolder, folder: string, profiles: DataTable[]): MeasuredPlot[] {
  const weather = daysOf(data, folder)
  const stationDays = stationDaysOf(data, folder)
  const site = siteOf(data.source(folder))
  const irrigation = irrigationOf(data, folder)
  const limits = new Map(
    data
      .tables(['plot'], folder)
      .filter(({ columns }) => depthsOf(columns, FC).length > 0)
      .flatMap((table) => table.rows.map((row, i) => [row['plot']!, { table, i }] as const)),
  )
  const parameters = parametersOf(data, folder)
  const crop = cropFrom(folder, parameters)
  const visits = profiles.flatMap(visitsOf)
  const seasons = new Map(visits.map(({ plot, day }) => [`${plot} ${day.slice(0, 4)}`, plot]))
  return [...seasons].flatMap(([season, plot]) => {
    const limit = limits.get(plot)
    const year = season.slice(-4)
    const plantedDay =
      plantedOf(data.source(folder), year) ??
      firstOf(weather, year) ??
      visits.find((visit) => visit.plot === plot && visit.day.startsWith(year))?.day
    if (plantedDay === undefined) return []
    const soilTo = (toM: number): ProfileSoil =>
      limit ? soilFrom(limit.table, limit.i, toM, parameters) : soilOfTexture(parameters)
    return {
      folder,
      plot,
      plantedDay,
      hasLimits: limit !== undefined,
      site,
      stationDayOf: (age: number) => stationDays.get(addDays(plantedDay, age)) ?? null,
      limitsTo(toM: number) {
        const { fieldCapacity, wiltingPoint } = soilTo(toM)
        return { fieldCapacity, wiltingPoint }
      },
      crop,
      soil: soilTo(crop.rootMaxM),
      visits: visits
        .filter((visit) => visit.plot === plot && visit.day.startsWith(year))
        .map(({ day, waterMm, layers }) => ({ age: daysBetween(plantedDay, day), waterMm, layers }))
        .toSorted((a, b) => a.age - b.age),
      dayOf(age: number): ProfileDay {
        const day = addDays(plantedDay, age)
        const dayWeather = weather.get(day)
        if (!dayWeather) return fail('INVALID_CONFIG', `data/${folder}: no weather (eto_mm) of ${day}`)
        return { ...dayWeather, irrigationMm: irrigation.get(`${plot} ${day}`) ?? 0, wettedFraction: 1 }
      },
    }
  })
}

/** A loam, where a plot has no limits of its own. */
function soilOfTexture(parameters: Parameters): ProfileSoil {
  const { fieldCapacity, wiltingPoint, rewMm } = soils.loam
  return {
    fieldCapacity,
    wiltingPoint,
    surface: {
      fieldCapacity,
      wiltingPoint,
      layerM: parameters['Ze'] ?? 0.1,
      rewMm: parameters['REW'] ?? rewMm,
    },
  }
}

const firstOf = (weather: ReadonlyMap<Day, unknown>, year: string): Day | undefined =>
  [...weather.keys()].filter((day) => day.startsWith(year)).toSorted()[0]

const depthsOf = (columns: readonly string[], pattern: RegExp): number[] =>
  columns
    .map((column) => pattern.exec(column)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b)

/** Visits with a complete profile; a layer ends half-way to the next depth. */
function visitsOf(table: DataTable) {
  const depths = depthsOf(table.columns, VWC)
  const bottoms = depths.map((depth, k) =>
    k + 1 < depths.length ? (depth + depths[k + 1]!) / 2 : depth + (depth - depths[k - 1]!) / 2,
  )
  return table.rows.flatMap((row, i) => {
    const layers = depths.map((depth) => numberIn(table, i, columnOf(table, depth)))
    if (layers.some((vwc) => vwc === null)) return []
    const waterMm = (toM: number) =>
      layers.reduce<number>((sum, vwc, k) => sum + 1000 * vwc! * thicknessM(bottoms, k, toM), 0)
    return {
      plot: row['plot']!,
      day: row['date']!,
      waterMm,
      layers: depths.map((depthCm, k) => ({ depthCm, vwc: layers[k]! })),
    }
  })
}

const columnOf = (table: DataTable, depth: number): string =>
  table.columns.find((column) => Number(VWC.exec(column)?.[1]) === depth)!

/** Thickness of layer `k` above `toM`. */
const thicknessM = (bottomsCm: readonly number[], k: number, toM: number): number =>
  Math.max(0, Math.min(toM, bottomsCm[k]! / 100) - (bottomsCm[k - 1] ?? 0) / 100)

function soilFrom(table: DataTable, row: number, toM: number, parameters: Parameters): ProfileSoil {
  const mean = (pattern: RegExp, name: string) => {
    const bottoms = depthsOf(table.columns, pattern)
    const values = bottoms.map((bottom) =>
      numberIn(table, row, `${name}_${String(bottom).padStart(3, '0')}`)!,
    )
    const water = values.reduce((sum, value, k) => sum + value * thicknessM(bottoms, k, toM), 0)
    return { mean: water / Math.min(toM, bottoms.at(-1)! / 100), top: values[0]! }
  }
  const fc = mean(FC, 'fc')
  const wp = mean(WP, 'wp')
  return {
    fieldCapacity: fc.mean,
    wiltingPoint: wp.mean,
    surface: {
      fieldCapacity: fc.top,
      wiltingPoint: wp.top,
      layerM: parameters['Ze'] ?? 0.1, // FAO-56 chapter 7: 0.10-0.15 m
      rewMm: parameters['REW'] ?? 8,
    },
  }
}

const windHeightM = (data: DataFolder, folder: string): number =>
  Number(/wind (?:at )?(\d+(?:\.\d+)?) m\b/i.exec(data.source(folder))?.[1] ?? 2)

function daysOf(
  data: DataFolder,
  folder: string,
): Map<Day, Pick<ProfileDay, 'et0Mm' | 'rainMm' | 'climate'>> {
  const height = windHeightM(data, folder)
  const days = new Map<Day, Pick<ProfileDay, 'et0Mm' | 'rainMm' | 'climate'>>()
  for (const table of data.tables(weatherColumns, folder))
    table.rows.forEach((row, i) => {
      const [et0Mm, rainMm, wind, humidityMinPct] = weatherColumns
        .slice(1)
        .map((column) => numberIn(table, i, column))
      if (et0Mm == null) return
      days.set(row['date']!, {
        et0Mm,
        rainMm: rainMm ?? 0,
        climate: { windMps: wind2mMps(wind ?? 2, height), humidityMinPct: humidityMinPct ?? 45 },
      })
    })
  return days
}

/** The same days as a station of a farm measures them. */
function stationDaysOf(data: DataFolder, folder: string): Map<Day, StationDay> {
  const heightM = windHeightM(data, folder)
  const days = new Map<Day, StationDay>()
  for (const table of data.tables(['date', 'tmin_C', 'tmax_C'], folder))
    table.rows.forEach((row, i) => {
      const of = (column: string) => (table.columns.includes(column) ? numberIn(table, i, column) : null)
      const [windMps, dewC] = [of('wind_m_s'), of('tdew_C')]
      days.set(row['date']!, {
        tempMinC: of('tmin_C'),
        tempMaxC: of('tmax_C'),
        vapourKPa: dewC === null ? null : saturationKPa(dewC),
        humidityMinPct: of('rhmin_pct'),
        windMps: windMps === null ? null : wind2mMps(windMps, heightM),
        radiationMJm2: of('srad_MJ_m2'),
        rainMm: of('rain_mm'),
        isWhole: true,
      })
    })
  return days
}

function irrigationOf(data: DataFolder, folder: string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const table of data.tables(['date', 'plot', 'irrigation_mm'], folder))
    table.rows.forEach((row, i) => {
      const key = `${row['plot']} ${row['date']}`
      sums.set(key, (sums.get(key) ?? 0) + (numberIn(table, i, 'irrigation_mm') ?? 0))
    })
  return sums
}

/** `planting DOY 108` of a SOURCE.md, in the given year. */
function plantedOf(source: string, year: string): Day | undefined {
  const match = /planting DOY (\d+)/i.exec(source)
  return match ? addDays(`${year}-01-01`, Number(match[1]) - 1) : undefined
}

type Parameters = Record<string, number | undefined>

/** FAO-56 parameters of the folder's own crop, where it has a JSON of them. */
const parametersOf = (data: DataFolder, folder: string): Parameters =>
  (data.jsons({ folder }).find(({ root }) => typeof root === 'object' && root !== null && 'Kcbmid' in root)
    ?.root ?? {}) as Parameters

/** The crop in the folder's name, with the folder's own parameters. */
function cropFrom(folder: string, p: Parameters): Crop {
  const crop =
    folder
      .split('-')
      .map(cropOf)
      .find((candidate) => candidate !== undefined) ?? crops.generic
  const [ini, mid, end] = crop.kcb ?? [crop.kcIni, crop.kcMid, crop.kcEnd]
  const [lIni, lDev, lMid, lLate] = crop.lengthsD
  return {
    ...crop,
    lengthsD: [p['Lini'] ?? lIni, p['Ldev'] ?? lDev, p['Lmid'] ?? lMid, p['Lend'] ?? lLate],
    kcb: [p['Kcbini'] ?? ini, p['Kcbmid'] ?? mid, p['Kcbend'] ?? end],
    heightM: p['hmax'] ?? crop.heightM,
    rootMinM: p['Zrini'] ?? crop.rootMinM,
    rootMaxM: p['Zrmax'] ?? crop.rootMaxM,
    p: p['pbase'] ?? crop.p,
  }
}
