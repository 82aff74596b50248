/** The water that a paddy below its band lacks, from its level and its soil. */
import { describe, expect, it } from 'vitest'
import type { FieldCard } from '../../../../services/api/screens/today-schemas.ts'
import { paddyFillMm } from '../../../../services/api/screens/paddy-fill.ts'

const soil = { saturation: 0.46, fieldCapacity: 0.36 }
const card = (levelMm: number, fresh: 'ok' | 'lost' = 'ok'): Pick<FieldCard, 'level' | 'targetBandMm'> => ({
  level: { v: levelMm, atMs: 0, kind: 'measured', fresh },
  targetBandMm: [20, 50],
})

describe('the fill of a paddy', () => {
  it('raises ponded water to the top of its band, millimetre for millimetre', () =>
    expect(paddyFillMm(card(5), soil)).toBe(45))

  it('counts below the soil surface only what the drainable pores lack', () =>
    expect(paddyFillMm(card(-100), soil)).toBe(60))

  it('is none within the band, and unknown without a level or a band', () => {
    expect(paddyFillMm(card(20), soil)).toBeNull()
    expect(paddyFillMm(card(5, 'lost'), soil)).toBeNull()
    expect(paddyFillMm({ ...card(5), targetBandMm: null }, soil)).toBeNull()
  })
})
