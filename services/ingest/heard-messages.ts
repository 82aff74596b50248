/**
 * Foreign messages that no device has been assigned to, kept raw for a while: whoever assigns the device gets its last
 * days. A gateway can fill neither the disk nor the place of another organisation with them.
 */
import { sql } from 'kysely'
import { isCatalogueTopic } from '../../broker/contract/foreign-topics.ts'
import type { JournalRecord } from '../../broker/contract/journal.ts'
import { DAY_MS, type AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { HeardMessageRow } from '../tables.ts'

// by topic: the address of a device is not known before its message is decoded
const MAX_PER_TOPIC = 200
const KEPT_MS = 7 * DAY_MS
const BYTES_PER_ORG = 50 * 1024 * 1024
// of a row beyond its payload and topic
const ROW_BYTES = 200
// bytes are summed once in this many: an organisation may exceed its limit by as many
const SUM_EVERY_BYTES = 1024 * 1024
const PER_STATEMENT = 64

export interface HeardMessages {
  /**
   * Keeps the messages of integrations that exist, catalogues excepted; returns how many were of such an integration. A
   * message that comes again after a crash is kept once.
   */
  keep(records: readonly JournalRecord[]): Promise<number>
}

/** Every call is one transaction. */
export function heardMessages(state: State): HeardMessages {
  const bytesSinceSum = new Map<string, number>()

  /** The first time of an organisation after a start, then once in SUM_EVERY_BYTES. */
  function isSumDue(org: string, bytes: number): boolean {
    const since = (bytesSinceSum.get(org) ?? SUM_EVERY_BYTES) + bytes
    bytesSinceSum.set(org, since >= SUM_EVERY_BYTES ? 0 : since)
    return since >= SUM_EVERY_BYTES
  }

  return {
    keep: (records) =>
      state.transaction().execute(async (rows) => {
        const integrations = await rows
          .selectFrom('integration')
          .select(['id', 'org'])
          .where('id', 'in', [...new Set(records.map(({ device }) => device))])
          .execute()
        const orgOf = new Map(integrations.map(({ id, org }) => [id, org]))
        const known = records.filter(({ device, org }) => orgOf.get(device) === org)
        const kept = known.flatMap(toRow)
        for (let i = 0; i < kept.length; i += PER_STATEMENT)
          await rows
            .insertInto('heardMessage')
            .values(kept.slice(i, i + PER_STATEMENT))
            .onConflict((conflict) => conflict.doNothing())
            .execute()
        const topics = new Map(kept.map((row) => [`${row.integrationId}/${row.topic}`, row]))
        for (const { integrationId, topic } of topics.values()) await dropOldest(rows, integrationId, topic)
        const bytesOf = new Map<string, number>()
        for (const { org, bytes } of kept) bytesOf.set(org, (bytesOf.get(org) ?? 0) + bytes)
        for (const [org, bytes] of bytesOf) if (isSumDue(org, bytes)) await dropHeavy(rows, org)
        return known.length
      }),
  }
}

/** Drops the messages of every organisation that are older than seven days. */
export async function dropExpiredHeard(state: State, nowMs: AtMs): Promise<void> {
  const orgs = await state.selectFrom('integration').select('org').distinct().execute()
  for (const { org } of orgs)
    await state
      .deleteFrom('heardMessage')
      .where('org', '=', org)
      .where('receivedMs', '<', nowMs - KEPT_MS)
      .execute()
}

function toRow({ seq, receivedMs, org, payload, foreign }: JournalRecord): HeardMessageRow[] {
  if (foreign === null || isCatalogueTopic(foreign.topic)) return []
  const { integration: integrationId, topic, isRetained } = foreign
  const bytes = payload.length + topic.length + ROW_BYTES
  const text = Buffer.from(payload).toString('base64')
  return [
    { integrationId, topic, receivedMs, seq, org, isRetained: isRetained ? 1 : 0, payload: text, bytes },
  ]
}

const dropOldest = (rows: State, integrationId: string, topic: string) =>
  sql`delete from heard_message where integration_id = ${integrationId} and topic = ${topic}
    and (received_ms, seq) <= (select received_ms, seq from heard_message
      where integration_id = ${integrationId} and topic = ${topic}
      order by received_ms desc, seq desc limit 1 offset ${MAX_PER_TOPIC})`.execute(rows)

const dropHeavy = (rows: State, org: string) =>
  sql`delete from heard_message where org = ${org} and (received_ms, seq) <=
    (select received_ms, seq from
      (select received_ms, seq, sum(bytes) over (order by received_ms desc, seq desc) as bytes_to_here
       from heard_message where org = ${org}) as newest
     where bytes_to_here > ${BYTES_PER_ORG} order by received_ms desc, seq desc limit 1)`.execute(rows)
