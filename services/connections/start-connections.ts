/**
 * The connections to integrations: devices of other makes, by a gateway on our broker, at a broker of theirs, or over
 * HTTP. Each message is on disk before anybody sees it. Connections follow the rows of integrations while Tilth runs.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Logger, Running, State } from '../ports.ts'
import type { IntegrationConnections, IntegrationMessage } from '../ports/integrations.ts'
import type { Bus } from '../ports.ts'
import { subscribeToChanges } from '../runtime/change-events.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import type { IntegrationRow } from '../tables.ts'
import type { StartWay, Way } from './way.ts'
import { watchers } from './watchers.ts'

export interface Connections extends IntegrationConnections, Running {
  /** Those that are on. */
  list(): { id: string; org: string; name: string; isConnected: boolean; sinceMs: AtMs }[]
  /** How many integrations of each kind are in each state. */
  states(): ReadonlyMap<string, Readonly<Record<string, number>>>
  /** Resolves when the connections agree with the rows. */
  settled(): Promise<void>
}

/** Chooses the way of an integration; null: it needs none. */
export type WayOf = (row: IntegrationRow) => StartWay | null

interface Entry {
  row: IntegrationRow
  way: Way
}

/** Connects to every integration that is on. Rejects when the bus cannot be subscribed to. */
export async function startConnections(deps: {
  state: State
  bus: Bus
  log: Logger
  wayOf: WayOf
}): Promise<Connections> {
  const { state, bus, log, wayOf } = deps
  const entries = new Map<string, Entry>()
  const updates = serialQueue()
  let isUpdateDue = false
  let isStopped = false
  const watching = watchers({ stateOf, log })

  function stateOf(id: string): { isConnected: boolean; retained: readonly IntegrationMessage[] } {
    const way = entries.get(id)?.way
    return { isConnected: way?.isConnected() === true, retained: way?.retained() ?? [] }
  }

  await subscribeToChanges(bus, (_org, { event }) => void (event === 'device' && updateSoon()))
  await updates.enqueue(update)

  function updateSoon(): void {
    if (isUpdateDue || isStopped) return
    isUpdateDue = true
    void updates.enqueue(update)
  }

  /** Starts and ends connections until they agree with the rows. */
  async function update(): Promise<void> {
    isUpdateDue = false
    try {
      const rows = await state
        .selectFrom('integration')
        .selectAll()
        .where('state', '=', 'on')
        .where('revokedAtMs', 'is', null)
        .execute()
      const wanted = new Map(rows.map((row) => [row.id, row]))
      for (const [id, { row }] of entries) {
        const next = wanted.get(id)
        if (next === undefined || !isSameConnection(row, next)) await end(id)
        else entries.get(id)!.row = next
      }
      for (const row of rows) if (!entries.has(row.id)) start(row)
    } catch (error) {
      log.error({ error }, 'the integrations could not be read; their connections stay as they are')
    }
  }

  function start(row: IntegrationRow): void {
    const startWay = wayOf(row)
    if (isStopped || startWay === null) return
    const { id } = row
    const way = startWay(row, {
      onMessage: (message) => watching.message(id, message),
      onConnected: (isConnected) =>
        watching.connected(id, isConnected, entries.get(id)?.way.retained() ?? []),
    })
    entries.set(id, { row, way })
    if (way.isConnected()) watching.connected(id, true, way.retained())
  }

  async function end(id: string): Promise<void> {
    const entry = entries.get(id)
    if (entry === undefined) return
    entries.delete(id)
    watching.connected(id, false, [])
    await entry.way.stop().catch((error: unknown) => log.error({ error, integration: id }, 'connection'))
  }

  return {
    publish: async (id, message) => (await entries.get(id)?.way.publish(message)) === true,
    get: async (id, url) => (await entries.get(id)?.way.get(url)) ?? null,
    watch: (id, watcher) => watching.add(id, watcher),
    isConnected: (id) => entries.get(id)?.way.isConnected() ?? null,
    statusOf: (id) => entries.get(id)?.way.status() ?? null,
    list: () =>
      [...entries.values()].map(({ row: { id, org, name }, way }) => {
        const { state: now, sinceMs } = way.status()
        return { id, org, name, isConnected: now === 'connected', sinceMs }
      }),
    states() {
      const byKind = new Map<string, Record<string, number>>()
      for (const { row, way } of entries.values()) {
        const states = byKind.get(row.kind) ?? { connected: 0, waiting: 0, failed: 0 }
        states[way.status().state]! += 1
        byKind.set(row.kind, states)
      }
      return byKind
    },
    settled: () => updates.settled(),
    async stop() {
      isStopped = true
      await updates.settled()
      await Promise.all([...entries.keys()].map(end))
    },
  }
}

/** Whether a change of the row needs no other connection: a name, or what its gateway has published. */
function isSameConnection(a: IntegrationRow, b: IntegrationRow): boolean {
  const of = ({ kind, url, userName, secret, topics, secretHash, previousSecretHash, org }: IntegrationRow) =>
    JSON.stringify([kind, url, userName, secret, topics, secretHash, previousSecretHash, org])
  return of(a) === of(b)
}
