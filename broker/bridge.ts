/**
 * The same journal fed from another broker (Mosquitto or any other of MQTT 3.1.1): telemetry of every device, under a
 * persistent session, QoS 1. A message is acknowledged to that broker after its commit, so what Tilth has not got on
 * its disk stays there and comes again: after a crash of Tilth, a lost connection, a full disk. What comes twice is
 * journalled twice and stored once, by its number.
 */
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt'
import { brokerError } from './journal/broker-error.ts'
import type { Clock } from './contract/time.ts'
import { everyDevice, parseTopic } from './contract/topics.ts'
import type { BrokerJournal } from './journal/journal.ts'
import type { Log } from './log.ts'
import { acceptTelemetry } from './journal/accept-telemetry.ts'

export interface BridgeOptions {
  /** mqtt://HOST:PORT or mqtts://HOST:PORT */
  url: string
  userName?: string
  password?: string
  /** always the same for one Tilth, and no other's: the session and what waits in it belong to the name */
  clientId: string
  journal: Pick<BrokerJournal, 'append' | 'bury' | 'room' | 'isFull' | 'onRoom'>
  clock: Clock
  log: Log
}

/** Counts since the start; the names are those of the metrics. */
const bridgeCounters = () => ({
  received: 0,
  kept: 0,
  buried: 0,
  shed: 0,
  refusedTopics: 0,
  notAcknowledged: 0,
  connects: 0,
})

export interface Bridge {
  isConnected(): boolean
  counters(): ReturnType<typeof bridgeCounters>
  /** Acknowledges what is on its way to the disk; the session stays at the other broker. */
  stop(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000
const RECONNECT_MS = 1_000
const KEEPALIVE_S = 30
const TELEMETRY = everyDevice('telemetry')

/** Connects and subscribes. BUS_UNAVAILABLE when there is no answer within 10 s or the other broker refuses. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { url, journal, clock, log } = options
  const counters = bridgeCounters()
  const client = createClient(options)
  const acknowledge = pubackWriter()
  const running = new Set<Promise<void>>()
  let goOn: (() => void) | null = null
  let isStopping = false

  // mqtt.js reads one message after the other, and acknowledges when the callback comes without an error. One commit
  // for each would be slow: it goes on at once, and the acknowledgement is written here, after the commit.
  client.handleMessage = (packet, next) => {
    if (isStopping) return
    counters.received++
    const work = take(packet).finally(() => running.delete(work))
    running.add(work)
    const read = () => next(new Error('acknowledged after its commit'))
    if (journal.isFull()) goOn = read
    else read()
  }
  journal.onRoom(() => {
    const read = goOn
    goOn = null
    read?.()
  })

  async function take(packet: IPublishPacket): Promise<void> {
    // an acknowledgement belongs to the connection on which the message came
    const { stream } = client
    try {
      counters[await keep(packet)]++
      if (packet.qos > 0) acknowledge(stream, packet.messageId!)
    } catch (error) {
      counters.notAcknowledged++
      log.warn({ error }, 'the bridge could not keep a message; it comes again after the next connection')
      stream.destroy()
    }
  }

  async function keep({
    topic,
    payload,
  }: IPublishPacket): Promise<'kept' | 'buried' | 'shed' | 'refusedTopics'> {
    const address = parseTopic(topic)
    if (!address.ok) {
      log.warn({ reason: address.error }, 'the bridge heard a topic that is no device')
      return 'refusedTopics'
    }
    const { org, device } = address.value
    const arrival = { receivedMs: clock.now(), org, device, payload: Buffer.from(payload) }
    return acceptTelemetry(journal, arrival, topic)
  }

  client.on('connect', ({ sessionPresent }) => {
    counters.connects++
    log.info({ url, sessionPresent }, 'bridge connected')
  })
  await waitForSubscription(client, url)
  // the other broker may have lost the session with its own memory
  client.on('connect', () => void subscribe(client).catch((error: unknown) => log.error({ error }, 'bridge')))
  client.on('error', (error) => log.warn({ reason: error.message, url }, 'bridge'))
  client.on('close', () => void (isStopping || log.warn({ url }, 'bridge lost its connection')))

  return {
    isConnected: () => client.connected,
    counters: () => ({ ...counters }),
    async stop() {
      isStopping = true
      while (running.size > 0) await Promise.allSettled(running)
      // the acknowledgements go out after the commit's own turn
      await new Promise(setImmediate)
      await client.endAsync(!client.connected)
    },
  }
}

function createClient({ url, userName, password, clientId }: BridgeOptions): MqttClient {
  return mqtt.connect(url, {
    protocolVersion: 4,
    clientId,
    clean: false,
    resubscribe: false,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_S,
    ...(userName === undefined ? {} : { username: userName }),
    ...(password === undefined ? {} : { password }),
  })
}

async function subscribe(client: MqttClient): Promise<void> {
  const granted = await client.subscribeAsync(TELEMETRY, { qos: 1 })
  // below QoS 1 nothing would wait for us while we are away
  const refused = granted.find(({ qos }) => qos !== 1)
  if (refused) throw new Error(`it did not grant ${TELEMETRY} with QoS 1, but ${refused.qos}`)
}

/** The first connection has to come about; a refusal or silence ends the attempt. */
async function waitForSubscription(client: MqttClient, url: string): Promise<void> {
  let timer: NodeJS.Timeout
  let settle: (outcome: Error | null) => void
  const outcome = await new Promise<Error | null>((resolve) => {
    settle = resolve
    const late = new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)
    timer = setTimeout(() => resolve(late), CONNECT_TIMEOUT_MS)
    client.on('error', settle)
    client.once('connect', () => void subscribe(client).then(() => resolve(null), resolve))
  })
  clearTimeout(timer!)
  client.off('error', settle!)
  if (outcome === null) return
  client.on('error', () => {})
  client.end(true)
  throw brokerError('BUS_UNAVAILABLE', `cannot bridge from ${url}: ${outcome.message}`, { cause: outcome })
}

/** PUBACK (MQTT 3.1.1, 3.4): what one commit has made durable goes out in one write. */
function pubackWriter(): (stream: MqttClient['stream'], messageId: number) => void {
  let ids: number[] = []
  let to: MqttClient['stream'] | null = null

  function send(): void {
    if (to !== null && !to.destroyed)
      to.write(Buffer.from(ids.flatMap((id) => [0x40, 2, id >> 8, id & 0xff])))
    ids = []
    to = null
  }

  return (stream, messageId) => {
    if (to !== null && to !== stream) send()
    if (ids.length === 0) setImmediate(send)
    to = stream
    ids.push(messageId)
  }
}
