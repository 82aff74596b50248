/** Zones and the pumps that feed them: what people enter of the way of the water. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'
import type { WaterPrice } from './strategy.ts'

export type ZoneMode = 'off' | 'advise' | 'approve' | 'auto'

/** What one valve wets. */
export interface ZoneRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  name: string
  areaM2: number
  method: 'sprinkler' | 'drip' | 'flood' | 'outlet' // outlet: what flows through its valve leaves the field
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
  valveAssignedAtMs?: AtMs | null | undefined // since when it has a valve; null: nobody has kept it
  dailyMaxLitres: number | null
  schedule?: Json<ZoneSchedule> | null | undefined
}

/** Wall-clock hours of a day, minutes after local midnight; `toMin` at or before `fromMin`: on the next day. */
export interface DayHours {
  fromMin: number
  toMin: number
}

/** When the valve of a zone may be open beside its window. What is absent limits nothing. */
export interface ZoneSchedule {
  windows?: DayHours[] // further windows of each day
  waterTurns?: (DayHours & { fromDay: Day; everyDays: number })[] // the water is this field's in these hours alone
  attendedHours?: DayHours[] // a person opens or watches it
  windMostMps?: number // sprinklers: no run in an hour whose forecast is over it, at 2 m
  frostBelowC?: number // sprinklers: nor in an hour that is forecast colder
  cycle?: { mostMinutes: number; soakMinutes: number } // a dose in parts, with a pause that lets it soak in
  dosing?: { unit: string; order: number | null; leadMinutes: number; flushMinutes: number } // null: takes none of it
}

/** What a pump or pipe is beside its capacity. */
export interface PumpSchedule {
  feedsFrom?: string // the pump or main that this one hangs on
  changeoverMinutes?: number // between runs that cannot flow together; absent: 2
  tariff?: (DayHours & { perM3: number })[] // other hours cost nothing
  season?: { m3: number; fromDay: Day } // what the source may give from that day on
}

/** Shared water: what a pump or a turn-out can give. */
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
