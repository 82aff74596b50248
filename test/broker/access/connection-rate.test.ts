/** The rate at the door: a flood of strangers keeps no farm out. */
import { describe, expect, it } from 'vitest'
import { makeDoor, type Door, type Visit } from '../../../broker/access/connection-limits.ts'
import { noLimits } from '../../../broker/access/limits.ts'

function doorAt(connects: number): { door: Door; pass(forMs: number): void } {
  let nowMs = 0
  const door = makeDoor({ limits: { ...noLimits, connects }, lagMs: () => 0, nowMs: () => nowMs })
  return { door, pass: (forMs) => void (nowMs += forMs) }
}

/** How many of so many come in. */
function come(door: Door, address: (index: number) => string, many: number): number {
  let taken = 0
  for (let index = 0; index < many; index++)
    if (typeof door.enter(address(index), () => {}) !== 'string') taken++
  return taken
}

function signIn(door: Door, address: string): Visit {
  const visit = door.enter(address, () => {})
  if (typeof visit === 'string') throw new Error(`${address} was refused: ${visit}`)
  expect(visit.admit('farm', 'probe').ok).toBe(true)
  return visit
}

describe('the rate of new connections', () => {
  it('strangers share one, from however many addresses', () => {
    const { door, pass } = doorAt(100)
    expect(come(door, (index) => `203.0.113.${index % 250}`, 1_000)).toBe(200)
    pass(1_000)
    expect(come(door, (index) => `203.0.113.${index % 250}`, 1_000)).toBe(100)
  })

  it('where a device has signed in, strangers elsewhere take nothing', () => {
    const { door } = doorAt(100)
    signIn(door, '192.0.2.1').leave()
    come(door, (index) => `203.0.113.${index % 250}`, 1_000)
    expect(come(door, () => '192.0.2.1', 1_000)).toBe(200)
    expect(come(door, () => '192.0.2.2', 1)).toBe(0)
  })

  it('signing in again does not fill it anew', () => {
    const { door } = doorAt(100)
    signIn(door, '192.0.2.1').leave()
    for (let i = 0; i < 200; i++) signIn(door, '192.0.2.1').leave()
    expect(door.enter('192.0.2.1', () => {})).toBe('rate')
  })
})
