/** Whatever happens: an open leaves once, closed is proved, and every run ends proved or reported. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import '../../support/seed.ts'
import { runs } from '../../support/runs.ts'
import { makes, moves, walk } from './driver-walk.ts'

describe('whatever happens to it', () => {
  it.each(Object.entries(makes))(
    '%s opens once for each run, is closed only by a proof, and ends proved or reported',
    (_, make) =>
      fc.assert(
        fc.property(moves, (path) => {
          expect(walk(make, path)).toBeNull()
        }),
        { numRuns: runs(500) },
      ),
    60_000,
  )
})
