/**
 * The bus over MQTT 3.1.1: over an in-memory stream into the built-in broker, or by URL to any broker. It reconnects
 * after a lost connection, to the next of several hosts, and restores its subscriptions.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import mqtt, { MqttClient, type IClientOptions } from 'mqtt'
import { fail } from '../../errors.ts'
import type { Bus, BusMessage, Logger } from '../../ports.ts'
import { hostsInTurn, hostUrls } from '../../../broker/contract/host-urls.ts'
import { matchesFilter } from '../../../broker/contract/match-filter.ts'

export interface MqttBus extends Bus {
  /** Exact numbers of messages published and received, for a simulation that steps in time. */
  counts(): { published: number; received: number }
}

export type BusAddress =
  | { openStream: () => Duplex } // into the broker of this process
  | {
      url: string // mqtt:// or mqtts://, of one host or several
      userName?: string
      password?: string
      clientId?: string
      /** published by the broker, retained, when the connection is lost */
      will?: { topic: string; payload: string }
    }

const CONNECT_WITHIN_MS = 10_000
const AWAY_AFTER_MS = 3_000
// RabbitMQ answers seconds before its users are loaded
const REFUSED_FOR_MS = 30_000
const RECONNECT_MS = 1_000
// a connection to a machine that is gone without a word ends after 1.5 of it
const KEEPALIVE_S = 10

/**
 * Connects. BUS_UNAVAILABLE when the broker does not respond within 10 s or refuses. `mayBeAway`: one that does not
 * respond within 3 s is connected to when it does; only one that refuses for 30 s (`refusedForMs`) fails.
 */
