/**
 * The valveState rows: what each controller last said of each valve. A change is written at once; that nothing has
 * changed is written for all controllers together, a few seconds later, so that an idle farm costs next to nothing.
 */
import type { State as StateMessage } from '../../broker/contract/messages.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { ValveStateRow } from '../tables.ts'

export interface ValveReports {
  /** Gives the valves whose row has changed. `boundOf`: when an open valve is shut at the latest. */
  report(
    org: string,
    device: string,
    message: StateMessage,
    atMs: AtMs,
    boundOf: (valve: string) => AtMs | null,
  ): Promise<string[]>
  bound(device: string, valve: string, boundMs: AtMs | null): Promise<void>
  hear(device: string, atMs: AtMs): void
  /** the oldest heartbeat that is not written yet */
  firstHeardMs(): AtMs | null
  flush(): Promise<void>
  /** The clock was set by so much, ms: every report stays as old as it is, and shows the same bound from now. */
  shift(byMs: number): Promise<void>
}

export function openValveReports({ state }: { state: State }): ValveReports {
  const told = new Map<string, string>() // device and valve -> what was written
  let heard = new Map<string, AtMs>()
  let firstMs: AtMs | null = null
  const hear = (device: string, atMs: AtMs) => {
    heard.set(device, atMs)
    firstMs ??= atMs
  }

  return {
    async report(org, device, message, atMs, boundOf) {
      const changed: ValveStateRow[] = []
      for (const valve of message.valves) {
        const row: ValveStateRow = {
          deviceId: device,
          valve: valve.id,
          org,
          pos: valve.pos,
          feedback: valve.fb,
          seq: valve.seq,
          ranMs: valve.ranMs,
          litres: valve.litres ?? null,
          why: valve.why,
          sess: message.sess,
          reportedAtMs: atMs,
          heartbeatAtMs: atMs,
          boundMs: valve.pos === 'open' ? boundOf(valve.id) : null,
          capMs: message.capMs,
          isTimed: message.class === 'timed' ? 1 : 0,
        }
        const key = `${device} ${valve.id}`
        const text = JSON.stringify({ ...row, reportedAtMs: 0, heartbeatAtMs: 0 })
        if (told.get(key) === text) continue
        await write(state, row)
        told.set(key, text)
        changed.push(row)
      }
      hear(device, atMs)
      return changed.map(({ valve }) => valve)
    },
    async bound(device, valve, boundMs) {
      told.delete(`${device} ${valve}`)
      await state
        .updateTable('valveState')
        .set({ boundMs })
        .where('deviceId', '=', device)
        .where('valve', '=', valve)
        .execute()
    },
    hear,
    firstHeardMs: () => firstMs,
    async flush() {
      if (heard.size === 0) return
      const devices = [...heard.keys()]
      // the oldest of them for all: a report must never look newer than it is
      const heartbeatAtMs = Math.min(...heard.values())
      heard = new Map()
      firstMs = null
      await state.updateTable('valveState').set({ heartbeatAtMs }).where('deviceId', 'in', devices).execute()
    },
    async shift(byMs) {
      for (const [device, atMs] of heard) heard.set(device, atMs + byMs)
      if (firstMs !== null) firstMs += byMs
      // the bound is part of it
      told.clear()
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

const write = (state: State, row: ValveStateRow) =>
  state
    .insertInto('valveState')
    .values(row)
    .onConflict((conflict) => {
      const { deviceId: _device, valve: _valve, ...rest } = row
      return conflict.columns(['deviceId', 'valve']).doUpdateSet(rest)
    })
    .execute()
