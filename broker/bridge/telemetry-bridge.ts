/**
 * Feeds the journal from the broker of BUS (RabbitMQ, Mosquitto or any other MQTT 3.1.1 broker): telemetry of every device,
 * with a persistent session and QoS 1, acknowledged after its commit, or once it is in the stores (`untilStored`). A message
 * that is delivered twice is in the journal twice and stored once, by its number.
 */
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt'
import { brokerError } from '../errors.ts'
import { hostsInTurn, hostUrls } from '../contract/host-urls.ts'
import type { Clock } from '../contract/time.ts'
import { everyDevice, parseTopic } from '../contract/topics.ts'
import type { BrokerJournal } from '../journal/journal.ts'
import type { Log } from '../log.ts'
import { acceptTelemetry } from '../journal/accept-telemetry.ts'
import { readAcknowledged } from './acknowledged-reading.ts'

export interface BridgeOptions {
  /** mqtt://HOST:PORT or mqtts://HOST:PORT; several hosts, HOST:PORT,HOST:PORT, are tried in turn */
  url: string
  userName?: string
  password?: string
  /** constant for one installation of Tilth and unique: the session and its queued messages belong to this id */
  clientId: string
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity' | 'isFull' | 'onDrain'>
  clock: Clock
  log: Log
  /**
   * resolves when everything that the journal holds now is in the stores; a message is acknowledged after it. Absent: a
   * message is acknowledged once it is in the journal, which this machine then must not lose
   */
  untilStored?(): Promise<void>
  /** one that does not respond within 3 s is connected to when it does; only one that refuses for 30 s fails */
  mayBeAway?: boolean
  refusedForMs?: number
}

/** Counters since the start; their names are those of the metrics. */
const bridgeCounters = () => ({
  received: 0,
  stored: 0,
  deadLettered: 0,
  dropped: 0,
  refusedTopics: 0,
  notAcknowledged: 0,
  connects: 0,
})

// the counter of each outcome
const counterOf = { stored: 'stored', 'dead-lettered': 'deadLettered', dropped: 'dropped' } as const

export interface Bridge {
  isConnected(): boolean
  counters(): ReturnType<typeof bridgeCounters>
  /** Acknowledges the messages that are being committed; the session stays on the other broker. */
  stop(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000
const AWAY_AFTER_MS = 3_000
// RabbitMQ answers seconds before its users are loaded
const REFUSED_FOR_MS = 30_000
const RECONNECT_MS = 1_000
// a connection to a machine that is gone without a word ends after 1.5 of it
const KEEPALIVE_S = 10
const TELEMETRY = everyDevice('telemetry')

/** Connects and subscribes. BUS_UNAVAILABLE if there is no reply within 10 s or the other broker refuses. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { url, journal, clock, log } = options
  const counters = bridgeCounters()
  const client = createClient(options)
  let isStopping = false
  const reading = readAcknowledged(client, {
    journal,
    async store(packet) {
      counters.received++
      counters[await storeTelemetry(packet)]++
      await options.untilStored?.()
    },
    onNotStored(error) {
      counters.notAcknowledged++
      log.warn(
        { error },
        'the bridge could not store a message; it is delivered again after the next connection',
      )
    },
  })

  async function storeTelemetry({
    topic,
    payload,
  }: IPublishPacket): Promise<keyof ReturnType<typeof bridgeCounters>> {
    const address = parseTopic(topic)
    if (!address.ok) {
      log.warn({ reason: address.error }, 'the bridge received a topic that belongs to no device')
      return 'refusedTopics'
    }
    const { org, device } = address.value
    const arrival = { receivedMs: clock.now(), org, device, payload: Buffer.from(payload) }
    return counterOf[await acceptTelemetry(journal, arrival, topic)]
  }

  client.on('connect', ({ sessionPresent }) => {
    counters.connects++
    log.info({ url, sessionPresent }, 'bridge connected')
  })
  if (!(await waitForSubscription(client, options)))
    log.warn({ url }, 'the broker of BUS does not respond; the bridge connects when it does')
  // the other broker may have lost the session in a restart
  client.on('connect', () => void subscribe(client).catch((error: unknown) => log.error({ error }, 'bridge')))
  // the id names the session at the other broker, which may be what does not respond
  client.on('error', ({ message: reason }) => log.warn({ reason, url, clientId: options.clientId }, 'bridge'))
  client.on('close', () => void (isStopping || log.warn({ url }, 'bridge lost its connection')))

  return {
    isConnected: () => client.connected,
    counters: () => ({ ...counters }),
    async stop() {
      isStopping = true
      await reading.stop()
      await client.endAsync(!client.connected)
    },
  }
}

function createClient({ url, userName, password, clientId }: BridgeOptions): MqttClient {
  const client = mqtt.connect(hostUrls(url)[0]!, {
    protocolVersion: 4,
    clientId,
    clean: false,
    resubscribe: false,
    reconnectPeriod: RECONNECT_MS,
    // a broker that restarts refuses for a while
    reconnectOnConnackError: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_S,
    ...(userName === undefined ? {} : { username: userName }),
    ...(password === undefined ? {} : { password }),
  })
  const next = hostsInTurn(url)
  client.on('close', () => void Object.assign(client.options, next()))
  return client
}

async function subscribe(client: MqttClient): Promise<void> {
  const granted = await client.subscribeAsync(TELEMETRY, { qos: 1 })
  // below QoS 1 the other broker would queue nothing while this one is down
  const refused = granted.find(({ qos }) => qos !== 1)
  if (refused) throw new Error(`expected ${TELEMETRY} to be granted with QoS 1, got ${refused.qos}`)
}

/**
 * Waits for the first connection and its subscription; a refusal or a timeout ends the attempt. `mayBeAway`: a refusal
 * is tried again until `refusedForMs`.
 */
async function waitForSubscription(
  client: MqttClient,
  { url, log, mayBeAway = false, refusedForMs = REFUSED_FOR_MS }: BridgeOptions,
): Promise<boolean> {
  const withinMs = mayBeAway ? AWAY_AFTER_MS : CONNECT_TIMEOUT_MS
  let timer: NodeJS.Timeout
  let failed: (error: Error) => void
  let connected: () => void
  const outcome = await new Promise<Error | null>((resolve) => {
    let refusal: Error | null = null
    const end = () => resolve(refusal ?? new Error(`no reply within ${withinMs} ms`))
    timer = setTimeout(end, withinMs)
    failed = (error) => {
      if (!mayBeAway || (!isRefusal(error) && refusal === null)) return resolve(error)
      if (!isRefusal(error)) return
      if (refusal === null) {
        log.warn({ url, reason: error.message }, 'the broker of BUS refuses the bridge; trying again')
        clearTimeout(timer)
        timer = setTimeout(end, refusedForMs)
      }
      refusal = error
    }
    connected = () => void subscribe(client).then(() => resolve(null), resolve)
    client.on('error', failed)
    client.on('connect', connected)
  })
  clearTimeout(timer!)
  client.off('error', failed!)
  client.off('connect', connected!)
  if (outcome === null) return true
  if (mayBeAway && !client.connected && !isRefusal(outcome)) return false
  client.on('error', () => {})
  client.end(true)
  throw brokerError('BUS_UNAVAILABLE', `cannot bridge from ${url}: ${outcome.message}`, { cause: outcome })
}

// a refusal has a number as its code, an unreachable address has letters
const isRefusal = (error: Error): boolean => typeof (error as { code?: unknown }).code === 'number'
