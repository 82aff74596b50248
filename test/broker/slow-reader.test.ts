/** A device that stops reading: it delays nobody, and is cut off. */
import { connect } from 'node:net'
import mqtt from 'mqtt'
import { expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import { connect as connectPacket, subscribe } from './conformance/packets.ts'
import { eventually, startBrokerRig } from './rig.ts'

// to the frozen one together 9 MB: more than the network between and the broker hold for one that does not read
const MESSAGES = 9_000
const large = Buffer.alloc(1_000, ' ') // as large as a command may be
const small = Buffer.alloc(200, ' ')

it('a reader that has stopped reading is cut off, and the others are handed everything', async () => {
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
  for (let i = 0; i < MESSAGES; i++) {
    server.publish(topicOf('coop', 'frozen', 'command'), large, { qos: 0 })
    server.publish(topicOf('coop', 'reader', 'command'), small, { qos: 0 })
    // the network between has its turn
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await eventually(() => heard === MESSAGES, 20_000)
  await eventually(() => rig.broker.counters().readersCutOff === 1, 20_000)
  await eventually(() => rig.broker.connected() === 1)
  expect(rig.broker.counters().readersCutOff).toBe(1) // one reader, however many messages waited for it
  expect(reader.connected).toBe(true)
  server.end(true)
  frozen.destroy()
  await rig.stop()
})
