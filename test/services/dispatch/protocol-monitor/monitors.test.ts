/** The monitors of the running farm on the model's traces: silent where the protocol is intact. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runModel, type Action } from '../protocol/protocol-model.ts'
import { actionsOf, attackDoses, attacks, dosesOf, SEED } from '../protocol/protocol-runs.ts'
import { watchTrace } from '../protocol/protocol-watch.ts'
import { runs } from '../../../support/runs.ts'
import { found, whole } from './monitor-findings.ts'

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
