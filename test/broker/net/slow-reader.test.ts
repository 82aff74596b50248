/** A device that stops reading: it delays nobody, and is cut off. */
import { connect } from 'node:net'
import mqtt from 'mqtt'
import { expect, it } from 'vitest'
import { topicOf } from '../../../broker/contract/topics.ts'
import { connect as connectPacket, subscribe } from '../conformance/packets.ts'
import { eventually, startBrokerRig } from '../rig.ts'

const small = Buffer.alloc(200, ' ')

// to the frozen one more than the network between and the broker hold for one that does not read
const floods = [
  { messages: 9_000, bytes: 1_000, sentAtOnce: 10 }, // as large as a command may be
  { messages: 300, bytes: 60_000, sentAtOnce: 1 },
]

it.each(floods)(
  'a reader that has stopped reading is disconnected, and the others receive everything: %o',
  async (flood) => {
    const { messages, sentAtOnce } = flood
    const large = Buffer.alloc(flood.bytes, ' ')
    const rig = await startBrokerRig()
    for (const id of ['frozen', 'reader']) rig.register('coop', id)
    const frozen = connect({ port: rig.broker.port, host: '127.0.0.1' })
    frozen.on('error', () => {})
    frozen.write(connectPacket({ id: 'frozen' }))
    frozen.write(subscribe(1, [topicOf('coop', 'frozen', 'command'), 1]))
    frozen.pause()
    const reader = await rig.connect('reader')
    let heard = 0
    reader.on('message', () => heard++)
    await reader.subscribeAsync(topicOf('coop', 'reader', 'command'), { qos: 1 })
    await eventually(() => rig.broker.connected() === 2)

    const server = new mqtt.MqttClient(() => rig.broker.openInternal() as never, { keepalive: 0 })
    for (let i = 0; i < messages; i++) {
      server.publish(topicOf('coop', 'frozen', 'command'), large, { qos: 0 })
      server.publish(topicOf('coop', 'reader', 'command'), small, { qos: 0 })
      // the network between has its turn
      if (i % sentAtOnce === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await eventually(() => heard === messages, 20_000)
    await eventually(() => rig.broker.counters().readersCutOff === 1, 20_000)
    await eventually(() => rig.broker.connected() === 1)
    expect(rig.broker.counters().readersCutOff).toBe(1) // one reader, however many messages waited for it
    expect(reader.connected).toBe(true)
    server.end(true)
    frozen.destroy()
    await rig.stop()
  },
)

it('messages without a subscriber are handled once each, and leave the order of the next ones intact', async () => {
  const rig = await startBrokerRig()
  rig.register('coop', 'reader')
  const reader = await rig.connect('reader')
  const heard: string[] = []
  reader.on('message', (_topic, payload) => heard.push(String(payload)))
  await reader.subscribeAsync(topicOf('coop', 'reader', 'command'), { qos: 1 })

  const server = new mqtt.MqttClient(() => rig.broker.openInternal() as never, { keepalive: 0 })
  const sent = Array.from({ length: 200 }, (_, i) => String(i))
  for (const text of sent) {
    server.publish(topicOf('coop', 'nobody', 'command'), Buffer.alloc(60_000, ' '), { qos: 0 })
    server.publish(topicOf('coop', 'reader', 'command'), text, { qos: 0 })
  }
  await eventually(() => heard.length >= sent.length, 20_000)
  expect(heard).toEqual(sent)
  expect(rig.broker.internalTraffic().received).toBe(2 * sent.length)
  server.end(true)
  reader.end(true)
  await rig.stop()
})
