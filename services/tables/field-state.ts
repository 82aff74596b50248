/** The measured water balance: a day of a field, and the field's current state. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { CropGrowth, FrostNight } from './field-water.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'
import type { PaddyDay, PaddyNow } from './paddy.ts'

/** Limit in days for calculating seasons and counts back in time. */
export const MAX_PAST_DAYS = 400

/** One civil day of one field: the measured balance. Never written from a forecast. */
export interface FieldDayRow {
  fieldId: string
  day: Day
  org: string
  et0Mm: number | null
  et0Method: string // 'fao56-pm', 'hargreaves', 'climatology' ...
  et0SdMm: number | null // standard deviation of the method
  tempMinC: number | null
  tempMaxC: number | null
  kc: number | null
  ks: number | null
  etcMm: number | null
  etaMm: number | null
  rainMm: number | null
  irrigationMm: number // net, from metered water
  irrigationSource: 'metered' | 'rate' | 'reported' | 'none' | 'unknown'
  deepPercolationMm: number | null
  depletionMm: number | null // at the end of the day
  depletionSdMm: number | null
  tawMm: number | null
  rawMm: number | null
  rootDepthM: number | null
  probeDepletionMm: number | null // from the probe alone
  levelMm: number | null // paddy, at the end of the day
  heatSumCd: number | null // of the crop, since planting
  ageD?: number | null | undefined // of an upland crop, days of FAO-56 Table 11 at the end of the day
  stage: string | null
  // the evaporating layer of the dual crop coefficient; null with the single one
  kcb: number | null
  ke: number | null
  evaporationMm: number | null // of etaMm, from bare soil
  surfaceDepletionMm: number | null // De, at the end of the day
  wettedFraction: number | null // fw of the last wetting, 0-1
  runoffMm: number | null
  capillaryMm: number | null
  // soil limits used for the day, m3/m3
  fieldCapacity: number | null
  wiltingPoint: number | null
  notes: Json<DayNote[]>
  paddy?: Json<PaddyDay> | null | undefined // null: no paddy, or no season
}

const DayNote = Type.Object({
  key: Type.String(),
  // written by the estimate alone and read for every day of a season: its values are not checked
  params: Type.Unsafe<Record<string, string | number>>(Type.Object({})),
})
type DayNote = Static<typeof DayNote>
export const readDayNotes = jsonColumn('fieldDay.notes', Type.Array(DayNote))

/** The current state of a field: last midnight's balance updated with measurements since. */
export interface FieldStateRow {
  fieldId: string
  org: string
  atMs: AtMs
  crop: string
  stage: string | null
  depletionMm: number | null
  depletionSdMm: number | null
  tawMm: number | null
  rawMm: number | null
  rootDepthM: number | null
  kc: number | null // for the coming days without water: evaporation from a wet surface declines
  etcTodayMm: number | null // so far
  etcWholeDayMm: number | null // expected use of the whole day
  rainTodayMm: number | null
  irrigationTodayMm: number
  levelMm: number | null
  levelAtMs: AtMs | null
  heatSumCd: number | null
  ageD?: number | null | undefined // of an upland crop, days of FAO-56 Table 11
  heatNext: Json<HeatNext> | null
  freshness: 'ok' | 'late' | 'lost' | 'none' // of the worst input behind the status
  inputs: Json<StateInput[]>
  soil: Json<SoilUsed> | null
  /** of an upland field, for the decision; null: a paddy, or nothing is known */
  outlook?: Json<StoredOutlook> | null | undefined
  /** the frost that ended the crop of an upland field; null: it lives */
  killedBy?: Json<FrostNight> | null | undefined
  paddy?: Json<PaddyNow> | null | undefined
}

const StoredOutlook = Type.Object({
  paceD: Type.Number(),
  depletionMm: Type.Number(),
  meanDrierMm: Type.Number(),
  sdMm: Type.Number(),
  surfaceMm: Type.Number(),
  tewMm: Type.Number(),
  rewMm: Type.Number(),
  belowMm: Type.Number(),
  deep: Type.Number(),
  late: Type.Number(),
  bottomM: Type.Number(),
  heldShare: Type.Optional(Type.Number()), // absent: stored by 0.1.0
  ripe: Type.Number(),
  use: Type.Number(),
  cover: Type.Number(),
  growth: CropGrowth,
  salt: Type.Object({
    ecDsM: OrNull(Type.Number()),
    waterEcDsM: OrNull(Type.Number()),
    dueMm: Type.Number(),
  }),
  withheldAfterRuns: Type.Number(),
  wiltingMm: OrNull(Type.Number()),
  members: Type.Array(
    Type.Object({
      drierMm: Type.Number(),
      tawShare: Type.Number(),
      heldShare: Type.Optional(Type.Number()),
      use: Type.Number(),
      late: Type.Number(),
      ripe: Type.Number(),
      cover: Type.Number(),
      tolerance: Type.Number(),
    }),
  ),
})
export type StoredOutlook = Static<typeof StoredOutlook>
type FrostNight = Static<typeof FrostNight>
export const readKilledBy = jsonColumn('fieldState.killedBy', FrostNight)
export const readOutlook = jsonColumn('fieldState.outlook', StoredOutlook)

/** The next stage of the crop, the degree-days that count for it so far, and the days between which it begins. */
const HeatNext = Type.Object({
  stage: Type.String(),
  sumCd: Type.Number(),
  needCd: Type.Number(),
  fromDay: Type.String(),
  toDay: Type.String(),
})
type HeatNext = Static<typeof HeatNext>
export const readHeatNext = jsonColumn('fieldState.heatNext', HeatNext)

const SoilLimit = Type.Object({
  v: Type.Number(),
  sd: Type.Number(),
  from: Type.Enum(['field', 'learned']), // field: from its row (texture or entered); learned: from its probes
  events: Type.Number(), // number of events learned from
})
export type SoilLimit = Static<typeof SoilLimit>

/** The soil limits used by the balance, and their origin. m³/m³. */
const SoilUsed = Type.Object({ fieldCapacity: SoilLimit, wiltingPoint: SoilLimit })
export type SoilUsed = Static<typeof SoilUsed>
export const readSoilUsed = jsonColumn('fieldState.soil', SoilUsed)

export const StateInput = Type.Object({
  key: Type.String(), // 'soil.moisture', 'rain', 'weather', 'soil'
  value: OrNull(Type.Number()),
  unit: Type.String(),
  atMs: OrNull(Type.Number()),
  depthCm: Type.Optional(Type.Number()),
  device: Type.Optional(Type.String()),
  kind: Type.Enum(['measured', 'estimated', 'predicted', 'entered']),
  fresh: Type.Enum(['ok', 'late', 'lost']),
  method: Type.Optional(Type.String()),
})
export type StateInput = Static<typeof StateInput>
export const readStateInputs = jsonColumn('fieldState.inputs', Type.Array(StateInput))
