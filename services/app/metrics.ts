/** Metrics of Tilth in the Prometheus text format. */
import { collectDefaultMetrics, Counter, Gauge, type Registry } from 'prom-client'
import type { Readiness } from './readiness.ts'

export interface MetricSources {
  isReady: () => Promise<Readiness>
  /** null while devices connect to an external broker; then the bridge counts */
  broker: { connected(): number; waiting(): number; lagMs(): number; counters(): object } | null
  bridge: { isConnected(): boolean; counters(): object } | null
  /** null unless BUS_USERS is set */
  brokerUsers?: { counters(): object } | null
  ingest: {
    counters(): object
    foreignCounters(): ReadonlyMap<string, Readonly<Record<string, number>>>
  }
  connections: { states(): ReadonlyMap<string, Readonly<Record<string, number>>> }
  journal: {
    head(): number
    cursor(reader: string): number
    countDeadLetters(): number
    capacity(): { fill: number }
  }
  log: { droppedLines(): number }
  /** null without BACKUP_DIR */
  backups: { ageS(): number } | null
  /** absent when planning is off */
  schedules?: { counters(): object } | undefined
}

const gaugesIn = (registry: Registry) => (name: string, help: string, read: () => number) =>
  new Gauge({
    name,
    help,
    registers: [registry],
    collect: function () {
      this.set(read())
    },
  })

/** Registers those of the process, also of a node that serves pages only. */
export function registerNodeMetrics(
  registry: Registry,
  { isReady, log }: Pick<MetricSources, 'isReady' | 'log'>,
): void {
  collectDefaultMetrics({ register: registry, prefix: 'tilth_' })
  new Gauge({
    name: 'tilth_ready',
    help: 'Whether a part responds, as at /readyz, 0 or 1',
    labelNames: ['part'],
    registers: [registry],
    async collect() {
      for (const [part, isThere] of Object.entries((await isReady()).parts))
        this.set({ part }, isThere ? 1 : 0)
    },
  })
  gaugesIn(registry)('tilth_log_lines_dropped', 'Log lines dropped while the disk was nearly full', () =>
    log.droppedLines(),
  )
}

/** Registers every metric; values are read at each scrape. */
export function registerMetrics(
  registry: Registry,
  {
    isReady,
    broker,
    bridge,
    brokerUsers,
    ingest,
    connections,
    journal,
    log,
    backups,
    schedules,
  }: MetricSources,
): void {
  const gauge = gaugesIn(registry)
  registerNodeMetrics(registry, { isReady, log })
  if (broker) {
    gauge('tilth_devices_connected', 'Devices connected to the broker', () => broker.connected())
    gauge('tilth_connections_waiting', 'Connections whose CONNECT has not been accepted yet', () =>
      broker.waiting(),
    )
    gauge('tilth_broker_lag_ms', 'Event loop delay of the server, ms', () => broker.lagMs())
    eachOf('broker', () => broker.counters())
  }
  if (bridge) {
    gauge('tilth_bridge_connected', 'Whether the bridge is connected to the external broker, 0 or 1', () =>
      bridge.isConnected() ? 1 : 0,
    )
    eachOf('bridge', () => bridge.counters())
  }
  if (brokerUsers) eachOf('bridge_users', () => brokerUsers.counters())
  gauge('tilth_journal_fill', 'Fill level of the journal storage, 0 to 1', () => journal.capacity().fill)
  if (backups)
    gauge('tilth_backup_age_seconds', 'Age of the newest backup in BACKUP_DIR, +Inf without one', () =>
      backups.ageS(),
    )
  gauge('tilth_journal_head', 'Sequence number of the newest journalled message', () => journal.head())
  gauge(
    'tilth_journal_behind',
    'Journalled messages that ingest has not stored yet',
    () => journal.head() - journal.cursor('ingest'),
  )
  gauge('tilth_dead_letters', 'Messages that could not be stored and wait for inspection', () =>
    journal.countDeadLetters(),
  )
  eachOf('ingest', () => ingest.counters())
  new Gauge({
    name: 'tilth_integrations',
    help: 'Integrations that are on, by kind and state of the connection',
    labelNames: ['integration', 'state'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [integration, states] of connections.states())
        for (const [state, count] of Object.entries(states)) this.set({ integration, state }, count)
    },
  })
  let lastForeign = new Map<string, Record<string, number>>()
  new Counter({
    name: 'tilth_integration_messages_total',
    help: 'Messages of other makes since the start, by kind of integration and outcome',
    labelNames: ['integration', 'outcome'],
    registers: [registry],
    collect() {
      const now = new Map([...ingest.foreignCounters()].map(([kind, counts]) => [kind, { ...counts }]))
      for (const [integration, counts] of now)
        for (const [outcome, count] of Object.entries(counts))
          this.inc(
            { integration, outcome },
            Math.max(0, count - (lastForeign.get(integration)?.[outcome] ?? 0)),
          )
      lastForeign = now
    },
  })
  if (schedules) eachOf('schedule', () => schedules.counters())

  function eachOf(part: string, read: () => object): void {
    let last: Record<string, number> = {}
    new Counter({
      name: `tilth_${part}_total`,
      help: `Events of the ${part} since its start, by kind`,
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        const now: Record<string, number> = { ...read() }
        for (const [kind, count] of Object.entries(now))
          this.inc({ kind }, Math.max(0, count - (last[kind] ?? 0)))
        last = now
      },
    })
  }
}
