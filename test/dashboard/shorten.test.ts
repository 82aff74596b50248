/** Names in narrow places: shortened whole, not cut off. */
import { describe, expect, it } from 'vitest'
import { shorten } from '../../dashboard/src/i18n/shorten.ts'

describe('a name', () => {
  it('that fits stays as it is', () => {
    expect(shorten('Upper orchard', 16)).toBe('Upper orchard')
    expect(shorten('北の上の田んぼ一', 16)).toBe('北の上の田んぼ一')
  })
  it('that does not ends with a sign for the rest, without a space before it', () => {
    expect(shorten('North by the old mill', 12)).toBe('North by th…')
    expect(shorten('Upper orchard west', 7)).toBe('Upper…')
  })
  it('counts a full-width character as two letters', () => {
    expect(shorten('北の上の田んぼ', 12)).toBe('北の上の田…')
  })
})
