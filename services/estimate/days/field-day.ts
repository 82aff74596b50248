/** One civil day of one field, from yesterday's row and what was measured: the row of `fieldDay`. Pure. */
import { dayOfYear, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { knownDegreeDaysCd } from '../../agronomy/crops/degree-days.ts'
import { STANDARD_CLIMATE } from '../../agronomy/water/dual-kc.ts'
import { kcOf, rootDepthM, type KcClimate } from '../../agronomy/crops/growth.ts'
import { saturationKPa } from '../../agronomy/evapotranspiration/psychrometrics.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { sum, tenth } from '../../runtime/math.ts'
import { receiveIrrigation, type IrrigationOrder } from '../../irrigation-model/arrival.ts'
import { stageAt, tableDay } from '../../irrigation-model/crop-clock.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import { agesNow, seasonClock } from '../../irrigation-model/field-water.ts'
import type { DecisionNote } from '../../irrigation-model/field-sensors.ts'
import { saltNotes } from '../../irrigation-model/salt/salt-balance.ts'
import { toJson, type FieldDayRow, type SeasonRow, type SoilUsed, type StoredWater } from '../../tables.ts'
import type { DayInputs, FieldPlace, RecentMeasurements, Yesterday } from '../balance-types.ts'
import { dayWeather, type DayWeather } from './day-weather.ts'
import { isHeatWhole, note, type Note } from './data-quality-notes.ts'
import { cropOfSeason } from '../field-context.ts'
import { sensorOf } from '../water/sensor-id.ts'
import { saltReading } from '../water/salt-reading.ts'
import { storeWater } from '../water/stored-water.ts'
import {
  siteOf,
  uplandDay,
  waterAtStart,
  waterBySensors,
  type Ground,
  type WaterBefore,
} from '../water/upland-day.ts'
import { paddyDayWater } from '../paddy/water-balance.ts'

/** A day of a field: its row, and the water that the next day continues, null without an upland season. */
export interface ClosedDay {
  row: FieldDayRow
  water: StoredWater | null
}

/** One day of one field: weather, crop use, water and degree-days, with a note for every estimate. */
export function fieldDayRow(
  place: FieldPlace,
  season: SeasonRow | undefined,
  day: Day,
  yesterday: Yesterday | undefined,
  inputs: DayInputs,
  recent: RecentMeasurements,
  storedWater: StoredWater | null,
  /** the last stored water of the season before */
  lastSeason: StoredWater | null = null,
  /** days of Table 11 that pass on each day since planting in other years, where the planned harvest is new; empty: unknown */
  usualDays: readonly number[] = [],
): ClosedDay {
  const { field } = place
  const weather = dayWeather(inputs.near, place.farm, dayOfYear(day), recent.et0Mm)
  const notes = [...weather.notes, ...inputs.irrigation.notes]
  const row: FieldDayRow = {
    ...emptyDay,
    fieldId: field.id,
    day,
    org: field.org,
    et0Mm: weather.et0Mm,
    et0Method: weather.et0Method,
    et0SdMm: weather.et0Mm === null ? null : weather.et0SdMm,
    tempMinC: weather.tempMinC,
    tempMaxC: weather.tempMaxC,
    rainMm: weather.rainMm,
    irrigationMm: inputs.irrigation.irrigationMm,
    irrigationSource: inputs.irrigation.irrigationSource,
    notes: toJson<Note[]>([]),
  }
  if (!season) return { row: { ...row, notes: toJson(notes) }, water: null }
  const { crop, isKnown } = cropOfSeason(season)
  if (!isKnown) notes.push(note('crop-unknown', { crop: season.crop }))
  const before = day === season.plantedDay ? { ...yesterday, heatSumCd: 0 } : yesterday
  const sincePlanting = daysBetween(season.plantedDay, day)
  const heat = dailyHeatCd(crop, weather, recent, notes)
  row.heatSumCd = (before?.heatSumCd ?? 0) + (heat ?? 0)
  const isWhole = heat !== null && (sincePlanting === 0 || isHeatWhole(yesterday))
  if (!isWhole) notes.push(note('heat-incomplete'))
  const climate = climateOf(weather)
  if (field.kind === 'paddy') {
    // rice has no degree-day sums: its days are those of the calendar, and its stage that of the paddy
    row.kc = kcOf(crop, sincePlanting, climate)
    row.etcMm = weather.et0Mm === null ? null : row.kc * weather.et0Mm
    row.rootDepthM = rootDepthM(crop, sincePlanting)
    const water = paddyDayWater(
      { field, paddy: place.paddy, timeZone: place.farm.timeZone },
      season,
      { day, etcMm: row.etcMm, sumCd: row.heatSumCd, isWhole },
      weather,
      day === season.plantedDay ? { ...before, paddy: null } : before,
      inputs,
      recent,
      notes,
    )
    return { row: { ...row, ...water, notes: toJson(notes) }, water: null }
  }
  const { columns, water } = uplandWater(
    place,
    season,
    { crop, calendarD: sincePlanting + 1, climate, tempMinC: weather.tempMinC, tempMaxC: weather.tempMaxC },
    row,
    weather,
    { stored: storedWater, row: before, lastSeason, usualDays: usualDays.slice(sincePlanting) },
    inputs,
    notes,
  )
  return { row: { ...row, ...columns, notes: toJson(notes) }, water }
}

/** The columns of a day without any information. */
export const emptyDay = {
  kc: null,
  ks: null,
  etcMm: null,
  etaMm: null,
  deepPercolationMm: null,
  depletionMm: null,
  depletionSdMm: null,
  tawMm: null,
  rawMm: null,
  rootDepthM: null,
  probeDepletionMm: null,
  levelMm: null,
  heatSumCd: null,
  ageD: null,
  stage: null,
  kcb: null,
  ke: null,
  evaporationMm: null,
  surfaceDepletionMm: null,
  wettedFraction: null,
  runoffMm: null,
  capillaryMm: null,
  fieldCapacity: null,
  wiltingPoint: null,
  paddy: null,
}

/**
 * Wind and minimum humidity that adjust Kc. Missing values are taken as for ET0: 2 m/s (FAO-56 p. 63), and a dew
 * point at the night's minimum (Eq. 64 with Eq. 48). Undefined, so that the tables' values apply, where nothing is
 * known.
 */
export function climateOf({
  windMps,
  humidityMinPct,
  tempMinC,
  tempMaxC,
}: Pick<DayWeather, 'windMps' | 'humidityMinPct' | 'tempMinC' | 'tempMaxC'>): KcClimate | undefined {
  const dryC = tempMinC === null || tempMaxC === null ? null : { tempMinC, tempMaxC }
  if (windMps === null && humidityMinPct === null && dryC === null) return undefined
  return {
    windMps: windMps ?? STANDARD_CLIMATE.windMps,
    humidityMinPct:
      humidityMinPct ??
      (dryC === null
        ? STANDARD_CLIMATE.humidityMinPct
        : (100 * saturationKPa(dryC.tempMinC)) / saturationKPa(dryC.tempMaxC)),
  }
}

const MIN_TEMPS = 5

/**
 * Degree-days of the day, °C·d. A day without temperatures is taken as the mean of the previous ones, where at least
 * five of the last two weeks are known, so that one lost day does not reset the stages to the calendar. Otherwise
 * null: the sum is a lower bound.
 */
function dailyHeatCd(
  crop: Crop,
  weather: DayWeather,
  recent: RecentMeasurements,
  notes: Note[],
): number | null {
  const knownCd = knownDegreeDaysCd(crop.heat, weather)
  if (knownCd !== null) return knownCd
  const recentCd = recent.temps.flatMap((extremes) => knownDegreeDaysCd(crop.heat, extremes) ?? [])
  if (recentCd.length < MIN_TEMPS) return null
  const cd = sum(recentCd) / recentCd.length
  notes.push(note('heat-estimated', { cd: tenth(cd) }))
  return cd
}

/** The columns of an upland field, and its water for the next day. */
function uplandWater(
  { field, soil, salt = null }: FieldPlace,
  season: SeasonRow,
  growth: Pick<Ground, 'crop' | 'calendarD' | 'tempMinC' | 'tempMaxC' | 'climate'>,
  row: FieldDayRow,
  weather: DayWeather,
  before: WaterBefore & { usualDays: readonly number[] },
  inputs: DayInputs,
  notes: Note[],
): { columns: Partial<FieldDayRow>; water: StoredWater | null } {
  const { crop } = growth
  const ground: Ground = {
    ...growth,
    fieldId: field.id,
    plantedDay: season.plantedDay,
    initialVwc: season.initialVwc ?? null,
    texture: field.soilTexture,
    soilDepthM: field.soilDepthM ?? null,
    limits: limitsOf(soil),
    limitsSd: soil.fieldCapacity.sd,
    wetting: inputs.wetting,
    waterEcDsM: salt?.waterEcDsM ?? null,
    survivedFrostDay: season.survivedFrostDay ?? null,
  }
  const site = siteOf(ground)
  const { sensors } = inputs
  const waterTableM = waterTableOf(inputs.levelMm)
  const { day } = row
  const start = waterAtStart(ground, site, before, { day, sensors, waterTableM })
  const harvestDay = season.harvestPlannedDay
  if (start.water.clock.harvestDay !== harvestDay)
    start.water.clock = seasonClock(harvestDay, crop, {
      fromDay: day,
      ageD: start.water.ageD,
      usualDays: before.usualDays,
    })
  const hasReading = sensors.some(({ vwc }) => vwc !== null)
  if (inputs.hasProbe && !hasReading) notes.push(note('probe-silent'))
  const measured = start.from === 'nothing' ? waterBySensors(sensors) : null
  if (measured) notes.push(note('depletion-from-probe'))
  if (start.from === 'nothing' && !measured)
    notes.push(
      note('depletion-assumed', { mm: tenth(meanMember(start.water.ensemble, start.water).depletionMm) }),
    )
  const enteredBefore = before.stored?.layers[0]?.fieldCapacity ?? ground.limits.fieldCapacity
  const changed = 1000 * Math.abs(ground.limits.fieldCapacity - enteredBefore)
  if (changed * meanMember(start.water.ensemble, start.water).rootM >= NOTABLE_MM)
    notes.push(
      note('soil-limits-changed', {
        fromPercent: tenth(100 * enteredBefore),
        toPercent: tenth(100 * ground.limits.fieldCapacity),
      }),
    )
  if (start.from === 'balance') {
    const [fromMm, toMm] = [endMm(before.stored!.layers), endMm(start.water.ensemble.layers)]
    if (fromMm !== toMm) notes.push(note('soil-depth-changed', { fromMm, toMm }))
  }
  const { et0Mm, et0SdMm } = weather
  const readings = inputs.isIrrigationLate ? {} : Object.fromEntries(sensors.map(({ id, vwc }) => [id, vwc]))
  const { isMissing } = receiveIrrigation(start.water, orderOf(inputs.irrigation), readings)
  const irrigation = isMissing ? { ...inputs.irrigation, irrigationMm: 0 } : inputs.irrigation
  if (isMissing) notes.push(note('water-missing', { mm: tenth(inputs.irrigation.irrigationMm) }))
  const wasAlive = start.water.killedBy === null
  const { columns, notes: sensorNotes } = uplandDay(ground, site, start.water, {
    et0: et0Mm === null ? UNKNOWN_ET0 : { mm: et0Mm, sdMm: et0SdMm },
    dayShare: 1,
    rainMm: weather.rainMm,
    rainSdMm: weather.rainSdMm,
    irrigation,
    waterTableM,
    sensors,
    measured,
    night: weather.tempMinC === null ? null : { day, minC: weather.tempMinC },
    salt: saltReading(salt, inputs.soilEcDsM, day),
  })
  start.water.daysRecorded += 1
  const { killedBy } = start.water
  if (wasAlive && killedBy) notes.push(note('killed-by-frost', { tempC: tenth(killedBy.minC) }))
  if (killedBy === null)
    for (const { key, params } of saltNotes(
      crop,
      start.water.salt,
      site.waterEcDsM,
      inputs.wetting.efficiency,
    ))
      notes.push(note(key, params))
  notes.push(...noteSensors(sensorNotes))
  if (crop.kcb === null) notes.push(note('single-kc', { crop: crop.id }))
  if (columns.runoffMm >= NOTABLE_MM) notes.push(note('rain-runoff', { mm: tenth(columns.runoffMm) }))
  if ((columns.capillaryMm ?? 0) >= NOTABLE_MM)
    notes.push(note('water-table', { mm: tenth(columns.capillaryMm!) }))
  const water = storeWater(start.water, {
    crop: crop.id,
    plantedDay: season.plantedDay,
    efficiency: inputs.wetting.efficiency,
  })
  const ages = agesNow(start.water)
  const soilColumns = {
    ageD: start.water.ageD,
    stage: stageAt(crop, ages),
    kc: kcOf(crop, Math.max(0, tableDay(crop, ages)), growth.climate),
    fieldCapacity: columns.fieldCapacity,
    wiltingPoint: columns.wiltingPoint,
    tawMm: columns.tawMm,
    rootDepthM: columns.rootDepthM,
    probeDepletionMm: inputs.probe(columns.rootDepthM)?.mm ?? null,
    irrigationMm: irrigation.irrigationMm,
  }
  if (et0Mm !== null) return { columns: { ...soilColumns, ...columns }, water }
  // without ET0 only a reading gives the depletion
  if (!hasReading) return { columns: soilColumns, water }
  if (!measured) notes.push(note('depletion-from-probe'))
  const { depletionMm, depletionSdMm } = columns
  return { columns: { ...soilColumns, depletionMm, depletionSdMm }, water }
}

/** Where the layers end, mm. */
const endMm = (layers: readonly { toM: number }[]): number => Math.round(1000 * layers.at(-1)!.toM)

/** Without a meter the open time of a valve is an order whose water may not have arrived. */
const orderOf = ({ irrigationMm, irrigationSource }: DayInputs['irrigation']): IrrigationOrder =>
  irrigationSource === 'rate'
    ? { orderedMm: irrigationMm, measuredMm: null }
    : { orderedMm: 0, measuredMm: irrigationMm }

/** ET0 of a day of which nothing is known, mm: a summer day in a temperate climate. Unconfirmed */
export const UNKNOWN_ET0 = { mm: 4, sdMm: 2 }

/** The notes on the sensors of a day. */
const noteSensors = (notes: readonly DecisionNote[]): Note[] =>
  notes.flatMap((found) => {
    if (typeof found === 'string') return []
    const { sensor = '', got = '' } = found.params
    const probe = sensorOf(String(sensor))
    if (found.key === 'sensor-contradicted') return note('probe-contradicts', probe)
    if (found.key === 'sensor-stuck') return note('probe-stuck', probe)
    return found.key === 'reading-refused' ? note('reading-refused', { ...probe, got }) : []
  })

// smaller amounts get no note
const NOTABLE_MM = 1
/** A gauge in an upland field is installed in a well: a reading below the surface is the water table. m */
export const waterTableOf = (levelMm: number | null): number | null =>
  levelMm !== null && levelMm < 0 ? -levelMm / 1000 : null

/** The soil limits that the balance uses. */
export const limitsOf = (soil: SoilUsed): { fieldCapacity: number; wiltingPoint: number } => ({
  fieldCapacity: soil.fieldCapacity.v,
  wiltingPoint: soil.wiltingPoint.v,
})
