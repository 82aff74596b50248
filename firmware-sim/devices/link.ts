/**
 * A device's connection: its own MQTT client with clean session, keepalive and a last will on `online`; after a loss
 * it reconnects with back-off and jitter. It counts sent and received messages.
 */
import { Socket } from 'node:net'
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt'
import { MINUTE_MS, SECOND_MS, type Clock } from '../../broker/contract/time.ts'
import {
  delivery,
  parseTopic,
  topicOf,
  type DeviceKind,
  type ServerKind,
} from '../../broker/contract/topics.ts'
import { random } from '../random.ts'

export interface Credentials {
  org: string
  id: string
  secret: string
  /** hex; controllers only */
  commandKey: string | null
}

export interface LinkOptions {
  credentials: Credentials
  /** mqtt://, mqtts://, ws:// or wss:// */
  url: string
  clock: Clock
  seed: string
  boot: number
  subscriptions: readonly ServerKind[]
  keepaliveS?: number
  /** connected, subscribed, and `online` published */
  onConnected(nonce: string): void
  onDisconnected(): void
  onMessage(kind: ServerKind, payload: Uint8Array, retained: boolean): void
  /** for the log; a lost connection is not an error */
  note?(text: string): void
}

export interface Link {
  /** Connects; resolves after the first attempt, whether it succeeded or not. */
  open(): Promise<void>
  /** Resolves with the PUBACK (QoS 1) or when it is written (QoS 0); rejects when the connection is lost before. */
  publish(kind: DeviceKind, payload: string): Promise<void>
  isUp(): boolean
  sent(): number
  received(): number
  /** Resolves when nothing is in flight and no attempt to connect is under way. */
  settled(): Promise<void>
  /** Cuts the connection without a DISCONNECT, so the broker publishes the will. No attempt follows until `open`. */
  cut(): void
  /** Publishes `online` 0 and disconnects. */
  close(): Promise<void>
}

const FIRST_WAIT_MS = SECOND_MS
const MAX_WAIT_MS = MINUTE_MS
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Tries to connect until `close` or `cut`. Waits are random, on the device's clock; the longest doubles from one
 * second to one minute.
 */
