/** Plays a sequence of bytes against a real broker, and fails at the first unexpected packet. */
import { expect } from 'vitest'
import type { BrokerRig } from '../rig.ts'
import * as packets from './packets.ts'
import { openRaw, type RawClient } from './raw-client.ts'

/** What happens, in order. `by` is who: one connection each, opened when it is first named. */
export type Step =
  | { do: 'send'; by: string; parts: Buffer[] }
  | { do: 'send-slowly'; by: string; part: Buffer }
  | { do: 'hear'; by: string; packet: Buffer }
  /** a PUBLISH with QoS 1: its id is the broker's to choose, but it may not be one that is still open */
  | { do: 'hear-qos1'; by: string; topic: string; message: string; retain: boolean; acknowledges: boolean }
  | { do: 'hear-close'; by: string }
  /** nothing else has come, and the connection answers */
  | { do: 'is-open'; by: string }
  /** ends its half of the connection, as who has said all */
  | { do: 'hang-up'; by: string }
  | { do: 'drop'; by: string }

export interface Sequence {
  /** of the OASIS text */
  statement: `MQTT-${string}`
  /** what it asks for here */
  says: string
  steps: Step[]
}

export async function play(rig: BrokerRig, { steps }: Sequence): Promise<void> {
  const clients = new Map<string, RawClient>()
  const openIds = new Map<string, Set<number>>()
  for (const step of steps) {
    const client = clients.get(step.by) ?? (await openRaw(rig.broker.port))
    clients.set(step.by, client)
    await act(client, step, openIds)
  }
  for (const client of clients.values()) client.drop()
}

async function act(client: RawClient, step: Step, openIds: Map<string, Set<number>>): Promise<void> {
  switch (step.do) {
    case 'send':
      return client.send(...step.parts)
    case 'send-slowly':
      return client.sendSlowly(step.part)
    case 'hear':
      return expect(shown(await client.next()), step.by).toBe(shown(step.packet))
    case 'hear-qos1': {
      const came = await client.next()
      const id = came === 'closed' ? 0 : packetId(came)
      const { topic, message, retain, by } = step
      expect(shown(came), by).toBe(shown(packets.publish(topic, message, { qos: 1, retain, id })))
      const open = openIds.get(by) ?? new Set()
      openIds.set(by, open)
      expect(id, 'packet id').toBeGreaterThan(0)
      expect([...open], 'ids that are not acknowledged yet').not.toContain(id)
      if (step.acknowledges) await client.send(packets.puback(id))
      else open.add(id)
      return
    }
    case 'hear-close':
      return expect(shown(await client.next()), step.by).toBe('closed')
    case 'is-open':
      await client.send(packets.pingreq)
      return expect(shown(await client.next()), step.by).toBe(shown(packets.pingresp))
    case 'hang-up':
      return client.hangUp()
    case 'drop':
      return client.drop()
  }
}

const packetId = (publish: Buffer): number => {
  const header = publish[1]! < 0x80 ? 2 : 3
  const at = header + 2 + publish.readUInt16BE(header)
  return at + 2 <= publish.length ? publish.readUInt16BE(at) : 0
}

const shown = (came: Buffer | 'closed'): string => (came === 'closed' ? came : came.toString('hex'))
