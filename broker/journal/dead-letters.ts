/**
 * Messages that can never be stored, with the reason, for a person to inspect and replay. Bounded: one faulty device can
 * neither displace the dead letters of the others nor fill the disk with its own.
 */
import { createHash } from 'node:crypto'
import { prepareArrays, type Database } from '../sqlite/database.ts'
import type { DeadLetter, DeadLetterGroup, DeadLetterQuery } from '../contract/journal.ts'
import { MAX_PAYLOAD_BYTES } from '../contract/messages.ts'
import { parseTopic } from '../contract/topics.ts'

/** Which dead letters of an organisation to discard. */
export interface DiscardQuery {
  org: string
  reason: string
  upToId: number
  limit: number
}

/** Which dead letters of an organisation to replay. */
export interface ReplayQuery {
  org: string
  device?: string
  reason?: string
  /** every reason that begins with it */
  reasonStart?: string
  afterId: number
  upToId: number
  limit: number
}

/** A dead letter before it is written; without `foreign` it is a message of the contract. */
export type NewLetter = Omit<DeadLetter, 'id' | 'foreign'> & Partial<Pick<DeadLetter, 'foreign'>>

export interface DeadLetters {
  write(letter: NewLetter): void
  list(query: DeadLetterQuery): DeadLetter[]
  find(id: number, org: string): DeadLetter | null
  /** oldest first */
  forReplay(query: ReplayQuery): DeadLetter[]
  newestId(): number
  drop(id: number): void
  /** By reason, newest first. */
  groups(org: string): DeadLetterGroup[]
  /** Deletes the oldest ones; returns their number. */
  discard(query: DiscardQuery): number
  erase(org: string, device: string): void
  count(): number
}

const MAX_PER_DEVICE = 1_000
const BYTES_PER_DEVICE = 4 * 1024 * 1024
const MAX_TOTAL = 50_000
// bytes are summed once in this many dead letters: a device may exceed its bytes by as many
const SUM_EVERY = 50
// a device with another reason for each message must not make an endless page
const MAX_GROUPS = 200
// the total is counted once in this many: it may be exceeded by as many
const COUNT_EVERY = 1_000

type DeadLetterColumns = [
  id: number,
  receivedMs: number,
  org: string,
  device: string,
  topic: string,
  reason: string,
  payload: Uint8Array,
  bytes: number,
  isForeign: number,
  isRetained: number,
]
const LETTER = 'id, received_ms, org, device, topic, reason, payload, bytes, is_foreign, is_retained'
// substr of an empty blob is null
const CUT_LETTER = LETTER.replace('payload', "coalesce(substr(payload, 1, ?), x'')")

/** The dead letters in the journal's database. Write within a transaction of the journal. */
export function deadLetters(database: Database): DeadLetters {
  const sql = statements(database)
  const sinceSum = new Map<string, number>()
  let sinceCount = COUNT_EVERY

  /** True for the first dead letter of a device after a start, then once in SUM_EVERY. */
  function isSumDue(org: string, device: string): boolean {
    const key = `${org}/${device}`
    const since = sinceSum.get(key) ?? SUM_EVERY
    sinceSum.set(key, since >= SUM_EVERY ? 1 : since + 1)
    return since >= SUM_EVERY
  }

  return {
    write(letter) {
      const { receivedMs, org, device, topic, reason, bytes, foreign = null } = letter
      const payload = letter.payload.subarray(0, MAX_PAYLOAD_BYTES)
      const sha1 = createHash('sha1').update(payload).digest('hex')
      sql.insert.run(receivedMs, org, device, topic, reason, payload, bytes, sha1, ...toFlags(foreign))
      sql.dropOldest.run(org, device, org, device, MAX_PER_DEVICE)
      if (isSumDue(org, device)) sql.dropHeavy.run(org, device, BYTES_PER_DEVICE)
      if (++sinceCount <= COUNT_EVERY) return
      sinceCount = 0
      sql.dropOldestOfAll.run(MAX_TOTAL)
    },
    list({ org, reason, afterId = 0, limit = 100, payloadBytes = MAX_PAYLOAD_BYTES }) {
      const why = reason ?? null
      const rows =
        org === undefined
          ? sql.all.all(payloadBytes, afterId, limit)
          : sql.ofOrg.all(payloadBytes, org, afterId, why, why, limit)
      return (rows as DeadLetterColumns[]).map(toDeadLetter)
    },
    groups: (org) => sql.groups.all(org, MAX_GROUPS) as DeadLetterGroup[],
    discard: ({ org, reason, upToId, limit }) => Number(sql.discard.run(org, reason, upToId, limit).changes),
    find(id, org) {
      const [row] = sql.one.all(id, org) as DeadLetterColumns[]
      return row === undefined ? null : toDeadLetter(row)
    },
    forReplay({ org, device, reason, reasonStart, afterId, upToId, limit }) {
      const [of, why, start] = [device ?? null, reason ?? null, reasonStart ?? null]
      const rows = sql.forReplay.all(org, of, of, why, why, start, start, start, afterId, upToId, limit)
      return (rows as DeadLetterColumns[]).map(toDeadLetter)
    },
    newestId: () => (sql.newest.all() as { id: number }[])[0]!.id,
    drop: (id) => void sql.drop.run(id),
    erase: (org, device) => void sql.erase.run(org, device),
    count: () => (sql.count.all() as { count: number }[])[0]!.count,
  }
}

