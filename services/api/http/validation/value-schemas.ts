/** Schemas shared by responses: a value with its source, a catalogue text, the clock. */
import Type, { type Static } from 'typebox'
import { OrNull, OneOf, Num, Text, AtMs, Params } from './schema-primitives.ts'

export const Fresh = OneOf('ok', 'late', 'lost')

export const FieldStatus = OneOf('act', 'soon', 'ok', 'wet', 'unknown')
export type FieldStatus = Static<typeof FieldStatus>

export const ValueView = Type.Object({
  v: OrNull(Num),
  lo: Type.Optional(Num),
  hi: Type.Optional(Num),
  atMs: OrNull(AtMs),
  kind: OneOf('measured', 'estimated', 'predicted', 'entered'),
  fresh: Fresh,
})
export type ValueView = Static<typeof ValueView>

/** A catalogue text with its parameters. */
export const Message = Type.Object({ key: Text, params: Params })
export type Message = Static<typeof Message>

/** The speed of the server's clock: 1 on a real farm, more in a demonstration. */
export const ServerClock = Type.Object({ nowMs: AtMs, speed: Num })

export const RiskLevel = OneOf('low', 'moderate', 'high', 'unknown')

export const Column = Type.Array(OrNull(Num))
