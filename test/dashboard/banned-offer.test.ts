/** A product is never offered for a spray when no other hour makes it allowed. */
import { describe, expect, it } from 'vitest'
import { bansOf, isBanned } from '../../dashboard/src/pests/banned-offer.ts'

const check = (key: string, result: 'allowed' | 'caution' | 'forbidden' | 'unknown') => ({
  key,
  result,
  params: {},
})

describe('an offered product', () => {
  it('whose uses of the season are spent is banned, with that reason alone', () => {
    const checks = [check('uses', 'forbidden'), check('weather', 'forbidden'), check('dose', 'caution')]
    expect(bansOf({ checks }).map(({ key }) => key)).toEqual(['uses'])
    expect(isBanned({ checks })).toBe(true)
  })
  it('against which only the weather or a sprinkler stands is not: other hours may pass', () => {
    expect(isBanned({ checks: [check('weather', 'forbidden'), check('irrigation', 'forbidden')] })).toBe(
      false,
    )
  })
  it('with doubts only is left to the person', () => {
    expect(isBanned({ checks: [check('uses', 'unknown'), check('phi', 'caution')] })).toBe(false)
  })
})
