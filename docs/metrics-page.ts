/** The text of docs/metrics.md, from the registry that /metrics is printed from. */
import { Registry } from 'prom-client'
import { brokerCounters } from '../broker/access/session.ts'
import { responseTimes } from '../services/api/http/health-routes.ts'
import { registerMetrics, type MetricSources } from '../services/app/metrics.ts'
import { registerIncidents } from '../services/dispatch/protocol-monitor/incident-metric.ts'

const none = () => ({})
// every part there, and nothing has happened
const sources: MetricSources = {
  isReady: async () => ({ ok: true, parts: {} }),
  broker: { connected: () => 0, waiting: () => 0, lagMs: () => 0, counters: brokerCounters },
  bridge: { isConnected: () => true, counters: none },
  brokerUsers: { counters: none },
  ingest: { counters: none, foreignCounters: () => new Map() },
  connections: { states: () => new Map() },
  journal: { head: () => 0, cursor: () => 0, countDeadLetters: () => 0, capacity: () => ({ fill: 0 }) },
  log: { droppedLines: () => 0 },
  backups: { ageS: () => 0 },
  schedules: { counters: none },
}

// of Node.js and of the process: prom-client names them, and some depend on the version
const OF_NODE = /^tilth_(nodejs|process)_/

interface MetricRow {
  name: string
  type: string
  labels: string[]
  help: string
}

/** Tilth's own metrics, by name. */
export async function ownMetrics(): Promise<MetricRow[]> {
  const registry = new Registry()
  registerMetrics(registry, sources)
  registerIncidents(registry, none)
  responseTimes(registry)
  const metrics = await registry.getMetricsAsJSON()
  return metrics
    .filter(({ name }) => !OF_NODE.test(name))
    .map(({ name, type, help }) => {
      const { labelNames = [] } = registry.getSingleMetric(name) as { labelNames?: string[] }
      return { name, type: String(type), labels: labelNames, help }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The document. */
export async function metricsPage(): Promise<string> {
  const cells = [
    ['metric', 'type', 'labels', 'what it is'],
    ['---', '---', '---', '---'],
    ...(await ownMetrics()).map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  ]
  return `${HEAD}\n${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n${TAIL}`
}

const HEAD = `# Metrics

Generated from the registry by \`npm run schemas\`. \`/metrics\` gives these in the text format of Prometheus, to this machine and
to administrators, without names of farms, people or devices. A counter has a line for each kind.
`

const TAIL = `
\`tilth_bridge_*\` are there with an external broker (\`BUS\`; \`tilth_bridge_users_total\` with \`BUS_USERS\`), \`tilth_connections_waiting\`, \`tilth_devices_connected\` and
\`tilth_broker_*\` with the built-in one; \`tilth_incidents_total\` and \`tilth_schedule_total\` with \`PLANNING=on\`; \`tilth_backup_age_seconds\` with \`BACKUP_DIR\`. In addition
there are \`tilth_process_*\` and \`tilth_nodejs_*\`: processor time, memory, open files, event loop and garbage collection, as
prom-client names them.

[grafana/tilth.json](grafana/tilth.json) is a dashboard and [prometheus/tilth-rules.yml](prometheus/tilth-rules.yml) has alert
rules; a test checks that each metric that they name exists in a started Tilth.

\`\`\`yaml
# prometheus.yml on the same machine
rule_files: [tilth-rules.yml]
scrape_configs:
  - job_name: tilth
    static_configs: [{ targets: ['127.0.0.1:8080'] }]
\`\`\`
`
