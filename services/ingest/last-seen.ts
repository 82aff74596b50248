/** When each device was last seen and its battery level, written to its row at most once a minute. */
import { sql } from 'kysely'
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'

/** What a message states about the battery of its device: volts, percent, neither or both. */
export interface BatteryLevel {
  v: number | null
  percent: number | null
}

export interface LastSeen {
  /** `isNew`: a person waits for the first message of this hardware */
  note(device: string, receivedMs: AtMs, battery: BatteryLevel, isNew: boolean): void
  /** Writes pending values. A failure is logged: the next minute brings newer values. */
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
 * `note` changes memory only. A row never receives an earlier time, and keeps its battery level when the message has none.
 */
export function lastSeen(deps: { state: State; log: Logger }): LastSeen {
  const { state, log } = deps
  const lastSeen = new Map<string, Seen>()
  const due = new Set<string>()

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
    async write() {
      if (due.size === 0) return
      const devices = [...due]
      due.clear()
      for (let i = 0; i < devices.length; i += PER_STATEMENT) {
        const chunk = devices.slice(i, i + PER_STATEMENT).map((id) => ({ id, ...lastSeen.get(id)! }))
        // one statement for all: a commit for each device would cost more than the readings themselves
        const rows = sql.join(
          chunk.map(
            ({ id, receivedMs, v, percent, batteryMs }) =>
              sql`(${id}, cast(${receivedMs} as bigint), cast(${v} as double precision),
                cast(${percent} as double precision), cast(${batteryMs} as bigint))`,
          ),
        )
        try {
          await sql`
            update device set last_seen_ms = v.column2, battery_v = coalesce(v.column3, device.battery_v),
              battery_percent = coalesce(v.column4, device.battery_percent),
              battery_ms = coalesce(v.column5, device.battery_ms)
            from (values ${rows}) as v
            where device.id = v.column1 and coalesce(device.last_seen_ms, 0) < v.column2`.execute(state)
          for (const { id, receivedMs } of chunk) lastSeen.get(id)!.writtenMs = receivedMs
        } catch (error) {
          log.warn({ error }, 'last-seen times could not be written')
        }
      }
    },
    forget(device) {
      lastSeen.delete(device)
      due.delete(device)
    },
  }
}
