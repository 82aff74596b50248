/** The monitors of the running farm on the model's traces: each reports a protocol that lacks a guard. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { damagedProtocol, mutants } from '../protocol/protocol-gate.ts'
import type { Action, Protocol } from '../protocol/protocol-model.ts'
import { attackDoses, attacks } from '../protocol/protocol-runs.ts'
import { found, whole } from './monitor-findings.ts'

const pass = (ms: number): Action => ({ do: 'pass', ms })
const hear: Action = { do: 'deliver', up: true, index: 0, again: false, retained: false }
const tell = (again = false): Action => ({ do: 'deliver', up: false, index: 0, again, retained: false })

const runsOn = [pass(450_000)]
const outlivesItsLease: Action[] = [pass(10_000), { do: 'disconnect' }, pass(130_000), { do: 'reconnect' }]
const leaseComesLate: Action[] = [
  ...[pass(10_000), { do: 'hold' } as const, pass(5_000), hear, pass(100_000), tell(true), pass(60_000)],
  ...[{ do: 'disconnect' } as const, { do: 'reconnect' } as const, hear, hear],
]
/** An order that was stopped on its way and reaches the controller when its time is over, and its server has ended it. */
const comesLate: Action[] = [
  ...[pass(10_000), { do: 'hold' } as const, { do: 'stop' } as const, tell(), hear, hear, hear],
  ...[{ do: 'stop' } as const, pass(70_000), tell(), ...Array<Action>(14).fill(hear)],
]

describe('the monitors, without a guard', () => {
  let folder: string
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tilth-monitors-'))))
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['I1', 'sequence watermark', Object.values(attacks)],
    ['I7', 'close raises watermark', Object.values(attacks)],
    ['I1', 'a refusal uses its number up', Object.values(attacks)],
    ['I2', 'the duration', [runsOn]],
    ['I6', 'the duration', [runsOn]],
    ['I8', 'the duration', [runsOn]],
    ['I3', 'expiry', [comesLate]],
    ['I4', 'lease', [outlivesItsLease]],
    ['I4', 'lease by echo', [leaseComesLate]],
  ] as const)('report %s without the guard: %s', async (rule, guard, traces) => {
    const protocol = await damagedProtocol(
      mutants.find(([name]) => name === guard)!,
      folder,
    )
    const tell = (it: Protocol) => traces.flatMap((actions) => found(it, [...actions], attackDoses, true))
    expect(tell(protocol).some((text) => text.startsWith(`${rule} `))).toBe(true)
    expect(tell(whole)).toEqual([])
  })
})
