/** The moisture to which each crop is brought, as the sources print it: the arithmetic is in yield.test.ts. */
import { describe, expect, it } from 'vitest'
import { basisOf } from '../../../../services/domain/yield/yield-bases.ts'

const inJapan = 'Asia/Tokyo'
const elsewhere = 'America/Chicago'

describe('the yield basis', () => {
  it.each([
    ['maize', elsewhere, 'grain', 15.5], // AG442
    ['maize', inJapan, 'grain', 15.5],
    ['soybean', elsewhere, 'grain', 13], // AG442
    ['soybean', inJapan, 'grain', 15], // Agricultural Products Standards of Japan
    ['wheat', elsewhere, 'grain', 13.5],
    ['winter-wheat', inJapan, 'grain', 12.5], // the same Standards
    ['rice', elsewhere, 'rough-rice', 14], // IRRI
    ['rice', inJapan, 'brown-rice', 15], // the same Standards
    ['tomato', inJapan, 'fresh', null],
  ])('%s in %s: %s, moisture %s', (crop, timeZone, form, moisturePct) =>
    expect(basisOf(crop, timeZone)).toMatchObject({ form, moisturePct }),
  )

  it('of rice in Japan uses rough rice at 14.5 %, like a settlement of JA', () =>
    expect(basisOf('rice', inJapan).rough).toEqual({ moisturePct: 14.5, hullShare: 0.8 }))
})
