/** The name on the local network, over real multicast of this machine. */
import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { getResponder, type Responder } from '@homebridge/ciao'
import { announceLocalName, type LocalName } from '../../../../services/adapters/mdns/local-name.ts'

const logged: string[] = []
const line = (_: object, text: string) => void logged.push(text)
const log = { debug() {}, info() {}, warn: line, error: line }
// no other run of the tests on this network has the name
const NAME = `tilth-test-${process.pid}`
const names: LocalName[] = []
let others: Responder[] = []

afterEach(async () => {
  for (const name of names.splice(0)) await name.stop()
  for (const other of others) await other.shutdown()
  others = []
  logged.length = 0
})

function announce(name: string): LocalName {
  const announced = announceLocalName({ name, service: { type: 'https', port: 8443 }, log })
  names.push(announced)
  return announced
}

/** Sends a one-shot query (RFC 6762, 5.1) and returns the responses that mention the text, as Latin text. */
function query(name: string, type: number, mention: string): Promise<string> {
  const socket = createSocket('udp4')
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]))
  const header = Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  const packet = Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])])
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => socket.send(packet, 5353, '224.0.0.251'), 500)
    const limit = setTimeout(() => end(() => reject(new Error(`no response for ${name}`))), 8_000)
    const end = (then: () => void) => {
      clearInterval(timer)
      clearTimeout(limit)
      socket.close(then)
    }
    socket.on('message', (message) => {
      const text = message.toString('latin1')
      if (text.includes(mention)) end(() => resolve(text))
    })
    socket.send(packet, 5353, '224.0.0.251')
  })
}
const A = 1
const PTR = 12

describe('the local name', { timeout: 30_000 }, () => {
  it('answers with an address, and names its service', async () => {
    const name = announce(NAME)
    expect(name.current()).toBeNull()
    await name.settled
    expect(logged).toEqual([])
    expect(name.current()).toBe(`${NAME}.local`)
    expect(await query(`${NAME}.local`, A, NAME)).toContain(NAME)
    expect(await query('_https._tcp.local', PTR, NAME)).toContain('Tilth')
  })

  it('is the next one when another Tilth has it, with one line', async () => {
    // another responder: its options differ, so that it has its own sockets
    const other = getResponder({ ignoreUnicastResponseFlag: true, periodicBroadcasts: false })
    others.push(other)
    await other
      .createService({ name: 'Tilth', type: 'https', port: 1, hostname: `${NAME}-c`, txt: { path: '/' } })
      .advertise()
    await query(`${NAME}-c.local`, A, `${NAME}-c`)
    const name = announce(`${NAME}-c`)
    await name.settled
    expect(name.current()).toBe(`${NAME}-c-2.local`)
    expect(logged).toEqual([`another machine is ${NAME}-c.local; this Tilth has the next free name`])
  })

  it('is withdrawn when Tilth stops, also while it is being announced', async () => {
    const name = announce(`${NAME}-s`)
    await name.stop()
    expect(name.current()).toBeNull()
    names.length = 0
  })
})
