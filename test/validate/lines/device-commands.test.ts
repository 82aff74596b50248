/** The line itself: a message, a bound or an answer that differs does not pass unseen. */
import { describe, expect, it } from 'vitest'
import type { CommandVector } from '../command-vectors.ts'
import { commandScores } from './device-commands.ts'

const vector: CommandVector = {
  id: 'relay-open',
  driver: 'tasmota-relay',
  intent: { op: 'open', valve: 'V1', durMs: 300_000 },
  send: [
    { transport: 'mqtt', topic: 'cmnd/relay/PulseTime1', qos: 1, retain: false, payload: '400' },
    { waitFor: { topic: 'stat/relay/RESULT', match: { 'PulseTime1.Set': 400 } }, withinMs: 5000 },
    { transport: 'mqtt', topic: 'cmnd/relay/Power1', qos: 1, retain: false, payload: 'ON' },
  ],
  bound: { inDevice: true, stepMs: 1000, minMs: 12_000, maxMs: 1_800_000 },
  ack: [{ topic: 'stat/relay/RESULT', match: { 'POWER1|POWER': 'ON' }, withinMs: 5000, means: 'running' }],
}
const refused: CommandVector = {
  id: 'valve-refused',
  driver: 'z2m-woox-r7060',
  intent: { op: 'open', valve: 'V1', durMs: 300_000 },
  send: [],
  refused: {
    code: 'VALVE_UNBOUNDED',
    why: 'exposes state alone: nothing in the device ends a run',
    mayClose: true,
    mayBeRead: true,
  },
}
const met = (...vectors: CommandVector[]) => commandScores(vectors).map(({ isMet }) => isMet)
const changed = (change: (copy: CommandVector) => void, of = vector) => {
  const copy = structuredClone(of)
  change(copy)
  return copy
}

describe('device-commands', () => {
  it('passes when every message, bound and answer is as documented', () =>
    expect(met(vector, refused)).toEqual([true, true, true]))
  it.each([
    ['a payload', (copy: CommandVector) => (copy.send[0]!.payload = '401'), 0],
    ['the order', (copy: CommandVector) => copy.send.reverse(), 0],
    ['a repeated message', (copy: CommandVector) => copy.send.push(copy.send[2]!), 0],
    ['the read-back', (copy: CommandVector) => copy.send.splice(1, 1), 0],
    ['a bound', (copy: CommandVector) => (copy.bound!.minMs = 1_000), 1],
    ['an answer', (copy: CommandVector) => (copy.ack![0]!.means = 'rejected'), 2],
    ['an unknown driver', (copy: CommandVector) => (copy.driver = 'tasmota-new'), 0],
  ])('fails when %s differs', (_, change, figure) => expect(met(changed(change))[figure]).toBe(false))
  it('fails when a valve that must be refused is opened, or one that opens is refused', () => {
    const { refused: refusal } = refused
    expect(met(changed((copy) => (copy.refused = refusal!)))).toContain(false)
    expect(met(changed((copy) => delete copy.refused, refused))[0]).toBe(false)
  })
  it('fails without a vector', () => expect(met()).toContain(false))
})
