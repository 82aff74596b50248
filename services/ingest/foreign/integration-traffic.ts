/**
 * What a person sees of an integration and its devices: how many messages have come, and the signal of the last one. In
 * memory until `write`.
 */
import { sql } from 'kysely'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { JournalRecord } from '../../../broker/contract/journal.ts'
import type { Envelope } from '../../integrations/foreign-message.ts'
import type { Logger, State } from '../../ports.ts'
import { greater } from '../../runtime/sql-dialect.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { toJson } from '../../tables.ts'

/** What the last message of an assigned device came with. */
export interface DeviceContact {
  device: string
  receivedMs: AtMs
  topic: string
  signal: Envelope['signal']
  /** fields that nothing uses */
  ignored: readonly string[]
}

export interface IntegrationTraffic {
  /** New messages of integrations that exist. */
  received(records: readonly JournalRecord[]): void
  /** Written at most once a minute for each device. */
  contact(contact: DeviceContact): void
  /** A failure is logged, and the numbers are written later. */
  write(): Promise<void>
}

interface Count {
  org: string
  messages: number
  lastMessageMs: AtMs
}

const MAX_IGNORED = 40
const PER_STATEMENT = 100

export function integrationTraffic({ state, log }: { state: State; log: Logger }): IntegrationTraffic {
  let counts = new Map<string, Count>()
  const due = new Map<string, DeviceContact>()
  const writtenMs = new Map<string, AtMs>()
  const writes = serialQueue()

  function add(integrationId: string, { org, messages, lastMessageMs }: Count): void {
    const count = counts.get(integrationId) ?? { org, messages: 0, lastMessageMs }
    count.messages += messages
    count.lastMessageMs = Math.max(count.lastMessageMs, lastMessageMs)
    counts.set(integrationId, count)
  }

  async function writeCounts(): Promise<void> {
    const written = counts
    counts = new Map()
    const values = [...written].map(([integrationId, count]) => ({ integrationId, ...count }))
    if (values.length === 0) return
    try {
      await state
        .insertInto('integrationTraffic')
        .values(values)
        .onConflict((conflict) =>
          conflict.column('integrationId').doUpdateSet({
            messages: sql`integration_traffic.messages + excluded.messages`,
            lastMessageMs: greater(sql`integration_traffic.last_message_ms`, sql`excluded.last_message_ms`),
          }),
        )
        .execute()
    } catch (error) {
      for (const [integrationId, count] of written) add(integrationId, count)
      log.warn({ error }, 'the numbers of received messages could not be written')
    }
  }

  async function writeContacts(): Promise<void> {
    const contacts = [...due.values()]
    due.clear()
    for (let i = 0; i < contacts.length; i += PER_STATEMENT) {
      const chunk = contacts.slice(i, i + PER_STATEMENT)
      // one statement for all: a commit for each device would hold up their readings
      const rows = sql.join(
        chunk.map(
          ({ device, receivedMs, topic, signal, ignored }) =>
            sql`(${device}, cast(${receivedMs} as bigint), cast(${signal?.rssiDbm ?? null} as double precision),
              cast(${signal?.snrDb ?? null} as double precision), cast(${signal === null ? 0 : 1} as integer),
              ${toJson(ignored.slice(0, MAX_IGNORED))}, ${topic})`,
        ),
      )
      try {
        // a message that names no signal, such as a status, leaves that of the one before
        await sql`
          update assigned_address set received_ms = v.column2,
            rssi_dbm = case when v.column5 = 1 then v.column3 else assigned_address.rssi_dbm end,
            snr_db = case when v.column5 = 1 then v.column4 else assigned_address.snr_db end,
            ignored = v.column6, topic = v.column7
          from (values ${rows}) as v
          where assigned_address.device_id = v.column1`.execute(state)
        for (const { device, receivedMs } of chunk) writtenMs.set(device, receivedMs)
      } catch (error) {
        log.warn({ error }, 'the signals of devices could not be written')
      }
    }
  }

  return {
    received(records) {
      for (const { device, org, receivedMs } of records)
        add(device, { org, messages: 1, lastMessageMs: receivedMs })
    },
    contact(contact) {
      if (contact.receivedMs - (writtenMs.get(contact.device) ?? -Infinity) >= MINUTE_MS)
        due.set(contact.device, contact)
    },
    // one after the other: who waits for the last one has waited for all
    write: () =>
      writes.enqueue(async () => {
        await writeCounts()
        await writeContacts()
      }),
  }
}
