/**
 * The current state of a field: the last midnight brought forward by the measurements since. The row of `fieldState`.
 * Pure.
 */
import {
  addDays,
  daysBetween,
  startOfDay as midnightOf,
  type AtMs,
  type Day,
} from '../../../broker/contract/time.ts'
import { kcOf, rootDepthM } from '../../agronomy/crops/growth.ts'
import { daysToReach } from '../../agronomy/crops/heat-sum.ts'
import { medianPercolationMm } from '../../agronomy/paddy/balance.ts'
import { expectedD, heatOfAge, stageAt, tableDay } from '../../irrigation-model/crop-clock.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import { agesNow, type FieldSite, type FieldWater } from '../../irrigation-model/field-water.ts'
import { thinMembers } from '../../irrigation-model/field-ensemble.ts'
import { fieldOutlook, type FieldOutlook } from '../../irrigation-model/field-outlook.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import {
  toJson,
  type FieldDayRow,
  type FieldStateRow,
  type Json,
  type SeasonRow,
  type StateInput,
  type StoredWater,
} from '../../tables.ts'
import type { FieldPlace, NowInputs } from '../balance-types.ts'
import { saltReading, type EnteredSalt } from '../water/salt-reading.ts'
import { isHeatWhole } from '../days/data-quality-notes.ts'
import { limitsOf, UNKNOWN_ET0, waterTableOf } from '../days/field-day.ts'
import { uplandFreshness } from './freshness.ts'
import { measuredPercolationsMm, nightLossMmD, paddyStateNow } from '../paddy/season.ts'
import { dailyLossMm, paddyLevelNow } from '../paddy/water-balance.ts'
import { cropOfSeason } from '../field-context.ts'
import {
  siteOf,
  uplandDay,
  waterAtStart,
  waterBySensors,
  type Ground,
  type UplandInputs,
  type WaterBefore,
} from '../water/upland-day.ts'

/** Columns of a closed day that the state depends on. */
export const recentColumns = [
  'fieldId',
  'day',
  'et0Mm',
  'et0Method',
  'tempMinC',
  'tempMaxC',
  'kc',
  'kcb',
  'depletionMm',
  'depletionSdMm',
  'tawMm',
  'fieldCapacity',
  'levelMm',
  'deepPercolationMm',
  'heatSumCd',
  'notes',
  'paddy',
] as const satisfies readonly (keyof FieldDayRow)[]
export type RecentDay = Pick<FieldDayRow, (typeof recentColumns)[number]>

/** `days`: the field's rows of the last weeks, oldest first; the last one should be yesterday. */
export function fieldStateRow(
  {
    field,
    soil,
    salt = null,
    paddy,
    farm: { timeZone },
  }: Pick<FieldPlace, 'field' | 'soil' | 'salt' | 'paddy'> & { farm: { timeZone: string } },
  season: SeasonRow,
  today: Day,
  nowMs: AtMs,
  days: readonly RecentDay[],
  inputs: NowInputs,
  storedWater: StoredWater | null,
): FieldStateRow {
  const { crop } = cropOfSeason(season)
  const sincePlanting = daysBetween(season.plantedDay, today)
  const last = days.at(-1)
  const isOwnSeason = last !== undefined && last.day >= season.plantedDay
  const yesterday = last?.day === addDays(today, -1) ? last : undefined
  const heatSumCd = isOwnSeason ? last.heatSumCd : 0
  const base = {
    fieldId: field.id,
    org: field.org,
    atMs: nowMs,
    crop: season.crop,
    rainTodayMm: inputs.rainMm,
    irrigationTodayMm: inputs.irrigation.irrigationMm,
    outlook: null,
    killedBy: null,
    ageD: null,
    heatSumCd,
    heatNext: null,
    inputs: toJson(inputs.inputs),
    soil: toJson(soil),
  }
  if (field.kind === 'paddy') {
    const beforeKc = isOwnSeason ? last.kc : null
    const use = cropUse(
      inputs,
      kcWithYesterday(kcOf(crop, sincePlanting), kcOf(crop, sincePlanting - 1), beforeKc),
    )
    const sank = measuredPercolationsMm(days)
    const nights = nightLossMmD(days)
    const lossMmD = dailyLossMm(field, { sankMm: sank, nightLossMmD: nights })
    const isShown = nights !== null || medianPercolationMm(sank) !== null
    const level = paddyLevelNow(
      { field, paddy },
      { todayMs: midnightOf(today, timeZone), etcMm: use.etcTodayMm, lossMmD },
      yesterday,
      inputs,
    )
    const now = paddyStateNow(days, paddy, season, {
      today,
      timeZone,
      ...level,
      isHeatWhole: isOwnSeason && isHeatWhole(last),
    })
    return {
      ...base,
      ...use,
      ...noDepletion,
      rootDepthM: rootDepthM(crop, sincePlanting),
      ...level,
      inputs: toJson(isShown ? [...inputs.inputs, percolationInput(lossMmD)] : inputs.inputs),
      stage: now.stage,
      freshness: paddyFreshness(inputs, level),
      paddy: toJson(now),
    }
  }
  const ground: Ground = {
    fieldId: field.id,
    crop,
    plantedDay: season.plantedDay,
    initialVwc: season.initialVwc ?? null,
    calendarD: sincePlanting + 1,
    // today's are incomplete: as yesterday
    tempMinC: yesterday?.tempMinC ?? null,
    tempMaxC: yesterday?.tempMaxC ?? null,
    texture: field.soilTexture,
    soilDepthM: field.soilDepthM ?? null,
    limits: limitsOf(soil),
    limitsSd: soil.fieldCapacity.sd,
    wetting: inputs.wetting,
    climate: undefined, // today's is incomplete
    waterEcDsM: salt?.waterEcDsM ?? null,
    survivedFrostDay: season.survivedFrostDay ?? null,
  }
  return {
    ...base,
    ...uplandNow(ground, today, { stored: storedWater, row: yesterday }, inputs, salt),
    levelMm: null,
    levelAtMs: null,
    paddy: null,
    freshness: uplandFreshness(inputs.fresh.weather, inputs.fresh.soil),
  }
}

