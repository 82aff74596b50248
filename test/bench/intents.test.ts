/** The accounts of the torture that need no controller find what is wrong, and nothing in what is right. */
import { describe, expect, it } from 'vitest'
import { limits, overLimit } from '../../bench/torture/support/pump-limits.ts'
import { untraced } from '../../bench/torture/support/origins.ts'
import type { Opening } from '../../bench/torture/support/valve-judge.ts'

describe('I11: valves open together on a pump or main', () => {
  const opening = (device: string, valve: string, openedMs: number, closedMs: number | null): Opening => ({
    device,
    valve,
    seq: 1,
    durMs: 60_000,
    openedMs,
    closedMs,
    leases: [],
  })
  const [entry, two] = ['controller-1', 'controller-2'] as const
  const three = [
    opening(entry, 'V1', 0, 60_000),
    opening(entry, 'V2', 1_000, 61_000),
    opening(two, 'V1', 2_000, null),
  ]

  it('detects the fourth valve on a main for three, although each pump would feed it', () => {
    expect(overLimit(three, limits, 1_000)).toEqual([])
    expect(overLimit([...three, opening(two, 'V2', 30_000, 40_000)], limits, 1_000)).toEqual([
      'main: 4 of 3 as controller-2 V2 1 opened',
    ])
  })

  it('allows one that opens as another closes, within the delay of the machine', () => {
    const follows = (openedMs: number) => [...three, opening(two, 'V2', openedMs, 90_000)]
    expect(overLimit(follows(60_000), limits, 1_000)).toEqual([])
    expect(overLimit(follows(59_500), limits, 1_000)).toEqual([])
    expect(overLimit(follows(58_500), limits, 1_000)).toHaveLength(1)
  })

  it('ignores valves of other pumps', () => {
    const others = ['V1', 'V2'].flatMap((valve) => [opening('controller-3', valve, 0, null)])
    expect(overLimit([...three, ...others], limits, 0)).toEqual([])
  })
})

describe('I13: the origin of a command', () => {
  const run = { id: 'run-1', planVersion: '', actor: 'user-sato' }
  const word = { kind: 'start' as const, state: 'accepted' as const, resultId: 'run-1', actor: 'user-sato' }
  const order = { id: 'c1', runId: 'run-1', actor: 'user-sato' }
  const planned = { id: 'run-2', planVersion: 'p7', actor: 'plan' }

  it('is a person whose start was accepted, or the plan version of the run', () => {
    expect(untraced([order], [run], [word])).toEqual([])
    expect(untraced([{ id: 'c2', runId: 'run-2', actor: 'plan:p7' }], [planned], [])).toEqual([])
  })

  it.each([
    ['of a person who was refused', order, [run], [{ ...word, state: 'refused' as const }]],
    ['of a person who said nothing', order, [run], []],
    ['in the name of another', { ...order, actor: 'user-ito' }, [run], [word]],
    ['of another version of the plan', { id: 'c2', runId: 'run-2', actor: 'plan:p8' }, [planned], []],
    [
      'of a plan without a version',
      { id: 'c2', runId: 'run-2', actor: 'plan:' },
      [{ ...planned, planVersion: '' }],
      [],
    ],
    ['of no run', { ...order, runId: null }, [run], [word]],
  ])('an order %s is found', (_, output, runs, requests) => {
    expect(untraced([output], runs, requests)).toHaveLength(1)
  })
})
