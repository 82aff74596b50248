/** GET /api/audit and its companions: who did what, and whether the hash chain is intact. */
import Type, { type Static } from 'typebox'
import { auditKinds } from './audit-kind.ts'
import { AtMs, Num, OneOf, OrNull, Text, InstantText } from '../http/validation/schema-primitives.ts'

/** One line as stored, with names for its ids. */
export const AuditLine = Type.Object({
  n: Num,
  atMs: AtMs,
  kind: OneOf(...auditKinds),
  actor: Type.String({
    description: "a user id, 'plan:<version>', 'fence', 'system', 'console' or 'home-assistant'",
  }),
  actorName: Type.Union([Text, Type.Null()], { description: 'null: the actor is not a person' }),
  action: Text,
  subject: Text,
  subjectName: Type.Union([Text, Type.Null()], {
    description: 'null: it no longer exists, or has no name',
  }),
  detail: Type.Unknown(),
  hash: Text,
})
export type AuditLine = Static<typeof AuditLine>

const Head = Type.Object({ n: Num, hash: Text })
export const AuditVerdict = Type.Object({
  lines: Num,
  head: Head,
  broken: OrNull(Type.Object({ n: Num, reason: Text })),
  checkedMs: AtMs,
})
export type AuditVerdict = Static<typeof AuditVerdict>

const Digits = Type.String({ pattern: '^\\d{1,15}$' })
const NameFilter = Type.String({ minLength: 1, maxLength: 64 })
const filters = {
  kind: Type.Optional(OneOf(...auditKinds)),
  actor: Type.Optional(NameFilter),
  device: Type.Optional(NameFilter),
  fromMs: Type.Optional(InstantText),
  toMs: Type.Optional(InstantText),
}
/** The lines from `fromMs` on and before `toMs`. */
export const AuditFilter = Type.Object(filters)
export type AuditFilter = Static<typeof AuditFilter>
export const AuditPage = Type.Object({
  ...filters,
  before: Type.Optional(Digits),
  limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500' })),
})
/** A head recorded earlier, `N-HASH`: it must still be part of the chain. */
export const AuditHeadQuery = Type.Object({
  noted: Type.Optional(Type.String({ pattern: '^\\d{1,15}-[0-9a-f]{64}$' })),
})
