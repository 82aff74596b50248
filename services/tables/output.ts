/** Outputs that cannot harm and that a rule of the farm may switch: what they are allowed, and each time they were on. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'
import type { DayHours } from './water.ts'

/** The whole list. Whatever sprays, doses or waters is none of them. */
export const outputKinds = ['puffer', 'siren', 'fan'] as const
export type OutputKind = (typeof outputKinds)[number]

/** When an output is wanted, within its hours. Heat in °C·d after the biofix of the pest. */
export type OutputRule =
  | { by: 'hours' }
  | { by: 'flight'; pest: string; fromCd: number; toCd: number }
  | { by: 'frost'; belowC: number }
  | { by: 'birds' }

/** Why an output is on or not: a key of the words, and what stands in it. */
export interface OutputReason {
  key: string
  params: Record<string, string | number | null>
}

/** An output of a controller, bound to a field. Nothing switches it before a person has opted in. */
export interface AuxOutputRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  name: string
  kind: OutputKind
  deviceId: string
  valve: string
  isOn: 0 | 1 // opted in
  switchedBy: string | null // who opted in, or out
  switchedAtMs: AtMs | null
  rule: Json<OutputRule> | null
  hours: Json<DayHours[]>
  quiet: Json<DayHours> | null // never in these, whatever the rule says
  onMinutes: number // at a time
  everyMinutes: number // from one start to the next
  mostDailyMinutes: number
  windMostMps: number | null // at 2 m; null: no limit
  pausedUntilMs: AtMs | null // after a STOP
  says: Json<OutputReason> | null // of the last look
}

export type AuxOutputRunState =
  | 'due'
  | 'sent'
  | 'ending' // not wanted any more: dispatch ends it
  | 'done'
  | 'skipped'
  | 'failed'

/** One time that an output is on: the log of it. */
export interface AuxOutputRunRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  outputId: string
  fromMs: AtMs
  minutes: number
  state: AuxOutputRunState
  why: Json<OutputReason>
  commandId: string | null
  ranMs: number | null
  endReason: string | null
}
