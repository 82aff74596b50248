/** When each device was last seen and its battery level, written to its row at most once a minute. */
import { sql } from 'kysely'
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'
import { sqlDialect } from '../runtime/sql-dialect.ts'

/** What a message states about the battery of its device: volts, percent, neither or both. */
export interface BatteryLevel {
  v: number | null
  percent: number | null
}

export interface LastSeen {
  /** `isNew`: a person waits for the first message of this hardware */
  note(device: string, receivedMs: AtMs, battery: BatteryLevel, isNew: boolean): void
  /** Writes pending values, after those of an earlier call. A failure is logged: the next minute brings newer values. */
  write(): Promise<void>
  forget(device: string): void
}

interface Seen extends BatteryLevel {
  receivedMs: AtMs
  /** the newest message with a battery level */
  batteryMs: AtMs | null
  writtenMs: AtMs
}

const PER_STATEMENT = 200

/**
 * One statement: a commit for each device would cost more than the readings themselves. One text: as a list of values it
 * would be prepared for each number of devices.
 */
const writeRows = (state: State, rows: readonly (Seen & { id: string })[]) =>
  sql`
  update device set last_seen_ms = cast(seen.value ->> 'receivedMs' as bigint),
    battery_v = coalesce(cast(seen.value ->> 'v' as double precision), device.battery_v),
    battery_percent = coalesce(cast(seen.value ->> 'percent' as double precision), device.battery_percent),
    battery_ms = coalesce(cast(seen.value ->> 'batteryMs' as bigint), device.battery_ms)
  from ${sqlDialect(state).jsonElements(JSON.stringify(rows))} as seen
  where device.id = seen.value ->> 'id'
    and coalesce(device.last_seen_ms, 0) < cast(seen.value ->> 'receivedMs' as bigint)`.execute(state)

/**
 * `note` changes memory only. A row never receives an earlier time, and keeps its battery level when the message has none.
 */
export function lastSeen(deps: { state: State; log: Logger }): LastSeen {
  const { state, log } = deps
  const lastSeen = new Map<string, Seen>()
  const due = new Set<string>()
  let written = Promise.resolve()

  async function writeDue(): Promise<void> {
    const devices = [...due]
    due.clear()
    for (let i = 0; i < devices.length; i += PER_STATEMENT) {
      const chunk = devices.slice(i, i + PER_STATEMENT).map((id) => ({ id, ...lastSeen.get(id)! }))
      try {
        await writeRows(state, chunk)
        for (const { id, receivedMs } of chunk) lastSeen.get(id)!.writtenMs = receivedMs
      } catch (error) {
        log.warn({ error }, 'last-seen times could not be written')
      }
    }
  }

  return {
    note(device, receivedMs, { v, percent }, isNew) {
      const existing = lastSeen.get(device)
      const now: Seen = existing ?? { receivedMs, v, percent, batteryMs: null, writtenMs: -Infinity }
      now.receivedMs = Math.max(now.receivedMs, receivedMs)
      now.v = v ?? now.v
      now.percent = percent ?? now.percent
      if (v !== null || percent !== null) now.batteryMs = now.receivedMs
      if (!existing) lastSeen.set(device, now)
      if (isNew || now.receivedMs - now.writtenMs >= MINUTE_MS) due.add(device)
    },
    write: () => (written = written.then(writeDue)),
    forget(device) {
      lastSeen.delete(device)
      due.delete(device)
    },
  }
}
