/** The audit of the fixture's co-operative: an incident, commands, changes, and enough lines for a second page. */
import type { FastifyInstance } from 'fastify'
import { HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import type { AuditLine, AuditVerdict, MemberView } from '../../services/api/schemas.ts'

const LINES = 70
const haruko = { actor: 'user-1', actorName: 'Haruko Sato' }
const nobody = (actor: string) => ({ actor, actorName: null })
type Said = Omit<AuditLine, 'n' | 'atMs' | 'hash'>

const newest: Said[] = [
  {
    kind: 'incident',
    ...nobody('system'),
    action: 'rule-broken',
    subject: 'controller-1',
    subjectName: 'Controller 1',
    detail: { rule: 'I4', valve: 'V1', seq: 412 },
  },
  {
    kind: 'water',
    ...nobody('plan:31'),
    action: 'command-done',
    subject: 'c-412',
    subjectName: 'Controller 1',
    detail: { device: 'controller-1', valve: 'V1', seq: 412, from: 'running', outcome: 'timer' },
  },
  {
    kind: 'farm',
    ...haruko,
    action: 'zone.change',
    subject: 'zone-hill-2',
    subjectName: 'Hill 2',
    detail: { adjustPercent: 10 },
  },
  {
    kind: 'incident',
    ...nobody('system'),
    action: 'sign-in.refused',
    subject: 'user-1',
    subjectName: 'Haruko Sato',
    detail: { from: '203.0.113.7', times: 3 },
  },
  {
    kind: 'people',
    ...haruko,
    action: 'sign-in',
    subject: 'user-1',
    subjectName: 'Haruko Sato',
    detail: { from: '203.0.113.9' },
  },
]
const daily: Said = {
  kind: 'water',
  ...haruko,
  action: 'request.start',
  subject: 'zone-paddy-7',
  subjectName: 'Paddy 7',
  detail: { minutes: 40 },
}

/** `isBroken`: a line of the chain was changed. */
export function serveAudit(
  app: FastifyInstance,
  { now, isEmpty, isBroken }: { now(): number; isEmpty: boolean; isBroken: boolean },
): void {
  const lines: AuditLine[] = Array.from({ length: LINES }, (_, i) => ({
    ...(newest[i] ?? daily),
    n: LINES - i,
    hash: (LINES - i).toString(16).padStart(64, '0'),
    atMs: now() - 20 * MINUTE_MS - i * HOUR_MS,
  }))
  app.get<{ Querystring: Record<string, string> }>('/api/audit', async ({ query }) =>
    (isEmpty ? [] : lines)
      .filter(({ n }) => n < Number(query.before ?? Infinity))
      .filter(({ kind }) => query.kind === undefined || kind === query.kind)
      .filter(({ actor }) => query.actor === undefined || actor === query.actor)
      .filter(({ atMs }) => atMs >= Number(query.fromMs ?? 0) && atMs < Number(query.toMs ?? Infinity))
      .slice(0, Number(query.limit)),
  )
  app.get('/api/audit/verify', async (): Promise<AuditVerdict> => ({
    lines: isBroken ? 41 : lines.length,
    head: { n: isBroken ? 41 : lines.length, hash: '0'.repeat(64) },
    broken: isBroken
      ? { n: 42, reason: 'line 42 does not match its hash: it, or an earlier line, was changed' }
      : null,
    checkedMs: now(),
  }))
  app.get('/api/members', async (): Promise<MemberView[]> => [
    { id: 'user-1', name: 'Haruko Sato', email: 'haruko@example.org', role: 'admin' },
    { id: 'user-2', name: 'Kenji Mori', email: 'kenji@example.org', role: 'operator' },
  ])
}
