/** Said against stored: the bench must see a single lost reading, and a single one that was taken twice. */
import { describe, expect, it } from 'vitest'
import { compare, type SentMessages } from '../../bench/support/compare.ts'
import { messages } from '../../bench/support/messages.ts'
import { parseTelemetry } from '../../broker/contract/messages.ts'

const text: SentMessages = new Map([
  [
    'probe-1',
    [
      { atMs: 1_000, value: 20, isAcked: true },
      { atMs: 1_100, value: 20.1, isAcked: true },
      { atMs: 1_200, value: 20.2, isAcked: false },
    ],
  ],
])
const stored = (...readings: [number, number][]) => new Map([['probe-1', new Map(readings)]])

describe('sent against stored', () => {
  it('finds no fault when all is stored; an unacknowledged reading may be stored or not', () => {
    const fine = { acked: 2, lost: 0, doubled: 0 }
    expect(compare(text, stored([1_000, 20], [1_100, 20.1]))).toEqual(fine)
    expect(compare(text, stored([1_000, 20], [1_100, 20.1], [1_200, 20.2]))).toEqual(fine)
  })

  it('counts an acknowledged reading that is missing, and one with another value', () => {
    expect(compare(text, stored([1_000, 20])).lost).toBe(1)
    expect(compare(text, stored([1_000, 20], [1_100, 19])).lost).toBe(1)
    expect(compare(text, new Map()).lost).toBe(2)
  })

  it('counts a reading stored again a millisecond later: a message accepted twice', () => {
    expect(compare(text, stored([1_000, 20], [1_001, 20], [1_100, 20.1])).doubled).toBe(1)
  })
})

describe('the messages of the bench', () => {
  it('are telemetry of the contract', () => {
    const source = messages(1, () => Date.UTC(2026, 6, 6, 5, 20))
    const read = parseTelemetry(source.payload(0, 7))
    expect(read.ok && read.value).toMatchObject({
      n: 7,
      time: '2026-07-06T05:20:00.000Z',
      measurements: [{ soil: { depth: 30, moisture: 20.7 } }],
    })
  })

  it('keep their instant when resent, and leave room for a duplicate in between', () => {
    const source = messages(1, () => 1_000)
    source.payload(0, 1)
    source.payload(0, 2)
    source.payload(0, 1)
    expect([source.atMsOf(0, 1), source.atMsOf(0, 2), source.atMsOf(0, 3)]).toEqual([1_000, 1_002, undefined])
  })
})
