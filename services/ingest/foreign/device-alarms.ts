/** The alarms that devices of other makes report (a leak, a hand at the device), kept until they report that they are over. */
import type { State } from '../../ports.ts'
import { readAlarms, toJson } from '../../tables.ts'

/** What one message states of the alarms of its device. */
export interface AlarmReport {
  device: string
  /** by the names of its profile */
  active: readonly string[]
  over: readonly string[]
}

export interface DeviceAlarms {
  /** Writes what has changed; the reports are in the order of the journal. */
  keep(reports: readonly AlarmReport[]): Promise<void>
  forget(device: string): void
}

/** Remembers the alarms of each device, so that a message without a change writes nothing. */
export function deviceAlarms(state: State): DeviceAlarms {
  const known = new Map<string, readonly string[]>()

  async function alarmsOf(device: string): Promise<readonly string[]> {
    const row = await state
      .selectFrom('assignedAddress')
      .select('alarms')
      .where('deviceId', '=', device)
      .executeTakeFirst()
    return row?.alarms == null ? [] : readAlarms(row.alarms)
  }

  return {
    async keep(reports) {
      for (const { device, active, over } of reports) {
        const before = known.get(device) ?? (await alarmsOf(device))
        const now = [...new Set([...before, ...active])].filter((alarm) => !over.includes(alarm))
        if (now.join() !== before.join())
          await state
            .updateTable('assignedAddress')
            .set({ alarms: toJson(now) })
            .where('deviceId', '=', device)
            .execute()
        known.set(device, now)
      }
    },
    forget: (device) => void known.delete(device),
  }
}
