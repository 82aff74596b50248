/** Zones and the pumps that feed them, as entered. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'
import { WaterPrice } from './strategy.ts'

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

const hours = { fromMin: Type.Number(), toMin: Type.Number() }
/** Wall-clock hours of a day, minutes after local midnight; `toMin` at or before `fromMin`: on the next day. */
export const DayHours = Type.Object(hours)
export type DayHours = Static<typeof DayHours>

/** Further limits on when the valve of a zone may be open, in addition to its window. Absent: no limit. */
const ZoneSchedule = Type.Object({
  windows: Type.Optional(Type.Array(DayHours)), // further windows of each day
  // rotation: the water belongs to this field only in these hours
  waterTurns: Type.Optional(
    Type.Array(Type.Object({ ...hours, fromDay: Type.String(), everyDays: Type.Number() })),
  ),
  attendedHours: Type.Optional(Type.Array(DayHours)), // attended: a person opens or watches it
  maxWindMps: Type.Optional(Type.Number()), // sprinklers: no run in an hour with more forecast wind, at 2 m
  frostBelowC: Type.Optional(Type.Number()), // sprinklers: no run in an hour forecast colder
  // a dose in parts, with pauses for infiltration
  cycle: Type.Optional(Type.Object({ maxMinutes: Type.Number(), soakMinutes: Type.Number() })),
  // order null: no dosing
  dosing: Type.Optional(
    Type.Object({
      unit: Type.String(),
      order: OrNull(Type.Number()),
      leadMinutes: Type.Number(),
      flushMinutes: Type.Number(),
    }),
  ),
})
export type ZoneSchedule = Static<typeof ZoneSchedule>
export const readZoneSchedule = jsonColumn('zone.schedule', ZoneSchedule)

/** Properties of a pump or pipe in addition to its capacity. */
const PumpSchedule = Type.Object({
  feedsFrom: Type.Optional(Type.String()), // the upstream pump or main
  windows: Type.Optional(Type.Array(DayHours)), // when it may run; absent: at any hour
  changeoverMinutes: Type.Optional(Type.Number()), // between runs that cannot be open together; absent: 2
  tariff: Type.Optional(Type.Array(Type.Object({ ...hours, perM3: Type.Number() }))), // other hours are free
  currency: Type.Optional(Type.String()), // of the tariff, ISO 4217
  season: Type.Optional(Type.Object({ m3: Type.Number(), fromDay: Type.String() })), // seasonal quota from that day on
})
export type PumpSchedule = Static<typeof PumpSchedule>
export const readPumpSchedule = jsonColumn('pump.schedule', PumpSchedule)
export const readPumpWaterPrice = jsonColumn('pump.waterPrice', WaterPrice)

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
