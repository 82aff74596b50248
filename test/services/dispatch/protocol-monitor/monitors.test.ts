/** The monitors of the running farm on the model's traces: quiet where the protocol is whole, loud where a guard is gone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as life from '../../../../broker/contract/command-lifecycle/reduce.ts'
import * as lifeTime from '../../../../broker/contract/command-lifecycle/timers.ts'
import * as mac from '../../../../broker/contract/mac.ts'
import * as device from '../../../../broker/contract/valve-device/device.ts'
import { damagedProtocol, mutants } from '../protocol/protocol-gate.ts'
import { runModel, type Action, type Protocol } from '../protocol/protocol-model.ts'
import { actionsOf, attackDoses, attacks, dosesOf, SEED } from '../protocol/protocol-runs.ts'
import { watchTrace } from '../protocol/protocol-watch.ts'
import { runs } from '../../../support/runs.ts'

/** What the monitors tell of a trace, besides what was done to it from outside. */
function found(protocol: Protocol, actions: Action[], doses: number[], isAlone = false): string[] {
  const watch = watchTrace(isAlone)
  runModel(protocol, actions, doses, watch)
  const has = (what: Action['do']) => actions.some((action) => action.do === what)
  const isDone = (rule: string, state: unknown) =>
    (rule === 'I14' && has('clock')) ||
    // a retained order was handed over by the network
    rule === 'I12' ||
    // the network holds the close that would settle it
    (rule === 'I9' && state === 'fencing' && has('hold'))
  return watch
    .found()
    .filter(({ rule, detail }) => !isDone(rule, detail['state']))
    .map(({ rule, detail }) => `${rule} ${JSON.stringify(detail)}`)
}

const whole = { life, lifeTime, mac, device }

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

describe('the monitors, on the model', () => {
  it('report nothing for an intact protocol, whatever the network and the crashes', () => {
    fc.assert(
      fc.property(actionsOf, dosesOf, (actions, doses) => {
        expect(found(whole, actions, doses)).toEqual([])
      }),
      { seed: SEED, numRuns: runs(150) },
    )
  })

  it.each(Object.entries(attacks))('report nothing where the guards hold: %s', (_, actions) => {
    expect(found(whole, actions, attackDoses)).toEqual([])
  })
})

it('I12: a network that delivers a retained command is reported, and one that does not is not', () => {
  const told = (actions: Action[]) => {
    const watch = watchTrace()
    runModel(whole, actions, attackDoses, watch)
    return watch.found().map(({ rule }) => rule)
  }
  expect(told(attacks['an order comes as a retained message']!)).toContain('I12')
  expect(told(attacks['an order comes after the close that fences it']!)).not.toContain('I12')
})

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
