/**
 * The types of the schedule. A job is the dose of one zone; water reaches it through resources (pump, main,
 * sub-main), each with a capacity; a placement is the time at which its valve is open. Times are instants in
 * ms, runs are whole minutes.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { LimitKey } from '../message-keys.ts'

export interface Span {
  fromMs: AtMs
  toMs: AtMs // exclusive
}

/**
 * Water may flow only inside these spans (sorted, disjoint): the windows, the rotation, the calm hours, the
 * hours of labour ...
 */
export interface HourRule {
  limit: LimitKey // shown when this rule left no room
  spans: readonly Span[]
}

/** Fertiliser is fed between a leading part and a flushing part of plain water, in every opening. */
export interface Dosing {
  unitId: string
  leadMinutes: number
  flushMinutes: number
  /**
   * zones of one unit are fed by rising order; null: plain water only, never open while the unit feeds another
   */
  order: number | null
}

export interface Job {
  id: string
  flowLpm: number
  minutes: number // wanted, of open valve
  minMinutes: number // shortest opening
  /** the longest opening, and the shortest pause before the next; null: one opening */
  cycle: { maxMinutes: number; soakMinutes: number } | null
  /** it flows inside all of these */
  rules: readonly HourRule[]
  /** latest safe time: later water is late */
  dueMs: AtMs
  /** the value of a m³ in time, relative to the prices of the pump */
  valuePerM3: number
  /** the resources that its water passes, by id */
  path: readonly string[]
  dosing: Dosing | null
  /** its current openings in the plan */
  currentOpenings: readonly Span[]
}

/** At most `litres` by openings that begin within the span. */
export interface Quota extends Span {
  limit: LimitKey
  litres: number
}
/** Of a m³ that flows within the span; several prices add up. */
export interface Price extends Span {
  perM3: number
}

export interface Resource {
  id: string
  capacityLpm: number
  maxOpen: number
  /** an opening occupies its flow for so long after its end: valves respond late, pressure has to settle */
  changeoverMs: number
  quotas: readonly Quota[]
  prices: readonly Price[]
}

/** A fixed flow: an active run, or one scheduled by a person. `unitId`: of the dosing unit of its zone. */
export interface FixedFlow extends Span {
  flowLpm: number
  path: readonly string[]
  unitId: string | null
}

export interface Problem {
  /** no opening before */
  fromMs: AtMs
  jobs: readonly Job[]
  resources: readonly Resource[]
  fixedFlows: readonly FixedFlow[]
}

/**
 * When the valve of a job is open, in order of time; none when there is no room. `limit`: why it is less than
 * wanted.
 */
export interface Placement {
  jobId: string
  openings: readonly Span[]
  limit: LimitKey | null
}
