/** The invariants of the valve protocol (contract, section 3), on seeded runs of both ends over a faulty network. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as life from '../../../../broker/contract/command-lifecycle/reduce.ts'
import * as lifeTime from '../../../../broker/contract/command-lifecycle/timers.ts'
import * as mac from '../../../../broker/contract/mac.ts'
import * as device from '../../../../broker/contract/valve-device/device.ts'
import { actionsOf, attackDoses, attacks, dosesOf, SEED } from './protocol-runs.ts'
import { runModel } from './protocol-model.ts'
import { runs } from '../../../support/runs.ts'

const protocol = { life, lifeTime, device, mac }

describe('the valve protocol', () => {
  it('holds I1 to I7, I10 and I14 through lost, late, repeated and reordered messages, crashes and clock jumps', () => {
    fc.assert(
      fc.property(actionsOf, dosesOf, (actions, doses) => {
        expect(runModel(protocol, actions, doses)).toBeNull()
      }),
      { seed: SEED, numRuns: runs(500) },
    )
  })

  it.each(Object.entries(attacks))('%s: nothing is watered twice or unnoticed', (_, actions) => {
    expect(runModel(protocol, actions, attackDoses)).toBeNull()
  })

  it('waters each dose in full on a network without faults', () => {
    expect(runModel(protocol, [{ do: 'pass', ms: 3_600_000 }], [600_000, 90_000])).toBeNull()
  })
})
