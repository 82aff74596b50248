/** A broker that runs already: conform is one client more on it. What it does not show is not judged. */
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

// a broker hands out what it has kept at once
const RETAINED_TIMEOUT_MS = 2_000

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
  const takers: ((word: WireEvent) => void)[] = []
  client.on('message', (topic, payload, packet) => {
    for (const take of takers) take(toWireEvent(topic, payload, packet))
  })
  const topics = deviceKinds.map((kind) => topicOf(org, device, kind))

  return {
    addresses: [url],
    listen(take) {
      takers.push(take)
      // the first taker hears what the broker has kept
      if (takers.length === 1) void client.subscribeAsync(topics, { qos: 1 })
    },
    send: async (kind, text, retain = delivery[kind].retain) => {
      await client.publishAsync(topicOf(org, device, kind), text, { qos: delivery[kind].qos, retain })
    },
    async retained(kind) {
      const ear = await connect()
      try {
        return await new Promise((resolve, reject) => {
          const over = setTimeout(() => resolve(null), RETAINED_TIMEOUT_MS)
          ear.on('message', (_topic, payload, { retain }) => {
            if (!retain) return
            clearTimeout(over)
            resolve(payload)
          })
          ear.subscribeAsync(topicOf(org, device, kind), { qos: 1 }).catch(reject)
        })
      } finally {
        await ear.endAsync(true)
      }
    },
    own: null,
    close: async () => {
      // a configuration that stayed here would bind the controller after the test
      await client.publishAsync(topicOf(org, device, 'config'), '', delivery.config)
      await client.endAsync()
    },
  }
}

/** A broker takes the retain flag off what it forwards at once: only what it has kept carries it. */
const toWireEvent = (topic: string, payload: Uint8Array, { qos, retain }: IPublishPacket): WireEvent => ({
  type: 'message',
  topic,
  payload,
  qos,
  retain: null,
  isRetained: retain,
})
