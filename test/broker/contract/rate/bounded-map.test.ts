/** A map that drops its oldest entries. */
import { expect, it } from 'vitest'
import { boundedMap } from '../../../../broker/contract/rate/bounded-map.ts'

it('drops the oldest entry beyond its limit', () => {
  const map = boundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c'), map.size()]).toEqual([undefined, 2, 3, 2])
})

it('an entry that is set again is the newest, one that is only read is not', () => {
  const map = boundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.get('b')
  map.set('c', 4)
  expect([map.get('a'), map.get('b')]).toEqual([3, undefined])
})

it('forgets an entry that is deleted', () => {
  const map = boundedMap<string, number>(2)
  map.set('a', 1)
  map.delete('a')
  expect(map.size()).toBe(0)
})
