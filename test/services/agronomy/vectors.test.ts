/**
 * Every vector of reference ET: the worked examples of FAO-56 (Allen et al. 1998), the daily values of AZMET
 * Maricopa, and REF-ET (R. G. Allen) for Maricopa and Fallon by the day and by the hour. The files name the source of
 * each.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataFolder } from '../../validate/data-folder.ts'
import { fao56 } from '../../validate/lines/fao56.ts'
import { dailyTrials, hourlyTrials } from '../../validate/lines/reference-et-vectors.ts'
import { allOf } from '../../validate/score.ts'

const data = dataFolder(join(import.meta.dirname, '../..'))

describe('vectors of reference ET', () => {
  it('450 daily values of AZMET and REF-ET, FAO-56 and ASCE short and tall', () =>
    expect(allOf('', dailyTrials(data))).toMatchObject({ value: 450, of: 450, missed: [] }))
  it('368 hourly values of REF-ET, ASCE short and tall', () =>
    expect(allOf('', hourlyTrials(data))).toMatchObject({ value: 368, of: 368, missed: [] }))
  it('the worked examples and formulas of FAO-56', async () => {
    const [score] = await fao56.parts[0]!.score(data)
    expect(score).toMatchObject({ isMet: true, missed: [] })
  })
})
