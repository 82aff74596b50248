/** The rate at the door: a flood of strangers keeps no farm out. */
import { describe, expect, it } from 'vitest'
import {
  connectionLimiter,
  type ConnectionLimiter,
  type Slot,
} from '../../../broker/access/connection-limits.ts'
import { noLimits } from '../../../broker/access/limits.ts'

function doorAt(connects: number): { door: ConnectionLimiter; pass(forMs: number): void } {
  let nowMs = 0
  const door = connectionLimiter({ limits: { ...noLimits, connects }, lagMs: () => 0, nowMs: () => nowMs })
  return { door, pass: (forMs) => void (nowMs += forMs) }
}

/** How many of so many come in. */
function come(door: ConnectionLimiter, address: (index: number) => string, many: number): number {
  let taken = 0
  for (let index = 0; index < many; index++)
    if (typeof door.acquire(address(index), () => {}) !== 'string') taken++
  return taken
}

function signIn(door: ConnectionLimiter, address: string): Slot {
  const visit = door.acquire(address, () => {})
  if (typeof visit === 'string') throw new Error(`${address} was refused: ${visit}`)
  expect(visit.admit('farm', 'probe').ok).toBe(true)
  return visit
}

describe('the rate of new connections', () => {
  it('unauthenticated clients share one, from any number of addresses', () => {
    const { door, pass } = doorAt(100)
    expect(come(door, (index) => `203.0.113.${index % 250}`, 1_000)).toBe(200)
    pass(1_000)
    expect(come(door, (index) => `203.0.113.${index % 250}`, 1_000)).toBe(100)
  })

  it('where a device has signed in, unauthenticated clients elsewhere use none of its rate', () => {
    const { door } = doorAt(100)
    signIn(door, '192.0.2.1').release()
    come(door, (index) => `203.0.113.${index % 250}`, 1_000)
    expect(come(door, () => '192.0.2.1', 1_000)).toBe(200)
    expect(come(door, () => '192.0.2.2', 1)).toBe(0)
  })

  it('signing in again does not refill it', () => {
    const { door } = doorAt(100)
    signIn(door, '192.0.2.1').release()
    for (let i = 0; i < 200; i++) signIn(door, '192.0.2.1').release()
    expect(door.acquire('192.0.2.1', () => {})).toBe('rate')
  })
})