/** A level calculated from the last reported one is known, with less certainty. */
function paddyFreshness(
  { fresh }: NowInputs,
  { levelMm, levelAtMs }: Pick<FieldStateRow, 'levelMm' | 'levelAtMs'>,
): FieldStateRow['freshness'] {
  if (levelMm === null) return fresh.level ?? 'none'
  if (levelAtMs === null) return 'late'
  return fresh.level ?? 'ok'
}

const noDepletion = { depletionMm: null, depletionSdMm: null, tawMm: null, rawMm: null }

/**
 * Today's wind and humidity are incomplete: yesterday's adjustment of the table's value is carried forward (FAO-56
 * Eq. 62, 70).
 */
const kcWithYesterday = (table: number, tableBefore: number, before: number | null | undefined): number =>
  before == null ? table : table * (before / tableBefore)

function cropUse(
  { et0, dayShare }: NowInputs,
  kc: number,
): Pick<FieldStateRow, 'kc' | 'etcWholeDayMm' | 'etcTodayMm'> {
  const wholeDayMm = et0 === null ? null : kc * et0.mm
  return { kc, etcWholeDayMm: wholeDayMm, etcTodayMm: wholeDayMm === null ? null : wholeDayMm * dayShare }
}

type UplandState = Pick<
  FieldStateRow,
  'depletionMm' | 'depletionSdMm' | 'tawMm' | 'rawMm' | 'kc' | 'etcWholeDayMm' | 'etcTodayMm'
> &
  Pick<FieldStateRow, 'rootDepthM' | 'ageD' | 'stage' | 'heatNext' | 'killedBy' | 'outlook'>

