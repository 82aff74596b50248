import { duplexPair } from 'node:stream'
import { Aedes } from 'aedes'
import { generate } from 'mqtt-packet'
import { expect, it } from 'vitest'
import { trimParser } from '../../../broker/packets/aedes-parser.ts'

it('the parser of a client has no stream of its own, and reads packets that arrive byte by byte', async () => {
  const broker = await Aedes.createBroker()
  const [device, connection] = duplexPair()
  const client = broker.handle(connection)
  const list = () => (client as unknown as { _parser: { _list: object } })._parser._list
  expect(list()).toHaveProperty('_writableState') // otherwise trimParser is not needed any more
  trimParser(client)
  expect(list()).not.toHaveProperty('_writableState')

  const published = new Promise<string>((resolve) => {
    broker.on('publish', ({ payload }, from) => void (from === client && resolve(payload.toString())))
  })
  const packets = [
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'a',
      keepalive: 60,
    }),
    generate({
      cmd: 'publish',
      topic: 't',
      payload: 'in parts',
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    }),
  ]
  for (const byte of Buffer.concat(packets)) device.write(Buffer.from([byte]))
  expect(await published).toBe('in parts')
  await new Promise<void>((resolve) => broker.close(() => resolve()))
})
