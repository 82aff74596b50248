/** A field in few words for another system: what its card on the phone shows, its valves, and its soil moisture. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { FieldRow, FieldStatus } from '../tables.ts'

export interface FieldSummary {
  id: string
  name: string
  farmName: string
  kind: FieldRow['kind']
  crop: string
  areaM2: number
  timeZone: string
  status: FieldStatus
  /** upland: water until irrigation is due, mm, as the decision compared it; null: a paddy, or unknown */
  waterLeftMm: number | null
  /** paddy: water level, mm above the soil surface; null: an upland field, or unknown */
  levelMm: number | null
  nextRun: { atMs: AtMs; mm: number; minutes: number } | null
  /** an alert that asks to act concerns the field */
  hasProblem: boolean
  moisture: { deviceId: string; depthCm: number | null; percent: number; atMs: AtMs }[]
  valves: ValveSummary[]
}

export interface ValveSummary {
  zoneId: string
  zoneName: string
  controllerId: string
  valve: string
  /** as the valve reports it; null: it has not reported for two heartbeats */
  position: 'open' | 'closed' | null
  /** the longest opening of the zone */
  maxMinutes: number
}
