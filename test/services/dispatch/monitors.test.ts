/** The monitors of the running farm on the model's traces: quiet where the protocol is whole, loud where a guard is gone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as life from '../../../broker/contract/command-life.ts'
import * as lifeTime from '../../../broker/contract/command-life-time.ts'
import * as mac from '../../../broker/contract/mac.ts'
import * as device from '../../../broker/contract/valve-device.ts'
import { damagedProtocol, mutants } from './protocol-gate.ts'
import { runModel, type Action, type Protocol } from './protocol-model.ts'
import { actionsOf, attackDoses, attacks, dosesOf, SEED } from './protocol-runs.ts'
import { watchTrace } from './protocol-watch.ts'

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

describe('the monitors, on what the model does', () => {
  const whole = { life, lifeTime, mac, device }

  it('have nothing to tell of a protocol that is whole, whatever the network and the crashes', () => {
    fc.assert(
      fc.property(actionsOf, dosesOf, (actions, doses) => {
        expect(found(whole, actions, doses)).toEqual([])
      }),
      { seed: SEED, numRuns: 150 },
    )
  })

  it.each(Object.entries(attacks))('have nothing to tell where the guards hold: %s', (_, actions) => {
    expect(found(whole, actions, attackDoses)).toEqual([])
  })
})

describe('the monitors, where a guard is gone', () => {
  let folder: string
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tilth-monitors-'))))
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['I1', 'sequence watermark'],
    ['I7', 'close raises watermark'],
    ['I1', 'a refusal uses its number up'],
  ])('tell of %s without the %s', async (rule, guard) => {
    const protocol = await damagedProtocol(
      mutants.find(([name]) => name === guard)!,
      folder,
    )
    const told = Object.values(attacks).flatMap((actions) => found(protocol, actions, attackDoses, true))
    expect(told.some((text) => text.startsWith(`${rule} `))).toBe(true)
  })
})
