/** What planting is called on a field: rice in a paddy is transplanted. */
import { describe, expect, it } from 'vitest'
import { isTransplanted, workKey } from '../../dashboard/src/fields/transplanted.ts'

describe('planting', () => {
  it('of a paddy with rice, or between two crops, is transplanting', () => {
    expect(isTransplanted({ kind: 'paddy', crop: 'rice' })).toBe(true)
    expect(workKey('planting', { kind: 'paddy', crop: '' })).toBe('transplanting')
    expect(workKey('puddling', { kind: 'paddy', crop: 'rice' })).toBe('puddling')
  })

  it('of another crop in a paddy, of rice on upland and of an unknown field stays planting', () => {
    expect(workKey('planting', { kind: 'paddy', crop: 'soybean' })).toBe('planting')
    expect(workKey('planting', { kind: 'upland', crop: 'rice' })).toBe('planting')
    expect(workKey('planting', undefined)).toBe('planting')
  })
})
