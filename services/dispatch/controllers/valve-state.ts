/**
 * The valveState rows: the latest report of each controller about each valve. Changes of several controllers are
 * written together; unchanged states are confirmed a few seconds later for all controllers at once, so that an idle
 * farm costs next to nothing. After a crash the controllers report again.
 */
import { MAX_RUN_MS } from '../../../broker/contract/bounds.ts'
import { isPossible } from '../../../broker/contract/quantities.ts'
import { SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { inOrgs } from '../../runtime/transactions.ts'
import type { ValveStateRow } from '../../tables.ts'
import type { Rows } from '../command-rows.ts'
import type { ValveStateStore } from '../dispatch-state.ts'

/** Changes stay in memory until `write`, heartbeats until `flush`. Both are kept when they cannot be written. */
export function createValveStateStore({ state }: { state: State }): ValveStateStore {
  const reported = new Map<string, string>() // device and valve -> last reported content
  const unwritten = new Map<string, ValveStateRow>()
  const heartbeats = new Map<string, AtMs>()
  let firstMs: AtMs | null = null
  const orgOf = new Map<string, string>()
  const noteHeartbeat = (org: string, device: string, atMs: AtMs) => {
    orgOf.set(device, org)
    heartbeats.set(device, Math.max(heartbeats.get(device) ?? -Infinity, atMs))
    firstMs ??= atMs
  }

  async function writeChanges(): Promise<ValveStateRow[]> {
    if (unwritten.size === 0) return []
    const rows = [...unwritten]
    await inOrgs(
      state,
      rows.map(([, row]) => row.org),
      async (transaction) => {
        for (const [, row] of rows) await upsert(transaction, row)
      },
    )
    for (const [key, row] of rows) if (unwritten.get(key) === row) unwritten.delete(key)
    return rows.map(([, row]) => row)
  }

  return {
    report(org, device, message, atMs, boundOf) {
      const changed: ValveStateRow[] = []
      for (const valve of message.valves) {
        const row: ValveStateRow = {
          deviceId: device,
          valve: valve.id,
          org,
          pos: valve.pos,
          feedback: valve.fb,
          seq: valve.seq,
          ranMs: Math.min(valve.ranMs, MAX_RUN_MS),
          litres: isPossible('water.total', valve.litres ?? null) ? valve.litres! : null,
          why: valve.why,
          sess: message.sess,
          reportedAtMs: atMs,
          heartbeatAtMs: Math.max(atMs, heartbeats.get(device) ?? atMs),
          boundMs: valve.pos === 'open' ? boundOf(valve.id) : null,
          capMs: Math.min(message.capMs, MAX_RUN_MS),
          isTimed: message.class === 'timed' ? 1 : 0,
          kind: valve.kind ?? null,
        }
        const key = `${device} ${valve.id}`
        const text = JSON.stringify({ ...row, reportedAtMs: 0, heartbeatAtMs: 0 })
        if (reported.get(key) === text) continue
        unwritten.set(key, row)
        reported.set(key, text)
        changed.push(row)
      }
      noteHeartbeat(org, device, atMs)
      return changed.map(({ valve }) => valve)
    },
    oldestChangeMs: () =>
      unwritten.size === 0 ? null : Math.min(...[...unwritten.values()].map((row) => row.reportedAtMs)),
    write: writeChanges,
    async setBound(device, valve, boundMs) {
      reported.delete(`${device} ${valve}`)
      await writeChanges()
      await state
        .updateTable('valveState')
        .set({ boundMs })
        .where('deviceId', '=', device)
        .where('valve', '=', valve)
        .execute()
    },
    noteHeartbeat,
    oldestHeartbeatMs: () => firstMs,
    async flush() {
      await writeChanges()
      if (heartbeats.size === 0) return
      // grouped by second and rounded down: a report must never look newer than it is
      const bySecond = new Map<AtMs, string[]>()
      const written = [...heartbeats]
      for (const [device, atMs] of written) {
        const secondMs = Math.floor(atMs / SECOND_MS) * SECOND_MS
        const together = bySecond.get(secondMs)
        if (together) together.push(device)
        else bySecond.set(secondMs, [device])
      }
      const orgs = written.map(([device]) => orgOf.get(device)!)
      await inOrgs(state, orgs, async (rows) => {
        for (const [heartbeatAtMs, devices] of bySecond)
          await rows
            .updateTable('valveState')
            .set({ heartbeatAtMs })
            .where('deviceId', 'in', devices)
            .execute()
      })
      // one that could not be written, or is newer, is written by the next flush
      for (const [device, atMs] of written) if (heartbeats.get(device) === atMs) heartbeats.delete(device)
      firstMs = heartbeats.size === 0 ? null : Math.min(...heartbeats.values())
    },
    async shift(byMs) {
      await writeChanges()
      for (const [device, atMs] of heartbeats) heartbeats.set(device, atMs + byMs)
      if (firstMs !== null) firstMs += byMs
      // compared with its bound
      reported.clear()
      await state
        .updateTable('valveState')
        .set(({ eb }) => ({
          reportedAtMs: eb('reportedAtMs', '+', byMs),
          heartbeatAtMs: eb('heartbeatAtMs', '+', byMs),
          boundMs: eb('boundMs', '+', byMs),
        }))
        .execute()
    },
  }
}

const upsert = (rows: Rows, row: ValveStateRow) =>
  rows
    .insertInto('valveState')
    .values(row)
    .onConflict((conflict) => {
      const { deviceId: _device, valve: _valve, ...content } = row
      return conflict.columns(['deviceId', 'valve']).doUpdateSet(content)
    })
    .execute()
