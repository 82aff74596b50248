import { describe, expect, it } from 'vitest'
import { nextCheckMs } from '../../../../broker/contract/command-lifecycle/timers.ts'
import { newLifecycle, reduceLifecycle } from '../../../../broker/contract/command-lifecycle/reduce.ts'
import type {
  CommandLifecycle,
  LifecycleEvent,
  Link,
} from '../../../../broker/contract/command-lifecycle/types.ts'
import { scaleTiming, standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'

const T0 = 1_800_000_000_000
const link: Link = { sess: 'b1.c1.a', n: 3, monoMs: 20_000, receivedAtMs: T0 }
const fresh = newLifecycle({
  id: 'command-1',
  valve: 'V1',
  seq: 5,
  durMs: 600_000,
  litres: null,
  expiresAtMs: T0 + 900_000,
})
type Bare<T> = T extends unknown ? Omit<T, 'atMs' | 'link'> : never
const step = (life: CommandLifecycle, atMs: number, event: Bare<LifecycleEvent>, via: Link | null = link) =>
  reduceLifecycle(life, { ...event, atMs, link: via } as LifecycleEvent, standardTiming)
const sent = step(fresh, T0, { type: 'tick' }).lifecycle
const ack = (changes: object) => ({
  sess: link.sess,
  valve: 'V1',
  seq: 5,
  st: 'running' as const,
  ranMs: 0,
  last: 5,
  jr: [],
  sv: 1,
  ...changes,
})

describe('the lifecycle of an opening', () => {
  it('is sent only on a heartbeat of at most 15 s, and expires unsent after its time', () => {
    expect(step(fresh, T0 + 15_001, { type: 'tick' }).send).toEqual([])
    const { lifecycle, send } = step(fresh, T0 + 15_000, { type: 'tick' })
    expect(lifecycle.state).toBe('sent')
    expect(send).toMatchObject([{ op: 'open', seq: 5, n: 3, sess: 'b1.c1.a', expMonoMs: 80_000 }])
    expect(step(fresh, T0 + 900_001, { type: 'tick' }).lifecycle).toMatchObject({
      state: 'expired',
      ranMs: 0,
    })
  })

  it('is resent under the same number every 5 s', () => {
    expect(step(sent, T0 + 4_999, { type: 'tick' }).send).toEqual([])
    expect(step(sent, T0 + 5_000, { type: 'tick' }).send).toMatchObject([{ op: 'open', seq: 5 }])
    expect(nextCheckMs(sent, link, T0, standardTiming)).toBe(T0 + 5_000)
  })

  it('without an ack for 90 s it is fenced with the next number, until the device has responded', () => {
    const { lifecycle, send } = step(sent, T0 + 90_000, { type: 'tick' })
    expect(lifecycle.state).toBe('fencing')
    expect(send).toMatchObject([{ op: 'close', seq: 6, of: 5 }])
    const answer = ack({
      seq: 6,
      st: 'done',
      last: 6,
      jr: [{ valve: 'V1', seq: 5, ranMs: 0, why: 'command' }],
    })
    expect(step(lifecycle, T0 + 95_000, { type: 'ack', ack: answer }).lifecycle).toMatchObject({
      state: 'resolved',
      ranMs: 0,
      isBound: false,
    })
  })

  it('a device that has used higher numbers is fenced above them', () => {
    const heard = step(sent, T0 + 1_000, {
      type: 'ack',
      ack: ack({ st: 'rejected', why: 'sess', last: 4, seq: 3 }),
    })
    const ahead = step(heard.lifecycle, T0 + 2_000, { type: 'ack', ack: ack({ st: 'dup', last: 17 }) })
    expect(ahead.send).toMatchObject([{ op: 'close', seq: 18, of: 5 }])
  })

  it('out of contact while open: unknown after 90 s, and the longest possible run is duration or lease', () => {
    const running = step(sent, T0 + 500, { type: 'ack', ack: ack({}) }).lifecycle
    expect(running.boundAtMs).toBe(T0 + 600_500)
    const unknown = step(running, T0 + 90_000, { type: 'tick' }).lifecycle
    expect(unknown.state).toBe('unknown')
    const over = step(unknown, unknown.boundAtMs! + standardTiming.reconcileMs + 1, {
      type: 'tick',
    }).lifecycle
    // no lease was given after the heartbeat that the opening answered: 120 s
    expect(over).toMatchObject({ state: 'resolved', outcome: 'unconfirmed', ranMs: 120_000, isBound: true })
  })

  it('after a restart the leases are unknown: the whole duration is the bound', () => {
    const running = step(sent, T0 + 500, { type: 'ack', ack: ack({}) }).lifecycle
    const again = step(running, T0 + 20_000, { type: 'restart' }, null).lifecycle
    expect(again.state).toBe('unknown')
    const over = step(
      again,
      again.boundAtMs! + standardTiming.reconcileMs + 1,
      { type: 'tick' },
      null,
    ).lifecycle
    expect(over).toMatchObject({ state: 'resolved', ranMs: 600_000, isBound: true })
  })

  it('a clock set back ten years neither delays the command for ever nor opens on an old heartbeat', () => {
    const early = T0 - 10 * 365 * 86_400_000
    const { lifecycle, send } = step(sent, early, { type: 'tick' })
    expect(send).toEqual([])
    expect(lifecycle.boundAtMs).toBeLessThanOrEqual(early + 660_000)
  })
})

describe('the intervals', () => {
  it('stretch together; the window of a run is farm time and stays', () => {
    const slow = scaleTiming(standardTiming, 60)
    expect(slow).toMatchObject({ leaseMs: 7_200_000, heartbeatIdleMs: 600_000, missedWindowMs: 900_000 })
    expect(() => scaleTiming(standardTiming, 0)).toThrow(RangeError)
  })
})
