/** Inputs of the daily and the current balance of a field. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { ProbeEstimate } from '../agronomy/water/probe.ts'
import type { FieldDayRow, FieldRow, PaddyRow, SoilUsed, StateInput } from '../tables.ts'
import type { NearDay } from './days/day-weather.ts'
import type { Freshness } from './now/freshness.ts'
import type { GaugeFindings } from './paddy/level-gauge.ts'
import type { IrrigationDepth, Wetting } from './water/irrigation-depth.ts'

/** What was measured on a field in one day. */
export interface DayInputs {
  near: readonly NearDay[]
  irrigation: IrrigationDepth
  wetting: Wetting
  /** what the probes say of the end of the day, for the given roots; null: silent */
  probe: (rootDepthM: number) => ProbeEstimate | null
  hasProbe: boolean
  /** mm at the end of the day, below 0 a water table; null: not measured */
  levelMm: number | null
  /** mm that runs of an outlet took; null: some ran, and nobody knows how fast */
  drainedMm: number | null
  /** what the gauge shows of losses and rates; `lossMmD`: the usual loss */
  gaugeFindings: (lossMmD: number, etcMm: number | null) => GaugeFindings
}

export interface FieldPlace {
  field: FieldRow
  soil: SoilUsed
  paddy: PaddyRow
  farm: { latDeg: number; elevationM: number; timeZone: string }
}

/** Yesterday as far as today rests on it. */
export type Yesterday = Pick<
  FieldDayRow,
  | 'depletionMm'
  | 'depletionSdMm'
  | 'tawMm'
  | 'rootDepthM'
  | 'fieldCapacity'
  | 'probeBias'
  | 'probeBiasSd'
  | 'probeBiasShared'
  | 'surfaceDepletionMm'
  | 'wettedFraction'
  | 'levelMm'
  | 'heatSumCd'
  | 'notes'
  | 'paddy'
>

/** What the last two weeks have measured. */
export interface RecentMeasurements {
  et0Mm: readonly number[]
  temps: readonly { tempMinC: number; tempMaxC: number }[]
  sankMm: readonly number[] // in a paddy, on days of standing water
  nightLossMmD: number | null // in a paddy, by its quiet nights
}

/** What is known of a field since midnight. */
export interface NowInputs {
  /** of the day, 0-1: how much of its light has come */
  dayShare: number
  /** what the whole day is expected to take, mm; null: nothing can be said */
  et0: { mm: number; sdMm: number; method: string } | null
  rainMm: number | null
  rainSdMm: number
  irrigation: IrrigationDepth
  wetting: Wetting
  /** newest readings of the probes for the given roots, if they are fresh */
  probe: (rootDepthM: number) => ProbeEstimate | null
  level: { mm: number; atMs: AtMs } | null
  /** mm that runs of an outlet took since midnight; null: some ran, and nobody knows how fast */
  drainedMm: number | null
  fresh: { weather: Freshness | null; soil: Freshness | null; level: Freshness | null } // null: no such device
  inputs: StateInput[]
}
