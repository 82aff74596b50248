/** A real broker with its journal in a folder of its own, and devices that may connect to it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { hashSecret, type RegisteredDevice } from '../../broker/access/authenticate.ts'
import { systemClock } from '../../broker/contract/time.ts'
import { openJournal, type BrokerJournal } from '../../broker/journal/journal.ts'
import type { DiskSpace } from '../../broker/journal/disk-space.ts'
import { noLimits, standardLimits, type BrokerLimits } from '../../broker/access/limits.ts'
import type { Log } from '../../broker/log.ts'
import { startBroker, type Broker, type BrokerOptions } from '../../broker/server.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
export const PEPPER = 'pepper of the tests'

export interface BrokerRig {
  broker: Broker
  journal: BrokerJournal
  /** id -> the device; its secret is `secret-of-<id>` */
  devices: Map<string, RegisteredDevice>
  register(org: string, id: string, more?: Partial<RegisteredDevice>): void
  connect(id: string, options?: IClientOptions): Promise<MqttClient>
  stop(): Promise<void>
}

export const secretOf = (id: string) => `secret-of-${id}`

export interface RigOptions extends Partial<Pick<BrokerOptions, 'clock' | 'port' | 'tls' | 'log'>> {
  /** those that a test is about; the others are lifted, so that a busy machine changes nothing */
  limits?: Partial<BrokerLimits>
  /** how much the journal may hold; none by default */
  journalBytes?: number
  /** the disk on which the broker believes it to lie */
  disk?: DiskSpace
}

export async function startBrokerRig(options: RigOptions = {}): Promise<BrokerRig> {
  const folder = await mkdtemp(join(tmpdir(), 'tilth-broker-'))
  const clock = options.clock ?? systemClock
  const devices = new Map<string, RegisteredDevice>()
  const clients: MqttClient[] = []
  const journal = openJournal({
    path: join(folder, 'journal.db'),
    clock,
    log: silent,
    ...(options.journalBytes === undefined ? {} : { maxBytes: options.journalBytes }),
    ...(options.disk ? { disk: options.disk } : {}),
  })
  const broker = await startBroker({
    host: '127.0.0.1',
    port: options.port ?? 0,
    findDevice: async (id) => devices.get(id) ?? null,
    pepper: PEPPER,
    journal,
    clock,
    log: options.log ?? silent,
    limits: { ...noLimits, subscriptions: standardLimits.subscriptions, ...options.limits },
    ...(options.tls ? { tls: options.tls } : {}),
    serviceSecretHashes: [hashSecret('service secret', PEPPER)],
  })
  return {
    broker,
    journal,
    devices,
    register: (org, id, more = {}) =>
      void devices.set(id, { id, org, secretHashes: [hashSecret(secretOf(id), PEPPER)], ...more }),
    async connect(id, more = {}) {
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
        clientId: id,
        username: id,
        password: secretOf(id),
        keepalive: 60,
        reconnectPeriod: 0,
        ...more,
      })
      client.on('error', () => {})
      disableNagle(client)
      clients.push(client)
      return client
    },
    async stop() {
      for (const client of clients) client.end(true)
      await broker.stop()
      void journal.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => (client.connected ? client.once('close', () => resolve()) : resolve()))

/** Waits until something is so; fails after `withinMs`. */
export async function eventually(isSo: () => boolean, withinMs = 2_000): Promise<void> {
  const untilMs = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`did not come about: ${String(isSo)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