export function deviceLink(options: LinkOptions): Link {
  const { credentials, url, clock, boot } = options
  const { org, id, secret } = credentials
  const chance = random(`${options.seed}/link/${id}/${boot}`)
  const pending = new Set<Promise<unknown>>()
  let client: MqttClient | null = null
  let isUp = false
  let isWanted = false
  let connects = 0
  let failures = 0
  let sentCount = 0
  let receivedCount = 0
  let session = ''
  let cancelWait = () => {}

  const track = <T>(operation: Promise<T>): Promise<T> => {
    pending.add(operation)
    const remove = () => void pending.delete(operation)
    operation.then(remove, remove)
    return operation
  }

  function open(): Promise<void> {
    if (isWanted) return Promise.resolve()
    isWanted = true
    return track(attempt())
  }

  function attempt(): Promise<void> {
    const nonce = Math.floor(chance.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
    const sess = `b${boot}.c${connects + 1}.${nonce}`
    return new Promise((resolve) => {
      const connecting = mqtt.connect(url, {
        protocolVersion: 4,
        clientId: id,
        username: id,
        password: secret,
        clean: true,
        keepalive: options.keepaliveS ?? 60,
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectPeriod: 0, // mqtt.js must not reconnect by itself: the wait has jitter and uses the device's clock
        resubscribe: false,
        queueQoSZero: false,
        will: {
          topic: topicOf(org, id, 'online'),
          payload: Buffer.from(JSON.stringify({ on: 0, sess })),
          ...delivery.online,
        },
      })
      connecting.setMaxListeners(0) // each publish in flight has a listener
      client = connecting
      connecting.on('error', (error) => options.note?.(`${id}: ${error.message}`))
      connecting.on('message', (topic, payload, packet) => {
        if (connecting === client) onPacket(topic, payload, packet)
      })
      connecting.on('connect', () => {
        disableNagle(connecting)
        void subscribeAndAnnounce(connecting, sess)
          .then(() => {
            if (connecting !== client || !connecting.connected) return
            isUp = true
            connects += 1
            session = sess
            failures = 0
            options.onConnected(nonce)
          })
          .catch((error: Error) => {
            options.note?.(`${id}: ${error.message}`)
            connecting.end(true)
          })
          .finally(resolve)
      })
      connecting.on('close', () => {
        onClose(connecting)
        resolve()
      })
    })
  }

  /** Subscribes before it publishes `online`, so that no message to an online device is missed. */
  async function subscribeAndAnnounce(mqttClient: MqttClient, sess: string): Promise<void> {
    const topics = Object.fromEntries(
      options.subscriptions.map((kind) => [topicOf(org, id, kind), { qos: delivery[kind].qos }]),
    )
    const granted = await mqttClient.subscribeAsync(topics)
    const rejectedGrant = granted.find(({ qos }) => (qos as number) === 128)
    if (rejectedGrant) throw new Error(`the broker refuses ${rejectedGrant.topic}`)
    await send(mqttClient, 'online', JSON.stringify({ on: 1, sess }))
  }

  function onPacket(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    receivedCount += 1
    const address = parseTopic(topic)
    if (address.ok) options.onMessage(address.value.kind as ServerKind, payload, packet.retain)
  }

  function onClose(mqttClient: MqttClient): void {
    if (mqttClient !== client) return
    mqttClient.end(true)
    client = null
    if (isUp) {
      isUp = false
      options.onDisconnected()
    }
    if (isWanted) scheduleReconnect()
  }

  /** Full jitter (Brooker 2015): a thousand devices that lost one broker must not reconnect at once. */
  function scheduleReconnect(): void {
    const longestMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
    failures += 1
    cancelWait()
    cancelWait = clock.at(clock.now() + FIRST_WAIT_MS / 2 + chance.next() * longestMs, () => {
      if (isWanted && client === null) return track(attempt())
    })
  }

  function send(mqttClient: MqttClient, kind: DeviceKind, payload: string): Promise<void> {
    sentCount += 1
    return mqttClient.publishAsync(topicOf(org, id, kind), payload, delivery[kind]).then(() => {})
  }

  function cut(): void {
    isWanted = false
    cancelWait()
    const current = client
    client = null
    if (isUp) {
      isUp = false
      options.onDisconnected()
    }
    if (!current) return
    current.stream?.destroy()
    current.end(true)
  }

  return {
    open,
    publish(kind, payload) {
      const current = client
      if (!current || !isUp) return Promise.reject(new Error(`${id} is not connected`))
      return track(rejectOnClose(current, send(current, kind, payload)))
    },
    isUp: () => isUp,
    sent: () => sentCount,
    received: () => receivedCount,
    async settled() {
      while (pending.size > 0) await Promise.allSettled([...pending])
    },
    cut,
    async close() {
      isWanted = false
      cancelWait()
      const current = client
      if (current && isUp) {
        await rejectOnClose(current, send(current, 'online', JSON.stringify({ on: 0, sess: session }))).catch(
          () => {},
        )
      }
      client = null
      if (isUp) {
        isUp = false
        options.onDisconnected()
      }
      await current?.endAsync(true)
    },
  }
}

/**
 * Rejects a publish whose connection closes: mqtt.js would leave the promise pending for a reconnect that never comes.
 */
function rejectOnClose(client: MqttClient, operation: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const onGone = () => reject(new Error('the connection was lost before the acknowledgement'))
    client.once('close', onGone)
    const removeListener = () => client.removeListener('close', onGone)
    operation.then(resolve, reject).finally(removeListener)
  })
}

/**
 * Sends small messages at once: with Nagle's algorithm each would wait about 40 ms for the acknowledgement of the
 * previous one.
 */
export function disableNagle({ stream }: MqttClient): void {
  if (stream instanceof Socket) stream.setNoDelay(true)
}
