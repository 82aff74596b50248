/** Stored forecasts and their skill. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

/** The forecast of a source for a day, issued on the morning `lead` days before; stored to verify it. */
export interface ForecastDayRow {
  org: string
  farmId: string
  source: string
  day: Day
  lead: number // days ahead; 0: issued on the day itself
  issuedMs: AtMs
  tempMinC: number
  tempMaxC: number
  rainLoMm: number
  rainMidMm: number
  rainHiMm: number
  rainChance: number | null // 0-1
  et0Mm: number | null
}

/** The skill of a source at one farm, against the farm's own gauge and thermometer. */
export interface ForecastSkillRow {
  farmId: string
  source: string
  org: string
  throughDay: Day
  atMs: AtMs
  leads: Json<LeadSkill[]>
}

/** Errors of one variable over several days; null without days. */
const ForecastError = Type.Object({
  days: Type.Number(),
  bias: OrNull(Type.Number()), // mean of forecast - observed
  mae: OrNull(Type.Number()),
})
export type ForecastError = Static<typeof ForecastError>

/** Correction of the next rain forecast; factors 1 and offset 0 until enough days are verified. */
const RainCorrection = Type.Object({
  lo: Type.Number(),
  mid: Type.Number(),
  hi: Type.Number(),
  dryHiMm: Type.Number(), // 90th percentile of rain on days forecast dry
})
export type RainCorrection = Static<typeof RainCorrection>

/** Skill over a range of lead days. */
const LeadSkill = Type.Object({
  fromLead: Type.Number(),
  toLead: Type.Number(),
  rain: Type.Object({
    ...ForecastError.properties,
    // of days with 5 mm or more, forecast as more likely than not
    hits: Type.Number(),
    misses: Type.Number(),
    falseAlarms: Type.Number(),
    brier: OrNull(Type.Number()), // of the chance of 5 mm; 0 is perfect
    brierClimatology: OrNull(Type.Number()), // of always forecasting the climatological frequency
    inRange: OrNull(Type.Number()), // share of days within lo..hi; nominal value 0.8
  }),
  tempMinC: ForecastError,
  tempMaxC: ForecastError,
  et0Mm: ForecastError,
  correction: RainCorrection,
})
export type LeadSkill = Static<typeof LeadSkill>
export const readLeadSkills = jsonColumn('forecastSkill.leads', Type.Array(LeadSkill))
