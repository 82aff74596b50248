/** The judge of the torture finds each rule of a controller broken, and nothing in a run that is right. */
import { describe, expect, it } from 'vitest'
import type { DeviceEvent, Flash } from '../../broker/contract/valve-device/types.ts'
import { emptyFlash } from '../../broker/contract/valve-device/device.ts'
import { valveJudge } from '../../bench/torture/support/valve-judge.ts'

const LEASE_MS = 120_000
const SESS = 'b1.c1.0a0b0c0d'

/** A controller that may be made to misbehave: each word is one entry of its trace, a second after the last. */
function device() {
  let atMs = 1_000_000
  let bootMs = atMs
  const judge = valveJudge('c1', { leaseMs: LEASE_MS, capMs: 7_200_000, slackMs: () => 1_000 })
  const took = (event: Record<string, unknown>) =>
    judge.observe(atMs, { type: 'event', event: { ...event, monoMs: atMs - bootMs } as DeviceEvent })
  const flash = (seq: number, isOpen = true): Flash => ({
    ...emptyFlash,
    last: { V1: seq },
    open: isOpen ? { V1: { seq, durMs: 60_000, litres: null } } : {},
  })
  const subject = {
    judge,
    rules: () => judge.violations().map(({ rule }) => rule),
    wait: (ms: number) => void (atMs += ms),
    boot() {
      bootMs = atMs
      judge.observe(atMs, { type: 'boot' })
    },
    connect: (nonce = '0a0b0c0d') => took({ type: 'connected', nonce }),
    beat: (n: number) =>
      judge.observe(atMs, {
        type: 'effect',
        effect: { type: 'publish', kind: 'heartbeat', message: { sess: SESS, n, monoMs: atMs - bootMs } },
      }),
    lease: (n: number, sess = SESS) => took({ type: 'lease', lease: { sess, n, mac: '' } }),
    order: (seq: number, more: Record<string, unknown> = {}, retained = false) =>
      took({
        type: 'command',
        retained,
        command: {
          op: 'open',
          valve: 'V1',
          seq,
          durMs: 60_000,
          sess: SESS,
          n: 1,
          expMonoMs: 60_000,
          ...more,
        },
      }),
    burn: (seq: number) =>
      judge.observe(atMs, { type: 'effect', effect: { type: 'write-flash', flash: flash(seq) } }),
    drive: (open: boolean) =>
      judge.observe(atMs, { type: 'effect', effect: { type: 'drive', valve: 'V1', open } }),
    fence(seq: number, fencedSeq: number) {
      took({
        type: 'command',
        retained: false,
        command: { op: 'close', valve: 'V1', seq, of: fencedSeq, sess: SESS },
      })
      const ack = { sess: SESS, valve: 'V1', seq, st: 'done' as const, ranMs: 0, last: seq, jr: [], sv: 1 }
      judge.observe(atMs, { type: 'effect', effect: { type: 'publish', kind: 'ack', message: ack } })
    },
    up() {
      subject.boot()
      subject.connect()
      subject.beat(1)
    },
    open(seq: number, more: Record<string, unknown> = {}, retained = false) {
      subject.order(seq, more, retained)
      subject.burn(seq)
      subject.drive(true)
    },
  }
  subject.up()
  return subject
}

describe('the judge of a controller', () => {
  it('accepts a run that ends by its duration, and measures how long water flowed', () => {
    const subject = device()
    subject.open(1)
    subject.wait(60_000)
    subject.drive(false)
    expect(subject.judge.violations()).toEqual([])
    expect(subject.judge.openings()).toMatchObject([
      { valve: 'V1', seq: 1, openedMs: 1_000_000, closedMs: 1_060_000 },
    ])
  })

  it('accepts a long run whose lease is renewed', () => {
    const subject = device()
    subject.open(1, { durMs: 300_000 })
    subject.wait(100_000)
    subject.beat(2)
    subject.lease(2)
    subject.wait(119_000)
    subject.drive(false)
    expect(subject.judge.violations()).toEqual([])
  })

  it.each<[string, string[], (subject: ReturnType<typeof device>) => void]>([
    [
      'a number that opens twice',
      ['I1'],
      (subject) => {
        subject.open(1)
        subject.drive(false)
        subject.open(1)
      },
    ],
    [
      'an opening before its number is used up',
      ['I1'],
      (subject) => {
        subject.order(1)
        subject.drive(true)
      },
    ],
    [
      'a run longer than commanded',
      ['I2'],
      (subject) => {
        subject.open(1)
        subject.wait(61_001)
        subject.drive(false)
      },
    ],
    ['an order for another session', ['I3'], (subject) => subject.open(1, { sess: 'b1.c0.ffffffff' })],
    ['a retained order that opens', ['I12', 'I3'], (subject) => subject.open(1, {}, true)],
    ['a retained order that does not', ['I12'], (subject) => subject.order(1, {}, true)],
    [
      'an expired command',
      ['I3'],
      (subject) => {
        subject.wait(60_001)
        subject.open(1)
      },
    ],
    [
      'a valve that is open without a lease',
      ['I4'],
      (subject) => {
        subject.open(1, { durMs: 600_000 })
        subject.wait(121_001)
        subject.drive(false)
      },
    ],
    [
      'a lease of another session, which counts for nothing',
      ['I4'],
      (subject) => {
        subject.open(1, { durMs: 600_000 })
        subject.wait(60_000)
        subject.beat(2)
        subject.lease(2, 'b1.c0.ffffffff')
        subject.wait(61_001)
        subject.drive(false)
      },
    ],
    [
      'a valve that is driven open by the start',
      ['I5'],
      (subject) => {
        subject.judge.observe(2_000_000, { type: 'power-lost' })
        subject.boot()
        subject.drive(true)
      },
    ],
    [
      'an opening after a higher close was acknowledged',
      ['I7'],
      (subject) => {
        subject.fence(3, 2)
        subject.open(2)
      },
    ],
  ])('finds %s', (_, rules, doWrong) => {
    const subject = device()
    doWrong(subject)
    expect(subject.rules()).toEqual(rules)
  })

  it('a power cut closes open valves', () => {
    const subject = device()
    subject.open(1)
    subject.judge.observe(1_030_000, { type: 'power-lost' })
    expect(subject.judge.openings()).toMatchObject([{ closedMs: 1_030_000 }])
  })
})
