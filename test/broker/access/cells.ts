/** Every cell of role x topic x operation: right topics, nearly right ones, wildcards, shares and the server's own. */
import { roles, type Cell, type Operation } from './rules.ts'

const orgs = ['coop', 'other', 'coop2', 'coo', 'Coop', '+', '']
const devices = ['probe1', 'probe2', 'probe3', 'probe', 'probe10', 'Probe1', '+', '#', '']
const kinds = [
  ...['telemetry', 'online', 'state', 'heartbeat', 'ack', 'command', 'lease', 'config'],
  ...['Telemetry', 'command/more', 'command/', 'unknown', '+', '#', ''],
]
const strange = [
  ...[
    '#',
    '+',
    '+/#',
    '/#',
    '+/+/+/+/+',
    'tilth',
    'tilth/',
    'tilth/#',
    'tilth/+',
    'tilth/v1/#',
    'Tilth/v1/coop/x',
  ],
  ...[
    '$SYS/#',
    '$SYS/broker/uptime',
    '$SYS/+/new/clients',
    '$share/g/tilth/v1/coop/probe1/command',
    '$share/g/#',
  ],
  ...[
    '$share/tilth/v1/coop/probe1/command',
    '$dollar/tilth/x',
    'tilth/internal/coop/event',
    'tilth/internal/#',
  ],
  ...['tilth/internal/coop/request', 'tilth/internal/+/event', '/tilth/v1/coop/probe1/command'],
  ...[
    'tilth/v2/coop/probe1/telemetry',
    'tilth//coop/probe1/telemetry',
    'tilth/v1/coop/probe1',
    'other/topic',
  ],
  ...[
    'tilth/v1/coop/probe1/../probe2/command',
    'tilth/v1/coop/probe1/command ',
    ' tilth/v1/coop/probe1/command',
  ],
]
export const topics = [
  ...orgs.flatMap((org) =>
    devices.flatMap((device) => kinds.map((kind) => `tilth/v1/${org}/${device}/${kind}`)),
  ),
  ...strange,
]

const operations: [Operation, (0 | 1 | 2)[], boolean[]][] = [
  ['publish', [0, 1, 2], [false, true]],
  ['will', [0, 1, 2], [false, true]],
  ['subscribe', [0], [false]],
  ['hear', [0], [false]],
]

const hasWildcard = (topic: string) => /[#+]/.test(topic)

export const cells: Cell[] = (Object.keys(roles) as Cell['role'][]).flatMap((role) =>
  operations.flatMap(([operation, qoses, retains]) =>
    topics
      // the topic of a message has no wildcard: the guard sees to that before anybody is asked [MQTT-3.3.2-2]
      .filter((topic) => operation === 'subscribe' || !hasWildcard(topic))
      .flatMap((topic) =>
        qoses.flatMap((qos) => retains.map((retain): Cell => ({ role, operation, topic, qos, retain }))),
      ),
  ),
)
