/** What was forecast, and how good it was. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

/** What a source said of a day, as it stood on the morning `lead` days before; kept to see how good it was. */
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

/** How good a source has been at one farm, against its own gauge and thermometer. */
export interface ForecastSkillRow {
  farmId: string
  source: string
  org: string
  throughDay: Day
  atMs: AtMs
  leads: Json<LeadSkill[]>
}

/** Of some days ahead that are judged together. */
export interface LeadSkill {
  fromLead: number
  toLead: number
  rain: ForecastMiss & {
    // of days with 5 mm or more, said as more likely than not
    hits: number
    misses: number
    falseAlarms: number
    brier: number | null // of the chance of 5 mm; 0 is perfect
    brierUsual: number | null // of always saying how often it came
    inRange: number | null // share of days within lo..hi; 0.8 is what lo and hi promise
  }
  tempMinC: ForecastMiss
  tempMaxC: ForecastMiss
  et0Mm: ForecastMiss
  trust: ForecastTrust
}

/** One number of many days; null with none. */
export interface ForecastMiss {
  days: number
  bias: number | null // mean of said - seen
  mae: number | null
}

/** By how much the next forecast's rain is moved; 1 and 0 until enough days are known. */
export interface ForecastTrust {
  lo: number
  mid: number
  hi: number
  dryHiMm: number // what nine days in ten stay below that were forecast dry
}
