/** A controller that has lost its memory: a new one in its place, or a flash that was wiped. */
import { expect, it } from 'vitest'
import {
  newLife,
  reduceLife,
  standardTiming,
  type CommandLife,
  type LifeEvent,
} from '../../../../broker/contract/command-life/reduce.ts'
import type { Ack, State } from '../../../../broker/contract/messages.ts'

const START_MS = 1_000_000
const MINUTE_MS = 60_000

it('F3, I6: an opening that the controller confirmed and then forgot is fenced, and never sent again', () => {
  const link = (sess: string, atMs: number) => ({ sess, n: 1, monoMs: 5_000, heardAtMs: atMs })
  const step = (life: CommandLife, event: Omit<LifeEvent, 'link'>, sess: string) =>
    reduceLife(life, { ...event, link: link(sess, event.atMs) } as LifeEvent, standardTiming)
  const born = newLife({
    id: 'an-order',
    valve: 'V1',
    seq: 7,
    durMs: 10 * MINUTE_MS,
    litres: null,
    notAfterMs: START_MS + 15 * MINUTE_MS,
  })
  const sent = step(born, { type: 'tick', atMs: START_MS } as LifeEvent, 'b9.c1.old')
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
  const running = step(sent.life, { type: 'ack', ack, atMs: START_MS + 1_000 } as LifeEvent, 'b9.c1.old')
  expect(running.life.state).toBe('running')
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
    running.life,
    { type: 'state', state, atMs: START_MS + 5 * MINUTE_MS } as LifeEvent,
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
    told.life,
    { type: 'ack', ack: closed, atMs: START_MS + 5 * MINUTE_MS } as LifeEvent,
    'b1.c1.new',
  )
  expect(over.life).toMatchObject({ state: 'resolved', isBound: true })
  // what nobody knows counts as run
  expect(over.life.ranMs).toBeGreaterThan(0)
})
