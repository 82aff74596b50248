/** Stored forecasts and their skill. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

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

/** Skill over a range of lead days. */
export interface LeadSkill {
  fromLead: number
  toLead: number
  rain: ForecastError & {
    // of days with 5 mm or more, forecast as more likely than not
    hits: number
    misses: number
    falseAlarms: number
    brier: number | null // of the chance of 5 mm; 0 is perfect
    brierClimatology: number | null // of always forecasting the climatological frequency
    inRange: number | null // share of days within lo..hi; nominal value 0.8
  }
  tempMinC: ForecastError
  tempMaxC: ForecastError
  et0Mm: ForecastError
  correction: RainCorrection
}

/** Errors of one variable over several days; null without days. */
export interface ForecastError {
  days: number
  bias: number | null // mean of forecast - observed
  mae: number | null
}

/** Correction of the next rain forecast; factors 1 and offset 0 until enough days are verified. */
export interface RainCorrection {
  lo: number
  mid: number
  hi: number
  dryHiMm: number // 90th percentile of rain on days forecast dry
}
