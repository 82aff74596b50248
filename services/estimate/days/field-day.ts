/** One civil day of one field, from yesterday's row and what was measured: the row of `fieldDay`. Pure. */
import { dayOfYear, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { knownDegreeDaysCd } from '../../agronomy/crops/degree-days.ts'
import { STANDARD_CLIMATE } from '../../agronomy/water/dual-kc.ts'
import { kcOf, rootDepthM, stageOf, type KcClimate } from '../../agronomy/crops/growth.ts'
import type { Estimate } from '../../agronomy/water/probe.ts'
import { saturationKPa } from '../../agronomy/evapotranspiration/psychrometrics.ts'
import { balanceSdMm, pAdjusted, rawMm, tawMm, unknownSdMm } from '../../agronomy/water/soil-water.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { sum, tenth } from '../../runtime/math.ts'
import { toJson, type FieldDayRow, type SeasonRow, type SoilUsed } from '../../tables.ts'
import type { DayInputs, FieldPlace, RecentMeasurements, Yesterday } from '../balance-types.ts'
import { cropAgeD, isHeatWhole } from './crop-age.ts'
import { dayWeather, type DayWeather } from './day-weather.ts'
import { note, type Note } from './data-quality-notes.ts'
import { cropOfSeason } from '../field-context.ts'
import { correctedSurfaceMm, uplandWaterDay, type Ground } from '../water/upland-balance.ts'
import { paddyDayWater } from '../paddy/water-balance.ts'
import { assimilateProbe } from '../water/assimilate-probe.ts'

/** Relative standard deviation of the tables' Kc for one field. Unconfirmed. */
export const KC_SHARE = 0.15
/** Relative standard deviation of the run-off by curve number for one field. Unconfirmed. */
export const RUNOFF_SHARE = 0.5

/** One day of one field: weather, crop use, water and degree-days, with a note for every estimate. */
export function fieldDayRow(
  place: FieldPlace,
  season: SeasonRow | undefined,
  day: Day,
  yesterday: Yesterday | undefined,
  inputs: DayInputs,
  recent: RecentMeasurements,
): FieldDayRow {
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
  if (season) {
    const { crop, isKnown } = cropOfSeason(season)
    if (!isKnown) notes.push(note('crop-unknown', { crop: season.crop }))
    const before = day === season.plantedDay ? { ...yesterday, heatSumCd: 0 } : yesterday
    const sincePlanting = daysBetween(season.plantedDay, day)
    const heat = dailyHeatCd(crop, weather, recent, notes)
    row.heatSumCd = (before?.heatSumCd ?? 0) + (heat ?? 0)
    const isWhole = heat !== null && (sincePlanting === 0 || isHeatWhole(yesterday))
    if (!isWhole) notes.push(note('heat-incomplete'))
    const days = cropAgeD(crop, sincePlanting, { sumCd: row.heatSumCd, isWhole })
    const climate = climateOf(weather)
    row.kc = kcOf(crop, days, climate)
    row.etcMm = weather.et0Mm === null ? null : row.kc * weather.et0Mm
    row.rootDepthM = rootDepthM(crop, days)
    row.stage = stageOf(crop, days)
    const water =
      field.kind === 'paddy'
        ? paddyDayWater(
            { field, paddy: place.paddy, timeZone: place.farm.timeZone },
            season,
            { day, etcMm: row.etcMm, sumCd: row.heatSumCd, isWhole },
            weather,
            day === season.plantedDay ? { ...before, paddy: null } : before,
            inputs,
            recent,
            notes,
          )
        : uplandWater(place, { crop, days, climate }, row, weather, before, inputs, notes)
    Object.assign(row, water)
  }
  return { ...row, notes: toJson(notes) }
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
  probeBias: null,
  probeBiasSd: null,
  probeBiasShared: null,
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

type Water = Partial<FieldDayRow>

function uplandWater(
  { field, soil }: FieldPlace,
  growth: Pick<Ground, 'crop' | 'days' | 'climate'>,
  row: FieldDayRow,
  weather: DayWeather,
  yesterday: Partial<Yesterday> | undefined,
  inputs: DayInputs,
  notes: Note[],
): Water {
  const rootsM = row.rootDepthM!
  const { crop } = growth
  const ground: Ground = {
    ...growth,
    rootDepthM: rootsM,
    texture: field.soilTexture,
    limits: limitsOf(soil),
    wetting: inputs.wetting,
  }
  const taw = tawMm(ground.limits, rootsM)
  const probe = inputs.probe(rootsM)
  if (inputs.hasProbe && !probe) notes.push(note('probe-silent'))
  const soilColumns = { tawMm: taw, ...ground.limits, probeDepletionMm: probe?.mm ?? null }
  if (weather.et0Mm === null) {
    // without ET0 the balance cannot continue: the probe alone gives the depletion, or it is unknown
    if (!probe) return soilColumns
    notes.push(note('depletion-from-probe'))
    return { ...soilColumns, depletionMm: probe.mm, depletionSdMm: probe.sdMm }
  }
  const raw = rawMm(taw, pAdjusted(crop.p, row.etcMm!))
  const before = startingDepletion(yesterday, taw, raw, probe, rootsM, ground.limits)
  if (before.changedMm >= NOTABLE_MM)
    notes.push(
      note('soil-limits-changed', {
        fromPercent: tenth(100 * yesterday!.fieldCapacity!),
        toPercent: tenth(100 * ground.limits.fieldCapacity),
      }),
    )
  const water = uplandWaterDay(
    ground,
    {
      depletionMm: before.mm,
      surfaceDepletionMm: yesterday?.surfaceDepletionMm ?? null,
      wettedFraction: yesterday?.wettedFraction ?? null,
    },
    {
      et0Mm: weather.et0Mm,
      dayShare: 1,
      rainMm: weather.rainMm ?? 0, // only measured rain is credited; the uncertainty below covers the rest
      irrigationMm: inputs.irrigation.irrigationMm,
      waterTableM: waterTableOf(inputs.levelMm),
    },
  )
  if (water.kcb === null) notes.push(note('single-kc', { crop: crop.id }))
  if (water.runoffMm >= NOTABLE_MM) notes.push(note('rain-runoff', { mm: tenth(water.runoffMm) }))
  if ((water.capillaryMm ?? 0) >= NOTABLE_MM)
    notes.push(note('water-table', { mm: tenth(water.capillaryMm!) }))
  const sdMm = balanceSdMm(
    {
      sdMm: before.sdMm,
      kcSdMm: KC_SHARE * water.etcMm,
      et0SdMm: water.kc * weather.et0SdMm,
      rainSdMm: Math.hypot(weather.rainSdMm, RUNOFF_SHARE * water.runoffMm),
      irrigationSdMm: inputs.irrigation.irrigationSdMm,
    },
    water,
    taw,
  )
  const model = { mm: water.depletionMm, sdMm }
  const end = assimilateProbe(model, before.from, probe, yesterday, rootsM, taw)
  if (before.from === 'probe') notes.push(note('depletion-from-probe'))
  if (before.from === 'nothing') notes.push(note('depletion-assumed', { mm: tenth(before.mm) }))
  if (end.isContradicted)
    notes.push(note('probe-contradicts', { probeMm: tenth(probe!.mm), balanceMm: tenth(model.mm) }))
  else if (end.gain !== null && before.from !== 'probe')
    notes.push(note('probe-nudge', { fromMm: tenth(model.mm), gainPercent: Math.round(end.gain * 100) }))
  const depletionMm = end.mm
  return {
    ...soilColumns,
    ...water,
    ...end.bias,
    depletionMm,
    depletionSdMm: end.sdMm,
    // a correction by a probe applies to the surface layer too
    surfaceDepletionMm: probe ? correctedSurfaceMm(ground, water, depletionMm) : water.surfaceDepletionMm,
  }
}

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

/**
 * The depletion at the start of a day. A shallower root zone than yesterday's (a new crop) keeps its relative
 * depletion. Another field capacity than yesterday's, as the probes calibrate it, neither adds nor removes water: the
 * depletion was counted in mm since the soil last drained, and is kept; the possible change (`changedMm`) adds to the
 * uncertainty. Without information: half of the readily available water, with the largest uncertainty.
 */
export function startingDepletion(
  yesterday: Partial<Yesterday> | undefined,
  taw: number,
  raw: number,
  probe: Estimate | null,
  rootsM: number,
  limits: { fieldCapacity: number },
): Estimate & { from: 'balance' | 'probe' | 'nothing'; changedMm: number } {
  const mm = yesterday?.depletionMm ?? null
  if (mm !== null) {
    const rootsBefore = yesterday?.rootDepthM ?? rootsM
    const share = rootsBefore > rootsM ? rootsM / rootsBefore : 1
    const changedMm =
      1000 * Math.abs(limits.fieldCapacity - (yesterday?.fieldCapacity ?? limits.fieldCapacity)) * rootsM
    const sdMm = (yesterday?.depletionSdMm ?? unknownSdMm(taw)) * share
    return {
      mm: Math.min(taw, mm * share),
      sdMm: Math.min(Math.hypot(sdMm, changedMm), unknownSdMm(taw)),
      from: 'balance',
      changedMm,
    }
  }
  if (probe) return { ...probe, from: 'probe', changedMm: 0 }
  return { mm: raw / 2, sdMm: unknownSdMm(taw), from: 'nothing', changedMm: 0 }
}
