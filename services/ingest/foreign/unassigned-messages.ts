/**
 * Foreign messages that no device has been assigned to, kept raw for a while: the person who assigns the device gets its last
 * days, and finds it in the list for a month after its last message. A gateway can fill neither the disk nor the place of
 * another organisation with them.
 */
import { sql } from 'kysely'
import type { JournalRecord } from '../../../broker/contract/journal.ts'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { inOrgs } from '../../runtime/transactions.ts'
import type { UnassignedMessageRow } from '../../tables.ts'

const MAX_PER_ADDRESS = 200
const KEPT_MS = 7 * DAY_MS
// the newest of each topic, with which the address is in the list
const LISTED_MS = 30 * DAY_MS
const BYTES_PER_ORG = 50 * 1024 * 1024
// of a row beyond its payload and topic
const ROW_BYTES = 200
// bytes are summed once in this many: an organisation may exceed its limit by as many
const SUM_EVERY_BYTES = 1024 * 1024
const PER_STATEMENT = 64

export interface UnassignedMessages {
  /** Keeps the messages; one that comes again after a crash is kept once. */
  keep(messages: readonly UnassignedMessage[]): Promise<void>
}

/** A message of an address that nobody has assigned. */
export interface UnassignedMessage {
  record: JournalRecord
  address: string
}

/** Every call is one transaction. */
export function unassignedMessages(state: State): UnassignedMessages {
  const bytesSinceSum = new Map<string, number>()

  /** The first time of an organisation after a start, then once in SUM_EVERY_BYTES. */
  function isSumDue(org: string, bytes: number): boolean {
    const since = (bytesSinceSum.get(org) ?? SUM_EVERY_BYTES) + bytes
    bytesSinceSum.set(org, since >= SUM_EVERY_BYTES ? 0 : since)
    return since >= SUM_EVERY_BYTES
  }

  return {
    keep: (messages) =>
      inOrgs(
        state,
        messages.map(({ record }) => record.org),
        async (rows) => {
          const kept = messages.map(toRow)
          for (let i = 0; i < kept.length; i += PER_STATEMENT)
            await rows
              .insertInto('unassignedMessage')
              .values(kept.slice(i, i + PER_STATEMENT))
              .onConflict((conflict) => conflict.doNothing())
              .execute()
          const addresses = new Map(kept.map((row) => [`${row.integrationId}/${row.address}`, row]))
          for (const { integrationId, address } of addresses.values())
            await dropOldest(rows, integrationId, address)
          const bytesOf = new Map<string, number>()
          for (const { org, bytes } of kept) bytesOf.set(org, (bytesOf.get(org) ?? 0) + bytes)
          for (const [org, bytes] of bytesOf) if (isSumDue(org, bytes)) await dropHeavy(rows, org)
        },
      ),
  }
}

/**
 * Drops the messages of every organisation that are older than seven days, but of each topic of an address the newest one,
 * which is kept for 30.
 */
export async function dropExpiredUnassigned(state: State, nowMs: AtMs): Promise<void> {
  const orgs = await state.selectFrom('integration').select('org').distinct().execute()
  for (const { org } of orgs)
    await sql`delete from unassigned_message where org = ${org} and (received_ms < ${nowMs - LISTED_MS}
      or (received_ms < ${nowMs - KEPT_MS} and exists (select 1 from unassigned_message as newer
        where newer.integration_id = unassigned_message.integration_id and newer.address = unassigned_message.address
          and newer.topic = unassigned_message.topic
          and (newer.received_ms, newer.seq) > (unassigned_message.received_ms, unassigned_message.seq))))`.execute(
      state,
    )
}

function toRow({ record, address }: UnassignedMessage): UnassignedMessageRow {
  const { seq, receivedMs, org, payload, device: integrationId } = record
  const { topic, isRetained } = record.foreign!
  const bytes = payload.length + topic.length + ROW_BYTES
  const text = Buffer.from(payload).toString('base64')
  return {
    integrationId,
    address,
    topic,
    receivedMs,
    seq,
    org,
    isRetained: isRetained ? 1 : 0,
    payload: text,
    bytes,
  }
}

/** The kept messages of addresses that have been assigned since, in the order of the journal. */
export async function messagesAssignedSince(state: State, limit: number): Promise<JournalRecord[]> {
  const rows = await state
    .selectFrom('unassignedMessage')
    .innerJoin('assignedAddress', (join) =>
      join
        .onRef('assignedAddress.integrationId', '=', 'unassignedMessage.integrationId')
        .onRef('assignedAddress.address', '=', 'unassignedMessage.address'),
    )
    .selectAll('unassignedMessage')
    .orderBy('unassignedMessage.seq')
    .limit(limit)
    .execute()
  return rows.map(({ seq, receivedMs, org, integrationId, topic, isRetained, payload }) => ({
    seq,
    receivedMs,
    org,
    device: integrationId,
    replayedMs: null,
    payload: Buffer.from(payload, 'base64'),
    foreign: { integration: integrationId, topic, isRetained: isRetained === 1 },
  }))
}

/** Drops messages that have been read. */
export async function dropUnassigned(state: State, records: readonly JournalRecord[]): Promise<void> {
  const seqs = records.map(({ seq }) => seq)
  if (seqs.length > 0) await state.deleteFrom('unassignedMessage').where('seq', 'in', seqs).execute()
}

const dropOldest = (rows: State, integrationId: string, address: string) =>
  sql`delete from unassigned_message where integration_id = ${integrationId} and address = ${address}
    and (received_ms, seq) <= (select received_ms, seq from unassigned_message
      where integration_id = ${integrationId} and address = ${address}
      order by received_ms desc, seq desc limit 1 offset ${MAX_PER_ADDRESS})`.execute(rows)

const dropHeavy = (rows: State, org: string) =>
  sql`delete from unassigned_message where org = ${org} and (received_ms, seq) <=
    (select received_ms, seq from
      (select received_ms, seq, sum(bytes) over (order by received_ms desc, seq desc) as bytes_to_here
       from unassigned_message where org = ${org}) as newest
     where bytes_to_here > ${BYTES_PER_ORG} order by received_ms desc, seq desc limit 1)`.execute(rows)
