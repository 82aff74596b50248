/** Zones and the pumps that feed them, as entered. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'
import type { WaterPrice } from './strategy.ts'

export type ZoneMode = 'off' | 'advise' | 'approve' | 'auto'

/** The area that one valve irrigates. */
export interface ZoneRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  name: string
  areaM2: number
  method: 'sprinkler' | 'drip' | 'flood' | 'outlet' // outlet: water through its valve leaves the field
  applicationRateMmH: number // gross depth an hour
  efficiency: number // 0-1, net = gross * efficiency
  wettedFraction: number // 0-1
  mode: ZoneMode
  madFraction: number | null // of TAW; null: the crop's own p
  maxDepthMm: number // gross, one run
  minMinutes: number
  maxMinutes: number
  windowFromMin: number // minutes after local midnight
  windowToMin: number // may be smaller than windowFromMin: the window then passes midnight
  controllerId: string | null
  valve: string | null
  pumpId: string | null
  adjustPercent: number // a person's correction of every depth, -50 to +50
  pausedUntilMs: AtMs | null
  valveAssignedAtMs?: AtMs | null | undefined // when its valve was assigned; null: unknown
  dailyMaxLitres: number | null
  schedule?: Json<ZoneSchedule> | null | undefined
}

/** Wall-clock hours of a day, minutes after local midnight; `toMin` at or before `fromMin`: on the next day. */
export interface DayHours {
  fromMin: number
  toMin: number
}

/** Further limits on when the valve of a zone may be open, in addition to its window. Absent: no limit. */
export interface ZoneSchedule {
  windows?: DayHours[] // further windows of each day
  waterTurns?: (DayHours & { fromDay: Day; everyDays: number })[] // rotation: the water belongs to this field only in these hours
  attendedHours?: DayHours[] // attended: a person opens or watches it
  maxWindMps?: number // sprinklers: no run in an hour with more forecast wind, at 2 m
  frostBelowC?: number // sprinklers: no run in an hour forecast colder
  cycle?: { maxMinutes: number; soakMinutes: number } // a dose in parts, with pauses for infiltration
  dosing?: { unit: string; order: number | null; leadMinutes: number; flushMinutes: number } // null: no dosing
}

/** Properties of a pump or pipe in addition to its capacity. */
export interface PumpSchedule {
  feedsFrom?: string // the upstream pump or main
  changeoverMinutes?: number // between runs that cannot be open together; absent: 2
  tariff?: (DayHours & { perM3: number })[] // other hours are free
  season?: { m3: number; fromDay: Day } // seasonal quota from that day on
}

/** Shared water source: a pump or turn-out. */
export interface PumpRow {
  id: string
  org: string
  farmId: string
  name: string
  capacityLpm: number
  dailyM3: number | null
  maxOpenValves: number
  schedule?: Json<PumpSchedule> | null | undefined
  waterPrice?: Json<WaterPrice> | null | undefined
}
