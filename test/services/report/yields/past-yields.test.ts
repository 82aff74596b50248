/** Earlier years of fields that were divided and put together: whatever happens to the land, nothing is won or lost. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PastYield, withInheritedYields } from '../../../../services/report/yields/past-yields.ts'

interface World {
  descents: { fieldId: string; fromFieldId: string; share: number }[]
  alive: string[]
}

const fieldsOf = (n: number) => Array.from({ length: n }, (_, i) => `f${i}`)

/** Steps over some fields: each divides one that is there, or puts two of them together. */
function remade(start: string[], steps: readonly { split: boolean; a: number; b: number; share: number }[]) {
  const world: World = { descents: [], alive: [...start] }
  let made = 0
  const take = (at: number) => world.alive.splice(at % world.alive.length, 1)[0]!
  const born = () => {
    const id = `n${(made += 1)}`
    world.alive.push(id)
    return id
  }
  for (const { split, a, b, share } of steps) {
    if (split) {
      const fromFieldId = take(a)
      world.descents.push({ fieldId: born(), fromFieldId, share })
      world.descents.push({ fieldId: born(), fromFieldId, share: 1 - share })
    } else if (world.alive.length > 1) {
      const from = [take(a), take(b)]
      const fieldId = born()
      for (const fromFieldId of from) world.descents.push({ fieldId, fromFieldId, share: 1 })
    }
  }
  return world
}

const steps = fc.array(
  fc.record({
    split: fc.boolean(),
    a: fc.nat(50),
    b: fc.nat(50),
    share: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
  }),
  { maxLength: 12 },
)
const amounts = fc.array(
  fc.record({
    kg: fc.option(fc.double({ min: 0, max: 20_000, noNaN: true })),
    areaM2: fc.integer({ min: 300, max: 50_000 }),
  }),
  { minLength: 1, maxLength: 6 },
)
const total = (rows: readonly PastYield[], valueOf: (row: PastYield) => number) =>
  rows.reduce((sum, row) => sum + valueOf(row), 0)

describe('previous years of split and merged fields', () => {
  it('keep the total area and, if all is known, the total mass over any steps', () => {
    fc.assert(
      fc.property(amounts, steps, (input, how) => {
        const start = fieldsOf(input.length)
        const past = input.map((row, i) => ({ fieldId: start[i]!, year: 2025, ...row }))
        const { descents, alive } = remade(start, how)
        const all = withInheritedYields(past, descents)
        const now = all.filter(({ fieldId }) => alive.includes(fieldId))
        expect(now.map(({ fieldId }) => fieldId).sort()).toEqual([...alive].sort())
        expect(total(now, ({ areaM2 }) => areaM2)).toBeCloseTo(
          total(past, ({ areaM2 }) => areaM2),
          4,
        )
        if (past.every(({ kg }) => kg !== null))
          expect(total(now, ({ kg }) => kg!)).toBeCloseTo(
            total(past, ({ kg }) => kg!),
            4,
          )
        else expect(now.some(({ kg }) => kg === null)).toBe(true)
        // what was is untouched
        for (const row of past) expect(all).toContainEqual(row)
      }),
      { seed: 7 },
    )
  })

  it('give parts the yield per area of the original, and a merged field the area-weighted mean', () => {
    const past = [
      { fieldId: 'a', year: 2024, kg: 600, areaM2: 1000 },
      { fieldId: 'b', year: 2024, kg: 900, areaM2: 2000 },
      { fieldId: 'b', year: 2025, kg: null, areaM2: 2000 },
    ]
    const result = withInheritedYields(past, [
      { fieldId: 'whole', fromFieldId: 'a', share: 1 },
      { fieldId: 'whole', fromFieldId: 'b', share: 1 },
      { fieldId: 'part', fromFieldId: 'whole', share: 0.25 },
    ])
    expect(result.filter(({ fieldId }) => fieldId === 'whole')).toEqual([
      { fieldId: 'whole', year: 2024, kg: 1500, areaM2: 3000 },
      { fieldId: 'whole', year: 2025, kg: null, areaM2: 2000 },
    ])
    expect(result.find(({ fieldId, year }) => fieldId === 'part' && year === 2024)).toEqual({
      fieldId: 'part',
      year: 2024,
      kg: 375,
      areaM2: 750,
    })
  })
})
