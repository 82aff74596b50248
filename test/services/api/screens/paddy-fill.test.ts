/** The water that a paddy below its band lacks, from its level and its soil. */
import { describe, expect, it } from 'vitest'
import type { FieldCard } from '../../../../services/api/screens/today-schemas.ts'
import { paddyFill } from '../../../../services/api/screens/paddy-fill.ts'

const PORES = 0.1
const card = (levelMm: number, fresh: 'ok' | 'lost' = 'ok'): Pick<FieldCard, 'level' | 'targetBandMm'> => ({
  level: { v: levelMm, atMs: 0, kind: 'measured', fresh },
  targetBandMm: [20, 50],
})

describe('the fill of a paddy', () => {
  it('raises ponded water to the top of its band, millimetre for millimetre', () =>
    expect(paddyFill(card(5), PORES)).toEqual({ mm: 45, fromMm: 5, toMm: 50 }))

  it('counts below the soil surface only what the drainable pores lack', () =>
    expect(paddyFill(card(-100), PORES)).toEqual({ mm: 60, fromMm: -100, toMm: 50 }))

  it('is none within the band, and unknown without a level or a band', () => {
    expect(paddyFill(card(20), PORES)).toBeNull()
    expect(paddyFill(card(5, 'lost'), PORES)).toBeNull()
    expect(paddyFill({ ...card(5), targetBandMm: null }, PORES)).toBeNull()
  })
})
