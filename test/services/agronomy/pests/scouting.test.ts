/** What to look for in a crop, by season and stage: each row with its source. */
import { describe, expect, it } from 'vitest'
import { pestOf } from '../../../../services/agronomy/pests/catalogue.ts'
import { lookFor, scoutingRows } from '../../../../services/agronomy/pests/scouting.ts'
import { lookKeys } from '../../../../services/plan/pest/message-keys.ts'

const paddy = { crop: 'rice', timeZone: 'Asia/Tokyo', stage: 'panicle' }
const targets = (field: Parameters<typeof lookFor>[0], day: string) =>
  lookFor(field, day).map(({ target, key }) => `${target} ${key}`)

describe('what to look for without a trap or a model', () => {
  it('each row has the parameters of its text, a span of one year, a source, and its doubtful figures named', () => {
    for (const { target, key, params, fromDay, toDay, source, confirmed, check } of scoutingRows) {
      expect(Object.keys(params), target).toEqual([...lookKeys[key as keyof typeof lookKeys]])
      expect(fromDay < toDay, target).toBe(true)
      expect(source.length, target).toBeGreaterThan(10)
      expect(confirmed, target).toBe(check === null)
    }
  })
  it('rice in Japan: from the middle of August the planthoppers of one hill decide, before it those of 100', () => {
    expect(targets(paddy, '2026-08-10')).toContain('brown-planthopper per-100-hills')
    expect(targets(paddy, '2026-08-11')).toContain('brown-planthopper per-hill')
    expect(targets(paddy, '2026-05-20')).toEqual([])
    expect(scoutingRows.every(({ target }) => target.startsWith('rice-') || pestOf(target))).toBe(true)
  })
  it('stink bugs from heading on, and where the stage is unknown', () => {
    const bugs = 'rice-stink-bug spotted-grains'
    expect(targets(paddy, '2026-08-10')).not.toContain(bugs)
    expect(targets({ ...paddy, stage: 'heading' }, '2026-08-10')).toContain(bugs)
    expect(targets({ ...paddy, stage: null }, '2026-08-10')).toContain(bugs)
  })
  it('nothing for another crop, or where the sources do not hold', () => {
    expect(targets({ ...paddy, crop: 'apple' }, '2026-08-10')).toEqual([])
    expect(targets({ ...paddy, timeZone: 'America/Chicago' }, '2026-08-10')).toEqual([])
  })
})