export async function openMqttBus(
  address: BusAddress,
  deps: { log: Logger; mayBeAway?: boolean; refusedForMs?: number },
): Promise<MqttBus> {
  const { log } = deps
  const client = createClient(address)
  const target = 'url' in address ? address.url.replace(/\/\/.*@/, '//…@') : 'the built-in broker'
  const subscriptions = new Map<string, ((message: BusMessage) => void | Promise<void>)[]>()
  const wide = new Set<string>() // filters with a wildcard
  const running = new Set<Promise<void>>()
  const onConnected: (() => void)[] = []
  let published = 0
  let received = 0

  client.on('message', (topic, payload, packet) => {
    received++
    const message: BusMessage = { topic, payload, retained: packet.retain }
    // a farm has one filter per controller's meter: exact filters are looked up, only wildcards are tried one by one
    for (const handler of subscriptions.get(topic) ?? []) run(handler, message)
    for (const filter of wide)
      if (matchesFilter(filter, topic))
        for (const handler of subscriptions.get(filter)!) run(handler, message)
  })

  /** Handlers start in the order of arrival; a waiting one does not block the next message. */
  function run(handler: (message: BusMessage) => void | Promise<void>, message: BusMessage): void {
    const done = callSafely(handler, message).finally(() => running.delete(done))
    running.add(done)
  }

  async function callSafely(
    handler: (message: BusMessage) => void | Promise<void>,
    message: BusMessage,
  ): Promise<void> {
    try {
      await handler(message)
    } catch (error) {
      log.error({ error, topic: message.topic }, 'a bus handler failed')
    }
  }

  let isAway = !(await waitForConnection(client, target, deps))
  if (isAway) {
    log.warn({ where: target }, 'the broker of BUS does not respond; Tilth connects when it does')
    client.once('connect', () => {
      isAway = false
      for (const filter of subscriptions.keys())
        client
          .subscribeAsync(filter, { qos: 1 })
          .catch((error: unknown) => log.error({ error, filter, where: target }, 'a subscription failed'))
    })
  }
  client.on('error', (error) => log.warn({ reason: error.message, where: target }, 'bus'))
  let isClosing = false
  client.on('close', () => void (isClosing || log.warn({ where: target }, 'bus disconnected')))
  client.on('connect', () => {
    log.info({ where: target }, 'bus reconnected')
    for (const run of onConnected) run()
  })

  return {
    // of the brokers by URL RabbitMQ gives no retained message to a filter with a wildcard
    keepsRetained: 'openStream' in address,
    async publish(topic, payload, { qos, retain }) {
      // a message queued for reconnection would arrive late and unexpected
      if (!client.connected) fail('BUS_UNAVAILABLE', `publish ${topic}: not connected to ${target}`)
      published++
      try {
        await client.publishAsync(topic, typeof payload === 'string' ? payload : Buffer.from(payload), {
          qos,
          retain,
        })
      } catch (cause) {
        fail('BUS_UNAVAILABLE', `publish ${topic}: ${(cause as Error).message}`, { cause })
      }
    },
    async subscribe(filter, handler) {
      const handlers = subscriptions.get(filter)
      if (/[+#]/.test(filter)) wide.add(filter)
      if (handlers) handlers.push(handler)
      else subscriptions.set(filter, [handler])
      if (isAway) return // with the first connection
      try {
        // subscribed again for a second handler of the same filter: it receives the retained messages too
        const granted = await client.subscribeAsync(filter, { qos: 1 })
        const refused = granted.find(({ qos }) => qos > 2)
        if (refused) fail('BUS_UNAVAILABLE', `${target} refused the subscription ${filter}`)
      } catch (cause) {
        fail('BUS_UNAVAILABLE', `subscribe ${filter}: ${(cause as Error).message}`, { cause })
      }
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
    counts: () => ({ published, received }),
    isConnected: () => client.connected,
    onConnected: (run) => void onConnected.push(run),
    async close() {
      isClosing = true
      await client.endAsync(!client.connected)
    },
  }
}

function createClient(address: BusAddress): MqttClient {
  const common: IClientOptions = {
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: RECONNECT_MS,
    // a broker that restarts refuses for a while
    reconnectOnConnackError: true,
    connectTimeout: CONNECT_WITHIN_MS,
    resubscribe: true,
  }
  if ('openStream' in address)
    // no network in between that could fail silently
    return new MqttClient(() => address.openStream() as never, { ...common, keepalive: 0 })
  const { url, userName, password, clientId, will } = address
  const client = mqtt.connect(hostUrls(url)[0]!, {
    ...common,
    keepalive: KEEPALIVE_S,
    ...(will === undefined
      ? {}
      : { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    ...(userName === undefined ? {} : { username: userName }),
    ...(password === undefined ? {} : { password }),
    ...(clientId === undefined ? {} : { clientId }),
  })
  const next = hostsInTurn(url)
  client.on('close', () => void Object.assign(client.options, next()))
  // with Nagle's algorithm a small message waits some 40 ms for the acknowledgement of the one before it
  client.on('connect', () => {
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
  })
  return client
}

/**
 * Waits for the first connection; a refusal or a timeout fails. `mayBeAway`: returns false instead of a timeout or an
 * unreachable address, after less time; a refusal is tried again until `refusedForMs`.
 */
async function waitForConnection(
  client: MqttClient,
  target: string,
  {
    log,
    mayBeAway = false,
    refusedForMs = REFUSED_FOR_MS,
  }: { log: Logger; mayBeAway?: boolean; refusedForMs?: number },
): Promise<boolean> {
  const withinMs = mayBeAway ? AWAY_AFTER_MS : CONNECT_WITHIN_MS
  const outcome = await new Promise<Error | null>((resolve) => {
    let refusal: Error | null = null
    const end = () => settle(refusal ?? new Error(`no response within ${withinMs} ms`))
    let timer = setTimeout(end, withinMs)
    const settle = (error: Error | null) => {
      clearTimeout(timer)
      // only our own: mqtt.js has listeners of its own
      client.off('connect', connected).off('error', failed)
      resolve(error)
    }
    const connected = () => settle(null)
    const failed = (error: Error) => {
      if (!mayBeAway || (!isRefusal(error) && refusal === null)) return settle(error)
      if (!isRefusal(error)) return
      if (refusal === null) {
        log.warn({ where: target, reason: error.message }, 'the broker of BUS refuses; trying again')
        clearTimeout(timer)
        timer = setTimeout(end, refusedForMs)
      }
      refusal = error
    }
    client.on('connect', connected).on('error', failed)
  })
  if (outcome === null) return true
  if (mayBeAway && !isRefusal(outcome)) return false
  client.on('error', () => {})
  client.end(true)
  fail('BUS_UNAVAILABLE', `cannot connect to ${target}: ${outcome.message}`, { cause: outcome })
}

/** The broker responded and refused: user or password are wrong. An unreachable address has a code of letters. */
const isRefusal = (error: Error): boolean => typeof (error as { code?: unknown }).code === 'number'
