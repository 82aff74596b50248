/**
 * The language of the schedule. A job is the dose of one zone; water reaches it by resources (pump, main, sub-main),
 * each with a capacity; a placement says when its valve is open. Times are instants in ms, runs are whole minutes.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { LimitKey } from '../message-keys.ts'

export interface Span {
  fromMs: AtMs
  toMs: AtMs // exclusive
}

/** Water may flow only inside these spans (sorted, apart): the windows, the turns, the calm hours, the hours of labour ... */
export interface HourRule {
  limit: LimitKey // what is said when this rule left no room
  spans: readonly Span[]
}

/** Fertiliser is fed between a leading part and a flushing part of plain water, in every opening. */
export interface Dosing {
  unitId: string
  leadMinutes: number
  flushMinutes: number
  /** zones of one unit are fed by rising order; null: plain water only, never open while the unit feeds another */
  order: number | null
}

export interface Job {
  id: string
  flowLpm: number
  minutes: number // wanted, of open valve
  minMinutes: number // shortest opening
  /** an opening is at most so long, and so long shut before the next; null: one opening */
  cycle: { mostMinutes: number; soakMinutes: number } | null
  /** it flows inside all of these */
  rules: readonly HourRule[]
  /** latest safe time: what flows after it is late */
  dueMs: AtMs
  /** what a m³ in time is worth against the prices of the pump */
  valuePerM3: number
  /** the resources that its water passes, by id */
  path: readonly string[]
  dosing: Dosing | null
  /** where it stands in the plan already */
  currentOpenings: readonly Span[]
}

/** At most `litres` by openings that begin within the span. */
export interface Quota extends Span {
  limit: LimitKey
  litres: number
}
/** Of a m³ that flows within the span; where several say a price, they add up. */
export interface Price extends Span {
  perM3: number
}

export interface Resource {
  id: string
  capacityLpm: number
  maxOpen: number
  /** an opening holds its flow for so long after its end: valves answer late, pressure has to settle */
  changeoverMs: number
  quotas: readonly Quota[]
  prices: readonly Price[]
}

/** Water that stands fixed: it flows, or a person ordered it. `unitId`: of the dosing unit that its zone stands at. */
export interface FixedFlow extends Span {
  flowLpm: number
  path: readonly string[]
  unitId: string | null
}

export interface Problem {
  /** nothing opens before */
  fromMs: AtMs
  jobs: readonly Job[]
  resources: readonly Resource[]
  fixedFlows: readonly FixedFlow[]
}

/** When the valve of a job is open, in order of time; none when there is no room. `limit`: why it is less than wanted. */
export interface Placement {
  jobId: string
  openings: readonly Span[]
  limit: LimitKey | null
}
