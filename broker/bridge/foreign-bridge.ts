/**
 * Listens at the broker of another ecosystem (ChirpStack, The Things Stack, Zigbee2MQTT, Home Assistant ...) with a
 * persistent session. A message is journalled raw and acknowledged to that broker after its commit, or once it is in the
 * stores (`untilStored`).
 */
import { MqttClient, type IClientOptions, type IPublishPacket } from 'mqtt'
import { deviceRateLimits } from '../access/device-rate-limit.ts'
import type { Clock } from '../contract/time.ts'
import { acceptForeign } from '../journal/accept-foreign.ts'
import type { BrokerJournal } from '../journal/journal.ts'
import type { Log } from '../log.ts'
import { MAX_FOREIGN_PACKET_BYTES, type SkippedPublish } from '../packets/packet-reader.ts'
import { readAcknowledged } from './acknowledged-reading.ts'
import { bridgeProblem, topicsProblem, type BridgeProblem } from './bridge-problems.ts'
import { openBrokerStream } from './broker-stream.ts'
import { retainedCopies } from './retained-copies.ts'

export interface ForeignMessageIn {
  topic: string
  payload: Uint8Array
  isRetained: boolean
  receivedMs: number
}

export interface ForeignBridgeOptions {
  org: string
  integration: string
  address: { host: string; port: number; isTls: boolean }
  userName: string | null
  password: string | null
  /** constant and unique: the session and its queued messages belong to this id */
  clientId: string
  version: 4 | 5
  filters: readonly string[]
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity' | 'isFull' | 'onDrain'>
  clock: Clock
  log: Log
  /** of one integration, as of a gateway */
  rate: { burst: number; packets: number; bytes: number }
  retainedBytes: number
  /** as of the telemetry bridge */
  untilStored?(): Promise<void>
  /** after the message is on disk */
  onMessage(message: ForeignMessageIn): void
  /** null: connected, and every filter is granted */
  onState(problem: BridgeProblem | null): void
}

export interface ForeignBridge {
  /** False: not connected. True: it was sent; whether it arrived is unknown until it is answered. */
  publish(message: { topic: string; payload: string | Uint8Array; qos: 0 | 1 }): Promise<boolean>
  isConnected(): boolean
  /** The retained messages that have been received, at their newest value. */
  retained(): ForeignMessageIn[]
  stop(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000
const KEEPALIVE_S = 30
// MQTT 5 names it; a broker for MQTT 3.1.1 has a limit of its own
const SESSION_S = 7 * 24 * 3_600
const IN_FLIGHT = 1_000

/** Connects, and reconnects until it is stopped: after 1 s, then twice as long each time, at most a minute. */
export function startForeignBridge(options: ForeignBridgeOptions): ForeignBridge {
  const { org, integration, journal, clock, log, onMessage, onState } = options
  const copies = retainedCopies(options.retainedBytes)
  const rateLimit = deviceRateLimits(
    options.rate,
    () => performance.now(),
    () => {},
  )(integration)
  const outgoing = new Set<number>()
  let lastError: Error | null = null
  let isSubscribed = false
  let hasConnected = false
  let isStopping = false

  const client = new MqttClient(openStream, clientOptions(options))
  const reading = readAcknowledged(client, {
    journal,
    store,
    onNotStored: (error) =>
      log.warn({ error, integration }, 'a message could not be stored; it is delivered again'),
    waitMs: (bytes) => rateLimit(bytes),
  })

  function openStream() {
    const stream = openBrokerStream(options.address, {
      maxBytes: MAX_FOREIGN_PACKET_BYTES,
      onSkipped: (publish) => void bury(publish, stream as MqttClient['stream']),
      onError: (error) => (lastError = error),
    })
    return stream as MqttClient['stream']
  }

  async function store({ topic, payload: bytes, retain: isRetained }: IPublishPacket): Promise<void> {
    const receivedMs = clock.now()
    const payload = Buffer.from(bytes as Buffer)
    const foreign = { integration, topic, isRetained }
    const outcome = await acceptForeign(journal, { receivedMs, org, device: integration, payload, foreign })
    if (outcome === 'dead-lettered') return
    const message = { topic, payload, isRetained, receivedMs }
    copies.note(message)
    onMessage(message)
    await options.untilStored?.()
  }

  /** A publish that is longer than any that is read. */
  async function bury(
    { topic, bytes, isRetained, messageId }: SkippedPublish,
    stream: MqttClient['stream'],
  ): Promise<void> {
    const foreign = { integration, topic, isRetained }
    const reason = `packet: too long, got ${bytes} bytes`
    const place = { receivedMs: clock.now(), org, device: integration, topic }
    await journal.deadLetter({ ...place, reason, payload: Buffer.alloc(0), bytes, foreign }).then(
      () => void (messageId !== null && reading.acknowledge(stream, messageId)),
      () => stream.destroy(),
    )
  }

  client.on('connect', ({ sessionPresent }) => {
    client.options.reconnectPeriod = FIRST_RETRY_MS
    lastError = null
    hasConnected = true
    copies.clear()
    log.info({ integration, sessionPresent }, 'connected to the broker of an integration')
    void subscribe()
  })
  client.on('error', (error) => void (lastError = error))
  client.on('close', () => {
    isSubscribed = false
    forgetOutgoing()
    if (isStopping) return
    onState(bridgeProblem(lastError, hasConnected))
    hasConnected = false
    client.options.reconnectPeriod = Math.min(2 * client.options.reconnectPeriod!, LONGEST_RETRY_MS)
  })

  /** On each connection: the other broker may have lost the session. */
  async function subscribe(): Promise<void> {
    try {
      const granted = await client.subscribeAsync([...options.filters], { qos: 1 })
      const refused = granted.find(({ qos }) => qos > 2)
      isSubscribed = refused === undefined
      if (!isStopping) onState(refused === undefined ? null : topicsProblem(refused.topic))
    } catch (error) {
      if (client.connected && !isStopping) onState(topicsProblem((error as Error).message))
    }
  }

  /** mqtt.js would send them again after a reconnection, when nobody expects them any more. */
  function forgetOutgoing(): void {
    for (const messageId of outgoing) client.removeOutgoingMessage(messageId)
    outgoing.clear()
  }

  return {
    publish({ topic, payload, qos }) {
      if (!client.connected || isStopping) return Promise.resolve(false)
      return new Promise((resolve) => {
        const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
        let isOver = false
        let messageId: number | null = null
        client.publish(topic, bytes, { qos, retain: false }, () => {
          isOver = true
          if (messageId !== null) outgoing.delete(messageId)
          resolve(true)
        })
        if (isOver || qos === 0) return
        messageId = client.getLastMessageId()
        outgoing.add(messageId)
      })
    },
    isConnected: () => client.connected && isSubscribed,
    retained: copies.all,
    async stop() {
      isStopping = true
      await reading.stop()
      await client.endAsync(!client.connected)
    },
  }
}

const clientOptions = ({ version, clientId, userName, password }: ForeignBridgeOptions): IClientOptions => ({
  protocolVersion: version,
  clientId,
  clean: false,
  resubscribe: false,
  reconnectPeriod: FIRST_RETRY_MS,
  reconnectOnConnackError: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepalive: KEEPALIVE_S,
  queueQoSZero: false,
  ...(userName === null ? {} : { username: userName }),
  ...(password === null ? {} : { password }),
  ...(version === 5 ? { properties: { sessionExpiryInterval: SESSION_S, receiveMaximum: IN_FLIGHT } } : {}),
})
