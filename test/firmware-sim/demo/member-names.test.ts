/** The names of the members of the demonstration in its two languages. */
import { describe, expect, it } from 'vitest'
import { namesIn } from '../../../firmware-sim/demo/members/member-names.ts'

const LATIN = /[A-Za-z]/

describe('the members of a Japanese demonstration', () => {
  it('have Japanese names, and so have their fields, inlets, varieties and operators', () => {
    const names = namesIn('ja')
    for (let n = 0; n < 500; n++)
      for (const name of [names.person(n), names.field(n), names.variety(n), names.operator(n)])
        expect(name).not.toMatch(LATIN)
    expect(names.inlet).not.toMatch(LATIN)
  })

  it('are as many different people as the English ones, in the same order', () => {
    const people = (language: 'en' | 'ja') =>
      new Set(Array.from({ length: 500 }, (_, m) => namesIn(language).person(m)))
    expect(people('ja').size).toBe(500)
    expect(people('en').size).toBe(500)
    expect([namesIn('en').person(0), namesIn('ja').person(0)]).toEqual(['Sato Hiroshi', '佐藤 博'])
  })
})