/** Last midnight's water, brought forward by what was measured since. */
function uplandNow(
  ground: Ground,
  today: Day,
  before: WaterBefore,
  inputs: NowInputs,
  entered: EnteredSalt | null,
): UplandState {
  const { et0, dayShare, sensors } = inputs
  const site = siteOf(ground)
  const waterTableM = waterTableOf(inputs.level?.mm ?? null)
  const atStart = { day: today, sensors, waterTableM }
  const { water, from } = waterAtStart(ground, site, before, atStart)
  const midnight = meanMember(water.ensemble, water)
  const killedBy = water.killedBy && toJson(water.killedBy)
  const isMeasured = sensors.some(({ vwc }) => vwc !== null)
  const day: UplandInputs = {
    et0: et0 ?? UNKNOWN_ET0,
    dayShare,
    rainMm: inputs.rainMm,
    rainSdMm: inputs.rainSdMm,
    irrigation: inputs.irrigation,
    waterTableM,
    sensors,
    measured: from === 'nothing' ? waterBySensors(sensors) : null,
    salt: saltReading(entered, measuredSaltDsM(inputs), today),
  }
  const wholeDay = waterAtStart(ground, site, before, atStart).water
  const etcWholeDayMm = uplandDay(ground, site, wholeDay, { ...day, dayShare: 1 }).columns.etcMm
  const { columns } = uplandDay(ground, site, water, day)
  const { tawMm, rawMm, rootDepthM, depletionMm, depletionSdMm } = columns
  const ages = agesNow(water)
  const crop = {
    ageD: water.ageD,
    stage: stageAt(ground.crop, ages),
    heatNext: heatNextOf(ground.crop, water, today),
    rootDepthM,
    killedBy,
  }
  if (et0 === null) {
    const use = cropUse(inputs, kcOf(ground.crop, Math.max(0, tableDay(ground.crop, ages))))
    const known = { ...crop, ...use, rawMm, outlook: null }
    // the balance cannot be brought forward: only a reading gives the depletion
    return isMeasured
      ? { ...known, tawMm, depletionMm, depletionSdMm }
      : { ...known, tawMm: midnight.tawMm, depletionMm: null, depletionSdMm: null }
  }
  const outlook = storeOutlook(fieldOutlook(water, site))
  const kc = kcAhead(ground, site, water, et0)
  return {
    ...crop,
    tawMm,
    rawMm,
    depletionMm,
    depletionSdMm,
    outlook,
    kc,
    etcTodayMm: columns.etcMm,
    etcWholeDayMm,
  }
}

/** ECe by the field's probes, as its inputs show it; null: no EC sensor, or a lost one. */
const measuredSaltDsM = ({ inputs }: NowInputs): number | null =>
  inputs.find(({ key, fresh }) => key === 'soil.ec' && fresh !== 'lost')?.value ?? null

/** To digits within which no decision changes, so that an unchanged field keeps its row. */
const storeOutlook = (outlook: FieldOutlook): Json<FieldOutlook> =>
  JSON.stringify(outlook, (_, value: unknown) =>
    typeof value === 'number' ? Math.round(1000 * value) / 1000 : value,
  ) as Json<FieldOutlook>

const DRY_DAYS = 5

/**
 * Kc of the next days without water: evaporation from a wet surface decreases within days, so that today's Kc after a
 * wetting would overestimate the demand. `water` is advanced by these days, and keeps some of its members.
 */
function kcAhead(
  ground: Ground,
  site: FieldSite,
  water: FieldWater,
  et0: { mm: number; sdMm: number },
): number {
  thinMembers(water.ensemble)
  let sumMm = 0
  for (let k = 0; k < DRY_DAYS; k++) sumMm += uplandDay(ground, site, water, { ...dryDay, et0 }).columns.etcMm
  return et0.mm > 0 ? sumMm / (DRY_DAYS * et0.mm) : 0
}

const dryDay: Omit<UplandInputs, 'et0'> = {
  dayShare: 1,
  rainMm: 0,
  rainSdMm: 0,
  irrigation: { irrigationMm: 0, irrigationSdMm: 0, irrigationSource: 'none', notes: [] },
  waterTableM: null,
  sensors: [],
}

/** Percolation of a day by the field's own measurements: the plan uses it. */
const percolationInput = (mm: number): StateInput => ({
  key: 'percolation',
  value: mm,
  unit: 'mm',
  atMs: null,
  kind: 'measured',
  fresh: 'ok',
})

/** The next stage with a known degree-day sum, at the pace of the field's clock. */
function heatNextOf(crop: Crop, water: FieldWater, today: Day): FieldStateRow['heatNext'] {
  if (crop.heatStages.length === 0) return null
  const sumCd = heatOfAge(crop, water.ageD)
  const next = crop.heatStages.find((stage) => stage.sumCd > sumCd)
  if (!next) return null
  const paceCd = heatOfAge(crop, water.ageD + expectedD(water)) - sumCd
  const reach = daysToReach(next.sumCd, sumCd, [paceCd])
  return (
    reach &&
    toJson({
      stage: next.stage,
      sumCd,
      needCd: next.sumCd,
      fromDay: addDays(today, reach.fromDays - 1),
      toDay: addDays(today, reach.toDays - 1),
    })
  )
}
