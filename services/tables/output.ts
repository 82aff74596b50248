/** Auxiliary outputs that a rule may switch safely: their settings, and each time they were on. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, Message, type Json } from './json.ts'
import { DayHours } from './water.ts'

/** The complete list. Outputs that spray, dose or water are excluded. */
export const outputKinds = ['puffer', 'siren', 'fan'] as const
export type OutputKind = (typeof outputKinds)[number]

/** When an output should be on, within its hours. Heat in °C·d after the biofix of the pest. */
const OutputRule = Type.Union([
  Type.Object({ by: Type.Literal('hours') }),
  Type.Object({
    by: Type.Literal('flight'),
    pest: Type.String(),
    fromCd: Type.Number(),
    toCd: Type.Number(),
  }),
  Type.Object({ by: Type.Literal('frost'), belowC: Type.Number() }),
  Type.Object({ by: Type.Literal('birds') }),
])
export type OutputRule = Static<typeof OutputRule>

/** Why an output is on or off: a catalogue key and its parameters. */
export type OutputReason = Static<typeof Message>

/** An output of a controller, assigned to a field. It stays off until a person opts in. */
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
  switchedBy: string | null // who opted in or out
  switchedAtMs: AtMs | null
  rule: Json<OutputRule> | null
  hours: Json<DayHours[]>
  quietHours: Json<DayHours> | null // always off in these hours
  onMinutes: number // at a time
  everyMinutes: number // from one start to the next
  maxDailyMinutes: number
  maxWindMps: number | null // at 2 m; null: no limit
  pausedUntilMs: AtMs | null // after a STOP
  reason: Json<OutputReason> | null // of the last evaluation
}

export const readOutputRule = jsonColumn('auxOutput.rule', OutputRule)
export const readOutputHours = jsonColumn('auxOutput.hours', Type.Array(DayHours))
export const readOutputQuiet = jsonColumn('auxOutput.quietHours', DayHours)
export const readOutputReason = jsonColumn('auxOutput.reason', Message)

export type AuxOutputRunState =
  | 'due'
  | 'sent'
  | 'ending' // no longer needed: dispatch ends it
  | 'done'
  | 'skipped'
  | 'failed'

/** One period in which an output is on. */
export interface AuxOutputRunRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  outputId: string
  fromMs: AtMs
  minutes: number
  state: AuxOutputRunState
  reason: Json<OutputReason>
  commandId: string | null
  ranMs: number | null
  endReason: string | null
}

export const readOutputRunReason = jsonColumn('auxOutputRun.reason', Message)