/** Whether it has its whole payload and is telemetry or foreign: only that can return to the journal. */
export function isReplayable({ topic, payload, bytes, foreign }: DeadLetter): boolean {
  if (payload.length !== bytes) return false
  const address = parseTopic(topic)
  return foreign !== null || (address.ok && address.value.kind === 'telemetry')
}

const toFlags = (foreign: DeadLetter['foreign']): [isForeign: number, isRetained: number] => [
  foreign === null ? 0 : 1,
  foreign?.isRetained === true ? 1 : 0,
]

function statements(database: Database) {
  const prepare = (text: string) => database.prepare(text)
  const arrays = (text: string) => prepareArrays(database, text)
  return {
    // Node 22 stores an empty Buffer as null
    insert: prepare(
      `insert into dead_letter (received_ms, org, device, topic, reason, payload, bytes, payload_sha1, is_foreign, is_retained)
       values (?, ?, ?, ?, ?, coalesce(?, x''), ?, ?, ?, ?) on conflict do nothing`,
    ),
    dropOldest: prepare(
      `delete from dead_letter where org = ? and device = ? and id <=
       (select id from dead_letter where org = ? and device = ? order by id desc limit 1 offset ?)`,
    ),
    dropHeavy: prepare(
      `delete from dead_letter where id in (select id from
         (select id, sum(length(payload)) over (order by id desc) as bytes_to_here
          from dead_letter where org = ? and device = ?) where bytes_to_here > ?)`,
    ),
    dropOldestOfAll: prepare(
      'delete from dead_letter where id <= (select id from dead_letter order by id desc limit 1 offset ?)',
    ),
    drop: prepare('delete from dead_letter where id = ?'),
    erase: prepare('delete from dead_letter where org = ? and device = ?'),
    one: arrays(`select ${LETTER} from dead_letter where id = ? and org = ?`),
    all: arrays(`select ${CUT_LETTER} from dead_letter where id > ? order by id limit ?`),
    ofOrg:
      arrays(`select ${CUT_LETTER} from dead_letter where org = ? and id > ? and (? is null or reason = ?)
       order by id limit ?`),
    groups: prepare(
      `select reason, count(*) as count, count(distinct device) as devices, max(id) as newestId,
       max(received_ms) as newestMs from dead_letter where org = ? group by reason order by newestId desc limit ?`,
    ),
    discard: prepare(
      `delete from dead_letter where id in
       (select id from dead_letter where org = ? and reason = ? and id <= ? order by id limit ?)`,
    ),
    forReplay: arrays(`select ${LETTER} from dead_letter where org = ? and (? is null or device = ?)
       and (? is null or reason = ?) and (? is null or substr(reason, 1, length(?)) = ?)
       and id > ? and id <= ? order by id limit ?`),
    newest: prepare('select coalesce(max(id), 0) as id from dead_letter'),
    count: prepare('select count(*) as count from dead_letter'),
  }
}

const toDeadLetter = ([
  id,
  receivedMs,
  org,
  device,
  topic,
  reason,
  payload,
  bytes,
  isForeign,
  isRetained,
]: DeadLetterColumns): DeadLetter => ({
  id,
  receivedMs,
  org,
  device,
  topic,
  reason,
  payload,
  bytes,
  foreign: isForeign === 1 ? { integration: device, topic, isRetained: isRetained === 1 } : null,
})
