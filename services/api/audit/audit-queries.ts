/** Audit lines as shown to a person: filtered, with names next to the ids. */
import { sql, type ExpressionBuilder } from 'kysely'
import type { State } from '../../ports.ts'
import { sqlDialect, type SqlDialect } from '../../runtime/sql-dialect.ts'
import { readAuditDetail, type AuditRow, type Tables } from '../../tables.ts'
import type { AuditFilter, AuditLine } from './audit-schemas.ts'
import { auditKind, actionPatterns } from './audit-kind.ts'
import { readUserNames } from '../auth/user-queries.ts'

interface AuditPageQuery extends AuditFilter {
  org: string
  limit: number
  /** lines before this one, newest first; or lines after this one, oldest first */
  before?: number
  after?: number
}

/** One page of lines. */
export async function auditPage(state: State, query: AuditPageQuery): Promise<AuditLine[]> {
  const { org, limit, before, after } = query
  const rows = await state
    .selectFrom('audit')
    .selectAll()
    .where('org', '=', org)
    .$if(before !== undefined, (lines) => lines.where('n', '<', before!))
    .where('n', '>', after ?? 0)
    .where(matchesFilter(query, sqlDialect(state)))
    .orderBy('n', after === undefined ? 'desc' : 'asc')
    .limit(limit)
    .execute()
  const people = await readUserNames(
    state,
    rows.flatMap(({ actor, subject }) => [actor, subject]),
  )
  const things = await readSubjectNames(state, org, rows)
  return rows.map(({ n, atMs, actor, action, subject, detail, hash }) => ({
    n,
    atMs,
    kind: auditKind(action),
    actor,
    actorName: people.get(actor) ?? null,
    action,
    subject,
    subjectName:
      things.get(subject) ?? people.get(subject) ?? things.get(deviceInDetail(detail) ?? '') ?? null,
    detail: readAuditDetail(detail),
    hash,
  }))
}

const matchesFilter =
  ({ kind, actor, device, fromMs, toMs }: AuditFilter, { jsonText }: SqlDialect) =>
  (eb: ExpressionBuilder<Tables, 'audit'>) => {
    const { some: included, none: excluded } =
      kind === undefined ? { some: ['%'], none: [] } : actionPatterns(kind)
    const like = (pattern: string) => eb('action', 'like', pattern)
    return eb.and([
      eb.or(included.map(like)),
      ...excluded.map((pattern) => eb.not(like(pattern))),
      ...(actor === undefined ? [] : [eb('actor', '=', actor)]),
      ...(device === undefined
        ? []
        : [eb.or([eb('subject', '=', device), eb(jsonText(sql`detail`, 'device'), '=', device)])]),
      ...(fromMs === undefined ? [] : [eb('atMs', '>=', Number(fromMs))]),
      ...(toMs === undefined ? [] : [eb('atMs', '<', Number(toMs))]),
    ])
  }

/** The device that a line names in addition to its subject. */
const deviceInDetail = (detail: AuditRow['detail']): string | null => {
  const { device } = (readAuditDetail(detail) ?? {}) as { device?: unknown }
  return typeof device === 'string' ? device : null
}

const NAMED_TABLES = ['farm', 'field', 'zone', 'pump', 'device', 'auxOutput', 'product'] as const
/** Rows without a name of their own are shown with the name of their field. */
const TABLES_OF_A_FIELD = ['season', 'treatment', 'fieldWork', 'task', 'run'] as const

async function readSubjectNames(
  state: State,
  org: string,
  rows: readonly AuditRow[],
): Promise<Map<string, string>> {
  const ids = [
    ...new Set(rows.flatMap(({ subject, detail }) => [subject, deviceInDetail(detail) ?? subject])),
  ]
  const names = new Map<string, string>()
  if (ids.length === 0) return names
  for (const table of NAMED_TABLES)
    for (const { id, name } of await state
      .selectFrom(table)
      .select(['id', 'name'])
      .where('org', '=', org)
      .where('id', 'in', ids)
      .execute())
      names.set(id, name)
  for (const table of TABLES_OF_A_FIELD)
    for (const { id, name } of await state
      .selectFrom(table)
      .innerJoin('field', 'field.id', `${table}.fieldId`)
      .select([`${table}.id`, 'field.name'])
      .where(`${table}.org`, '=', org)
      .where(`${table}.id`, 'in', ids)
      .execute())
      names.set(id, name)
  return names
}
