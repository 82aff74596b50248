/** A controller that has lost its memory: a new one in its place, or a flash that was wiped. */
import { expect, it } from 'vitest'
import { newLifecycle, reduceLifecycle } from '../../../../broker/contract/command-lifecycle/reduce.ts'
import type { CommandLifecycle, LifecycleEvent } from '../../../../broker/contract/command-lifecycle/types.ts'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import type { Ack, State } from '../../../../broker/contract/messages.ts'

const START_MS = 1_000_000
const MINUTE_MS = 60_000

it('F3, I6: an opening that the controller confirmed and then forgot is fenced, and never sent again', () => {
  const link = (sess: string, atMs: number) => ({ sess, n: 1, monoMs: 5_000, receivedAtMs: atMs })
  const step = (lifecycle: CommandLifecycle, event: Omit<LifecycleEvent, 'link'>, sess: string) =>
    reduceLifecycle(lifecycle, { ...event, link: link(sess, event.atMs) } as LifecycleEvent, standardTiming)
  const born = newLifecycle({
    id: 'an-order',
    valve: 'V1',
    seq: 7,
    durMs: 10 * MINUTE_MS,
    litres: null,
    expiresAtMs: START_MS + 15 * MINUTE_MS,
  })
  const sent = step(born, { type: 'tick', atMs: START_MS } as LifecycleEvent, 'b9.c1.old')
  expect(sent.send).toMatchObject([{ op: 'open', seq: 7 }])
  const ack: Ack = {
    sess: 'b9.c1.old',
    valve: 'V1',
    seq: 7,
    st: 'running',
    ranMs: 0,
    last: 7,
    jr: [],
    sv: 2,
  }
  const running = step(
    sent.lifecycle,
    { type: 'ack', ack, atMs: START_MS + 1_000 } as LifecycleEvent,
    'b9.c1.old',
  )
  expect(running.lifecycle.state).toBe('running')
  const state: State = {
    v: 1,
    sess: 'b1.c1.new',
    sv: 1,
    monoMs: 5_000,
    last: {},
    jr: [],
    capMs: 7_200_000,
    fw: 'x',
    utcOk: false,
    valves: [{ id: 'V1', pos: 'closed', fb: null, seq: 0, ranMs: 0, why: 'boot' }],
  }
  const told = step(
    running.lifecycle,
    { type: 'state', state, atMs: START_MS + 5 * MINUTE_MS } as LifecycleEvent,
    'b1.c1.new',
  )
  expect(told.send).toMatchObject([{ op: 'close', seq: 8, of: 7 }])
  const closed: Ack = {
    sess: 'b1.c1.new',
    valve: 'V1',
    seq: 8,
    st: 'done',
    ranMs: 0,
    last: 8,
    jr: [],
    sv: 2,
  }
  const over = step(
    told.lifecycle,
    { type: 'ack', ack: closed, atMs: START_MS + 5 * MINUTE_MS } as LifecycleEvent,
    'b1.c1.new',
  )
  expect(over.lifecycle).toMatchObject({ state: 'resolved', isBound: true })
  // unknown time counts as run time
  expect(over.lifecycle.ranMs).toBeGreaterThan(0)
})
