/** A running broker: conform is another client of it. Behaviour that it does not show is not tested. */
import { randomBytes } from 'node:crypto'
import mqtt, { type IPublishPacket } from 'mqtt'
import { delivery, deviceKinds, topicOf } from '../contract/topics.ts'
import type { Wire, WireEvent } from './wire.ts'

export interface OtherBrokerOptions {
  url: string
  userName?: string
  password?: string
  org: string
  device: string
}

// a broker delivers retained messages at once
const RETAINED_TIMEOUT_MS = 2_000

/**
 * Rejects when the connection fails or is refused. `own` is null: connections and subscriptions of the controller are
 * not visible. `close` removes the retained configuration.
 */
export async function joinOtherBroker(options: OtherBrokerOptions): Promise<Wire> {
  const { url, org, device } = options
  const connect = () =>
    mqtt.connectAsync(url, {
      protocolVersion: 4,
      clientId: `conform-${device}-${randomBytes(4).toString('hex')}`,
      ...(options.userName === undefined ? {} : { username: options.userName }),
      ...(options.password === undefined ? {} : { password: options.password }),
    })
  const client = await connect()
  const listeners: ((event: WireEvent) => void)[] = []
  client.on('message', (topic, payload, packet) => {
    for (const listener of listeners) listener(toWireEvent(topic, payload, packet))
  })
  const topics = deviceKinds.map((kind) => topicOf(org, device, kind))

  return {
    addresses: [url],
    listen(listener) {
      listeners.push(listener)
      // the first listener receives the retained messages
      if (listeners.length === 1) void client.subscribeAsync(topics, { qos: 1 })
    },
    send: async (kind, text, retain = delivery[kind].retain) => {
      await client.publishAsync(topicOf(org, device, kind), text, { qos: delivery[kind].qos, retain })
    },
    async retained(kind) {
      const subscriber = await connect()
      try {
        return await new Promise((resolve, reject) => {
          const timeout = setTimeout(() => resolve(null), RETAINED_TIMEOUT_MS)
          subscriber.on('message', (_topic, payload, { retain }) => {
            if (!retain) return
            clearTimeout(timeout)
            resolve(payload)
          })
          subscriber.subscribeAsync(topicOf(org, device, kind), { qos: 1 }).catch(reject)
        })
      } finally {
        await subscriber.endAsync(true)
      }
    },
    own: null,
    close: async () => {
      // a retained configuration would affect the controller after the test
      await client.publishAsync(topicOf(org, device, 'config'), '', delivery.config)
      await client.endAsync()
    },
  }
}

/** A broker clears the retain flag of live messages: only retained ones have it. */
const toWireEvent = (topic: string, payload: Uint8Array, { qos, retain }: IPublishPacket): WireEvent => ({
  type: 'message',
  topic,
  payload,
  qos,
  retain: null,
  isRetained: retain,
})
