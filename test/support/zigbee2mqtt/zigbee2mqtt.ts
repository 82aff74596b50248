/**
 * A real Zigbee2MQTT with one Sonoff SWV in its database. It is never a dependency: `ZIGBEE2MQTT_DIR` names a folder into
 * which npm has installed it, with a Node that it runs on.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const VALVE_NAME = 'north valve'
const VALVE_IEEE = '0x00124b0022334455'

export interface Zigbee2Mqtt {
  start(): Promise<void>
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  output(): string
  remove(): void
}

/** The folder of an installed version; null: there is none. The line that installs it is in docs/testing.md. */
export function findZigbee2Mqtt(version: string): string | null {
  const folder = process.env.ZIGBEE2MQTT_DIR
  const modules = folder === undefined ? '' : join(folder, version, 'node_modules')
  return folder !== undefined && existsSync(join(modules, 'zigbee2mqtt')) ? modules : null
}

/** Writes its files; `start` starts it. */
export function makeZigbee2Mqtt(
  modules: string,
  { brokerUrl, radioPort }: { brokerUrl: string; radioPort: number },
): Zigbee2Mqtt {
  const data = mkdtempSync(join(tmpdir(), 'tilth-z2m-'))
  writeFileSync(join(data, 'configuration.yaml'), configuration(brokerUrl))
  writeFileSync(join(data, 'database.db'), database)
  const ownNode = join(modules, 'node/bin/node')
  let child: ChildProcess | null = null
  let output = ''

  return {
    output: () => output,
    async start() {
      const program = spawn(
        existsSync(ownNode) ? ownNode : process.execPath,
        [join(import.meta.dirname, 'adapter.mjs')],
        {
          env: {
            PATH: process.env.PATH,
            Z2M: modules,
            ZIGBEE2MQTT_DATA: data,
            RADIO_PORT: String(radioPort),
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      child = program
      for (const stream of [program.stdout, program.stderr])
        stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-20_000)))
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!/Zigbee2MQTT started!/.test(output)) return
          program.stdout.off('data', look)
          resolve()
        }
        program.stdout.on('data', look)
        program.once('exit', (code) => reject(new Error(`Zigbee2MQTT ended with ${code}: ${output}`)))
      })
      output = ''
    },
    async kill(signal) {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
    remove: () => rmSync(data, { recursive: true, force: true }),
  }
}

const configuration = (brokerUrl: string): string => `version: 4
mqtt: { base_topic: zigbee2mqtt, server: '${brokerUrl}' }
serial: { port: /dev/null, adapter: zstack }
advanced:
  log_level: info
  log_output: [console]
  network_key: [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13]
  pan_id: 6754
  ext_pan_id: [221, 221, 221, 221, 221, 221, 221, 221]
  channel: 11
frontend: { enabled: false }
homeassistant: { enabled: false }
devices:
  '${VALVE_IEEE}': { friendly_name: ${VALVE_NAME}, optimistic: false, filtered_cache: [flow] }
`

const endpoint = (ieee: string, input: number[]) => ({
  profId: 260,
  epId: 1,
  devId: 6,
  inClusterList: input,
  outClusterList: [],
  clusters: {},
  binds: [],
  configuredReportings: [],
  meta: {},
  deviceIeeeAddress: ieee,
})
const COORDINATOR = '0x00124b00120144ae'
const database = [
  {
    id: 1,
    type: 'Coordinator',
    ieeeAddr: COORDINATOR,
    nwkAddr: 0,
    manufId: 0,
    epList: [1],
    endpoints: { 1: endpoint(COORDINATOR, []) },
    interviewCompleted: true,
    interviewState: 'SUCCESSFUL',
    meta: {},
  },
  {
    id: 2,
    type: 'EndDevice',
    ieeeAddr: VALVE_IEEE,
    nwkAddr: 49_992,
    manufId: 4742,
    manufName: 'SONOFF',
    powerSource: 'Battery',
    modelId: 'SWV',
    epList: [1],
    endpoints: { 1: endpoint(VALVE_IEEE, [0, 1, 3, 6, 0x0404, 0xfc11]) },
    interviewCompleted: true,
    interviewState: 'SUCCESSFUL',
    meta: { configured: 1 },
  },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('')
