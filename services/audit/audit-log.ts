/**
 * The audit log: who did what, in an append-only hash chain. Each line of an organisation carries its number and the
 * hash of all earlier lines, so a changed, removed or inserted line is found. The chain alone cannot show a missing
 * end: `verifyAudit` returns the head, to compare with a head noted earlier. The chain covers the subject and detail of
 * a line by a salted digest: an erasure removes all three, and the chain still holds.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { AtMs } from '../../broker/contract/time.ts'
import { inOrg } from '../runtime/transactions.ts'
import {
  ERASED_ORG_KEY,
  ERASED_SUBJECT,
  readAuditDetail,
  toJson,
  type AuditRow,
  type Tables,
} from '../tables.ts'

export interface AuditEntry {
  org: string
  atMs: AtMs
  /** a user id, 'plan:<version>', 'fence', 'system', 'console' or 'home-assistant' */
  actor: string
  action: string
  subject: string
  /** contains no secret */
  detail: unknown
}

type Rows = Kysely<Tables>
type Unchained = Omit<AuditRow, 'n' | 'hash'>
const START = '0'.repeat(64)

const sha256Of = (values: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('hex')
/** Without the salt, nobody can find a short subject by trying all of them. */
const digestOf = ({ salt, subject, detail }: Pick<AuditRow, 'salt' | 'subject' | 'detail'>): string =>
  sha256Of([salt, subject, detail])
/** SHA-256 over the previous hash and the fields of the line, hex. */
const auditHash = (before: string, { id, org, atMs, actor, action, digest }: Unchained, n: number): string =>
  sha256Of([before, org, n, id, atMs, actor, action, digest])

/** Appends a line to the chain of its organisation; within the transaction when there is one. */
export async function appendAudit(rows: Rows, entry: AuditEntry): Promise<void> {
  if (!rows.isTransaction) return inOrg(rows, entry.org, (transaction) => appendAudit(transaction, entry))
  const last = await rows
    .selectFrom('audit')
    .select(['n', 'hash'])
    .where('org', '=', entry.org)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst()
  const content = {
    salt: randomBytes(16).toString('hex'),
    subject: entry.subject,
    detail: toJson(entry.detail),
  }
  const line: Unchained = { ...entry, ...content, id: randomUUID(), digest: digestOf(content) }
  const n = (last?.n ?? 0) + 1
  await rows
    .insertInto('audit')
    .values({ ...line, n, hash: auditHash(last?.hash ?? START, line, n) })
    .execute()
}

/** Whether a line names one of `names`: as its subject, as a part of it, or anywhere in its detail. */
function mentions(
  { subject, detail }: Pick<AuditRow, 'subject' | 'detail'>,
  names: ReadonlySet<string>,
): boolean {
  const isNamed = (text: string): boolean =>
    names.has(text) || text.split(NAME_SEPARATORS).some((part) => names.has(part))
  const inDetail = (value: unknown): boolean => {
    if (typeof value === 'string') return isNamed(value)
    if (typeof value !== 'object' || value === null) return false
    return Object.entries(value).some(([key, part]) => names.has(key) || inDetail(part))
  }
  return isNamed(subject) || inDetail(readAuditDetail(detail))
}
const NAME_SEPARATORS = /[/@:, ]+/

/** Erases subject and detail of every line that names one of `names`, page by page; returns the number of lines. */
export async function redactAudit(rows: Rows, org: string, names: ReadonlySet<string>): Promise<number> {
  let redacted = 0
  for (let after = 0; ;) {
    const page = await rows
      .selectFrom('audit')
      .select(['n', 'subject', 'detail'])
      .where('org', '=', org)
      .where('n', '>', after)
      .where('salt', '!=', '')
      .orderBy('n')
      .limit(PAGE)
      .execute()
    const lines = page.filter((line) => mentions(line, names)).map(({ n }) => n)
    if (lines.length > 0)
      await rows
        .updateTable('audit')
        .set({ subject: ERASED_SUBJECT, detail: toJson({}), salt: '' })
        .where('org', '=', org)
        .where('n', 'in', lines)
        .execute()
    redacted += lines.length
    if (page.length < PAGE) return redacted
    after = page.at(-1)!.n
  }
}

/** Deletes the chain of an organisation that is erased as a whole; within the transaction that erases its rows. */
export async function eraseAudit(rows: Rows, org: string): Promise<void> {
  const key = ERASED_ORG_KEY + org
  await rows.insertInto('setting').values({ key, value: '' }).execute()
  await rows.deleteFrom('audit').where('org', '=', org).execute()
  await rows.deleteFrom('setting').where('key', '=', key).execute()
}

export interface AuditVerdict {
  org: string
  lines: number
  redacted: number // lines whose content an erasure removed
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
  let redacted = 0
  const verdict = (broken: AuditVerdict['broken']): AuditVerdict => ({
    org,
    lines: head.n,
    redacted,
    head,
    broken,
  })
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
      const isErased = line.salt === '' && line.subject === ERASED_SUBJECT && line.detail === '{}'
      redacted += Number(isErased)
      if (auditHash(head.hash, line, n) !== line.hash || (!isErased && digestOf(line) !== line.digest))
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
