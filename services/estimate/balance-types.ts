/** Inputs of the daily and the current balance of a field. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { ProbeEstimate } from '../agronomy/water/probe.ts'
import type { FieldDayRow, FieldRow, PaddyRow, SoilUsed, StateInput } from '../tables.ts'
import type { NearDay } from './days/day-weather.ts'
import type { Freshness } from './now/freshness.ts'
import type { GaugeFindings } from './paddy/level-gauge.ts'
import type { EnteredSalt } from './water/salt-reading.ts'
import type { IrrigationDepth, Wetting } from './water/irrigation-depth.ts'
import type { SensorReading } from './water/upland-day.ts'

/** Measurements of a field on one day. */
export interface DayInputs {
  near: readonly NearDay[]
  irrigation: IrrigationDepth
  /** the last run ended so late that the probes cannot show its water yet; absent: no */
  isIrrigationLate?: boolean
  wetting: Wetting
  /** the sensors of its probes at the end of the day */
  sensors: readonly SensorReading[]
  /** depletion by the probes alone for the given roots; null: silent */
  probe: (rootDepthM: number) => ProbeEstimate | null
  hasProbe: boolean
  /** ECe of the soil by its probes, dS/m; null: no EC sensor, or too dry a soil */
  soilEcDsM: number | null
  /** mm at the end of the day, below 0 a water table; null: not measured */
  levelMm: number | null
  /** mm that runs of an outlet removed; null: at least one ran at an unknown rate */
  drainedMm: number | null
  /** losses and rates by the gauge; `lossMmD`: the usual loss */
  gaugeFindings: (lossMmD: number, etcMm: number | null) => GaugeFindings
}

export interface FieldPlace {
  field: FieldRow
  soil: SoilUsed
  /** null: nothing is entered */
  salt?: EnteredSalt | null
  paddy: PaddyRow
  farm: { latDeg: number; elevationM: number; timeZone: string }
}

/** The part of yesterday's row that today depends on. */
export type Yesterday = Pick<
  FieldDayRow,
  'depletionMm' | 'depletionSdMm' | 'tawMm' | 'levelMm' | 'heatSumCd' | 'notes' | 'paddy'
>

/** Measurements of the last two weeks. */
export interface RecentMeasurements {
  et0Mm: readonly number[]
  temps: readonly { tempMinC: number; tempMaxC: number }[]
  sankMm: readonly number[] // in a paddy, on ponded days
  nightLossMmD: number | null // in a paddy, from its quiet nights
}

/** Measurements of a field since midnight. */
export interface NowInputs {
  /** share of the day's light that has passed, 0-1 */
  dayShare: number
  /** expected value for the whole day, mm; null: unknown */
  et0: { mm: number; sdMm: number; method: string } | null
  rainMm: number | null
  rainSdMm: number
  irrigation: IrrigationDepth
  wetting: Wetting
  /** the sensors of its probes with their newest readings, if fresh */
  sensors: readonly SensorReading[]
  level: { mm: number; atMs: AtMs } | null
  /** mm that runs of an outlet removed since midnight; null: at least one ran at an unknown rate */
  drainedMm: number | null
  fresh: { weather: Freshness | null; soil: Freshness | null; level: Freshness | null } // null: no such device
  inputs: StateInput[]
}
