/** Connects the settings and the state store to the built-in broker and to the bridge to an external one. */
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLoopback } from '../../broker/contract/rate/address-key.ts'
import { parseLimits, type BrokerLimits } from '../../broker/access/limits.ts'
import type { Broker } from '../../broker/server.ts'
import type { MqttTls } from '../config/broker-settings.ts'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'
import type { State } from '../ports.ts'
import type { IntegrationRow } from '../tables.ts'

/** Parses the setting MQTT_LIMITS. INVALID_CONFIG. */
export function readLimits(text: string): BrokerLimits {
  const limits = parseLimits(text)
  return limits.ok ? limits.value : fail('INVALID_CONFIG', `MQTT_LIMITS ${limits.error}`)
}

/** The MQTT endpoints that a remote device, or a device on this machine, can reach. */
export const mqttEndpoints = (settings: Settings, broker: Broker, isLocal: boolean) => ({
  port: isLocal || !isLoopback(settings.mqttHost) ? broker.port : null,
  tlsPort: isLocal || !isLoopback(settings.mqttTls?.host ?? '') ? broker.tlsPort : null,
  webSocketPath: isLocal || settings.webSocketFrom === 'network' ? '/mqtt' : null,
})

/** The TLS listener as the broker expects it: `files` holds paths of PEM files. */
export const brokerTls = ({ host, port, ...files }: MqttTls) => ({ host, port, files })

/**
 * Stable for one DATA_DIR, different for any other, and not secret: messages queued at the external broker belong to
 * this client ID.
 */
export const bridgeName = (pepper: string): string =>
  `tilth-${createHash('sha256').update(`bridge ${pepper}`).digest('hex').slice(0, 12)}`

/** Of one connection: it leaves nothing at the external broker. Its beginning is in the permissions of docs/rabbitmq. */
export const busName = (): string => `tilth-bus-${randomBytes(6).toString('hex')}`

/** Looks up a device or gateway for the broker; null: unknown or revoked. */
export async function findDevice(state: State, id: string) {
  const device = await state
    .selectFrom('device')
    .select(['id', 'org', 'kind', 'secretHash', 'previousSecretHash', 'revokedAtMs'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!device) return findGateway(state, id)
  if (device.revokedAtMs !== null) return null
  const secretHashes = presentHashes(device)
  return { id: device.id, org: device.org, secretHashes, isController: device.kind === 'controller' }
}

/** An integration with a secret is a gateway while it is on. */
async function findGateway(state: State, id: string) {
  const gateway = await state
    .selectFrom('integration')
    .select(['id', 'org', 'secretHash', 'previousSecretHash'])
    .where('id', '=', id)
    .where('state', '=', 'on')
    .where('secretHash', 'is not', null)
    .where('revokedAtMs', 'is', null)
    .executeTakeFirst()
  return gateway
    ? { id: gateway.id, org: gateway.org, secretHashes: presentHashes(gateway), isGateway: true }
    : null
}

const presentHashes = (row: Pick<IntegrationRow, 'secretHash' | 'previousSecretHash'>): string[] =>
  [row.secretHash, row.previousSecretHash].filter((hash) => hash !== null)

const POLL_MS = 10
// people wait no longer for devices that connect without end
const DEVICES_FIRST_MS = 300

/** Resolves when every connection that has come is accepted. */
export async function untilNoneWaits(broker: Pick<Broker, 'waiting'>): Promise<void> {
  const untilMs = performance.now() + DEVICES_FIRST_MS
  do await sleep(POLL_MS)
  while (broker.waiting() > 0 && performance.now() < untilMs)
}
