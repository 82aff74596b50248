/**
 * The audit log: who did what, in an append-only hash chain. Each line of an organisation carries its number and the
 * hash of all earlier lines, so a changed, removed or inserted line is found. The chain alone cannot show a missing
 * end: `verifyAudit` returns the head, to compare with a head noted earlier.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { AtMs } from '../../broker/contract/time.ts'
import { toJson, type AuditRow, type Tables } from '../tables.ts'

export interface AuditEntry {
  org: string
  atMs: AtMs
  /** a user id, 'plan:<version>', 'fence' or 'system' */
  actor: string
  action: string
  subject: string
  /** contains no secret */
  detail: unknown
}

type Rows = Kysely<Tables>
type Unchained = Omit<AuditRow, 'n' | 'hash'>
const START = '0'.repeat(64)

/** SHA-256 over the previous hash and the fields of the line, hex. */
const auditHash = (before: string, { id, org, atMs, actor, action, subject, detail }: Unchained, n: number) =>
  createHash('sha256')
    .update(JSON.stringify([before, org, n, id, atMs, actor, action, subject, detail]))
    .digest('hex')

/** Appends a line to the chain of its organisation; within the transaction when there is one. */
export async function appendAudit(rows: Rows, entry: AuditEntry): Promise<void> {
  if (!rows.isTransaction) return rows.transaction().execute((transaction) => appendAudit(transaction, entry))
  const last = await rows
    .selectFrom('audit')
    .select(['n', 'hash'])
    .where('org', '=', entry.org)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst()
  const line: Unchained = { ...entry, id: randomUUID(), detail: toJson(entry.detail) }
  const n = (last?.n ?? 0) + 1
  await rows
    .insertInto('audit')
    .values({ ...line, n, hash: auditHash(last?.hash ?? START, line, n) })
    .execute()
}

export interface AuditVerdict {
  org: string
  lines: number
  /** of the last valid line; n 0: the chain is empty */
  head: { n: number; hash: string }
  /** the first invalid line; null: the chain is intact */
  broken: { n: number; reason: string } | null
}

const PAGE = 500

/** Reads a whole chain, page by page. `recorded`: a head recorded earlier, which must still be in the chain. */
export async function verifyAudit(
  rows: Rows,
  org: string,
  recorded?: { n: number; hash: string },
): Promise<AuditVerdict> {
  let head = { n: 0, hash: START }
  const verdict = (broken: AuditVerdict['broken']): AuditVerdict => ({ org, lines: head.n, head, broken })
  for (;;) {
    const page = await rows
      .selectFrom('audit')
      .selectAll()
      .where('org', '=', org)
      .where('n', '>', head.n)
      .orderBy('n')
      .limit(PAGE)
      .execute()
    for (const line of page) {
      const { n } = line
      if (n !== head.n + 1)
        return verdict({ n: head.n + 1, reason: `line ${head.n + 1} is missing, ${n} follows` })
      if (auditHash(head.hash, line, n) !== line.hash)
        return verdict({
          n,
          reason: `line ${n} does not match its hash: it, or an earlier line, was changed`,
        })
      if (recorded?.n === n && recorded.hash !== line.hash)
        return verdict({
          n,
          reason: `line ${n} has another hash than the noted one: the chain was rewritten`,
        })
      head = { n, hash: line.hash }
    }
    if (page.length < PAGE) break
  }
  if (recorded && recorded.n > head.n)
    return verdict({ n: head.n + 1, reason: `the chain ends at ${head.n}, but line ${recorded.n} was noted` })
  return verdict(null)
}

/** Every organisation with an audit chain. */
export const auditedOrgs = async (rows: Rows): Promise<string[]> =>
  (await rows.selectFrom('audit').select('org').distinct().orderBy('org').execute()).map(({ org }) => org)
