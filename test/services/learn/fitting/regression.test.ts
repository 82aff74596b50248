import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitLinear, valueOfTerms, type LinearFit } from '../../../../services/learn/fitting/regression.ts'
import { tQuantile90 } from '../../../../services/learn/fitting/quantiles.ts'
import { random } from '../../../../firmware-sim/random.ts'

// NIST StRD, Norris: 36 calibrations of an ozone monitor
const norris =
  '0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0 559.2 558.2 0.3 0.4 0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0 228.3 228.1 998.0 995.8 888.8 887.6 119.6 120.2 0.3 0.3 0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0 10.2 11.1 117.6 118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5'
    .split(' ')
    .map(Number)
const norrisY = norris.filter((_, i) => i % 2 === 0)
const norrisX = norris.filter((_, i) => i % 2 === 1)

const column = (key: string, values: readonly number[]) => ({ key, unit: '', values })
const fitted = (result: ReturnType<typeof fitLinear>): LinearFit => {
  if (!result.ok) throw new Error(`refused: ${result.error.key}`)
  return result.value
}
const refusal = (columns: number[][], y: number[], ridge = false) => {
  const result = fitLinear({ columns: columns.map((values, i) => column(`x${i + 1}`, values)), y, ridge })
  return result.ok ? null : { key: result.error.key, column: result.error.params.column }
}

describe('a fit', () => {
  it('of the Norris data has the certified coefficients and errors (NIST StRD)', () => {
    const fit = fitted(fitLinear({ columns: [column('x', norrisX)], y: norrisY }))
    const [intercept, x] = fit.terms
    expect(intercept!.coefficient).toBeCloseTo(-0.262323073774029, 9)
    expect(intercept!.sd).toBeCloseTo(0.232818234301152, 9)
    expect(x!.coefficient).toBeCloseTo(1.00211681802045, 11)
    expect(x!.sd).toBeCloseTo(0.000429796848199937, 11)
    expect(fit.residualSd).toBeCloseTo(0.884796396144373, 9)
    expect(fit.freedom).toBe(34)
  })

  it('gives the same values from its stored terms', () => {
    const fit = fitted(fitLinear({ columns: [column('x', norrisX)], y: norrisY, ridge: true }))
    expect(valueOfTerms(fit.terms, { x: 400 })).toBeCloseTo(fit.predict([400]).value, 9)
  })

  it('does not change with the units of a column', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.boolean(), (factor, ridge) => {
        const plain = fitted(fitLinear({ columns: [column('x', norrisX)], y: norrisY, ridge }))
        const other = fitted(
          fitLinear({
            columns: [
              column(
                'x',
                norrisX.map((x) => x * factor),
              ),
            ],
            y: norrisY,
            ridge,
          }),
        )
        expect(other.predict([500 * factor]).value).toBeCloseTo(plain.predict([500]).value, 6)
      }),
      { numRuns: 50 },
    )
  })

  it('covers new values with its 80 % interval in about 80 of 100', () => {
    const chance = random('interval')
    let inside = 0
    const draws = 2000
    for (let draw = 0; draw < draws; draw++) {
      const x = Array.from({ length: 12 }, () => chance.normal())
      const line = (at: number) => 2 - 3 * at + chance.normal()
      const fit = fitted(fitLinear({ columns: [column('x', x)], y: x.map(line) }))
      const at = chance.normal()
      const { lo, hi } = fit.predict([at])
      const came = line(at)
      if (came >= lo && came <= hi) inside++
    }
    expect(inside / draws).toBeGreaterThan(0.77)
    expect(inside / draws).toBeLessThan(0.83)
  })
})

describe('ridge', () => {
  it('is closer to the truth where two columns are nearly collinear', () => {
    const chance = random('twins')
    let plain = 0
    let ridge = 0
    for (let draw = 0; draw < 100; draw++) {
      const x1 = Array.from({ length: 40 }, () => chance.normal())
      const x2 = x1.map((x) => x + 0.05 * chance.normal())
      const y = x1.map((x, i) => x + x2[i]! + 0.5 * chance.normal())
      const columns = [column('x1', x1), column('x2', x2)]
      plain += farness(fitted(fitLinear({ columns, y })))
      ridge += farness(fitted(fitLinear({ columns, y, ridge: true })))
    }
    expect(ridge).toBeLessThan(0.7 * plain)
  })
  const farness = ({ terms }: LinearFit): number =>
    terms.slice(1).reduce((sum, { coefficient }) => sum + (coefficient - 1) ** 2, 0)

  it('shrinks noise to almost 0', () => {
    const chance = random('noise')
    const columns = Array.from({ length: 8 }, (_, i) =>
      column(
        `x${i}`,
        Array.from({ length: 40 }, () => chance.normal()),
      ),
    )
    const y = Array.from({ length: 40 }, () => chance.normal())
    const size = (ridge: boolean) =>
      fitted(fitLinear({ columns, y, ridge }))
        .terms.slice(1)
        .reduce((sum, { coefficient }) => sum + coefficient ** 2, 0)
    expect(size(true)).toBeLessThan(size(false) / 2)
  })
})

describe('rejected inputs, by name', () => {
  const x = Array.from({ length: 20 }, (_, i) => Math.sin(i))
  const y = x.map((value) => 1 + value)
  it.each([
    ['too few rows', [x.slice(0, 3)], y.slice(0, 3), 'too-few-rows', undefined],
    ['columns of unequal length', [x.slice(1)], y, 'uneven-columns', 'x1'],
    ['NaN', [x, x.map((v, i) => (i === 4 ? NaN : v))], y, 'not-a-number', 'x2'],
    ['an endless number', [x.map((v, i) => (i === 4 ? Infinity : v))], y, 'not-a-number', 'x1'],
    ['a hole in what is explained', [x], y.map((v, i) => (i === 4 ? NaN : v)), 'not-a-number', 'y'],
    ['a constant', [x.map(() => 0.3)], y, 'constant-column', 'x1'],
    ['instants in ms', [x.map((_, i) => 1.7e12 + i * 3.6e6)], y, 'raw-time', 'x1'],
    ['instants in s', [x.map((_, i) => 1.7e9 + i * 3600)], y, 'raw-time', 'x1'],
  ] as const)('%s', (_, columns, of, key, name) => {
    expect(
      refusal(
        columns.map((values) => [...values]),
        [...of],
      ),
    ).toEqual({ key, column: name })
  })

  it.each([false, true])('a column that is the sum of others (ridge %s)', (ridge) => {
    const other = x.map((_, i) => Math.cos(3 * i))
    const both = x.map((value, i) => value + other[i]!)
    expect(refusal([x, other, both], y, ridge)?.key).toBe('collinear-column')
    expect(refusal([x, x], y, ridge)?.key).toBe('collinear-column')
  })

  it('a row of another length, as a bug', () => {
    const fit = fitted(fitLinear({ columns: [column('x', norrisX)], y: norrisY }))
    expect(() => fit.predict([1, 2])).toThrow(RangeError)
    expect(() => valueOfTerms(fit.terms, {})).toThrow('no value for the term x')
  })

  it('a column that hardly varies, as a constant one', () => {
    expect(
      refusal(
        [
          [5e-162, 0, 0, 0, 0, 0],
          [0, 0, 0, 0, 0, -5e-162],
        ],
        [0, 0, 0, 0, 0, 0.04],
        true,
      )?.key,
    ).toBe('constant-column')
  })

  it('any input gives finite numbers', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number, number), { maxLength: 30 }),
        fc.boolean(),
        (rows, ridge) => {
          const result = fitLinear({
            columns: [
              column(
                'a',
                rows.map(([a]) => a),
              ),
              column(
                'b',
                rows.map(([, b]) => b),
              ),
            ],
            y: rows.map(([, , value]) => value),
            ridge,
          })
          if (!result.ok) return
          for (const term of result.value.terms) expect(term.coefficient).not.toBeNaN()
          const { value, sd, lo, hi } = result.value.predict([1, 2])
          for (const one of [value, sd, lo, hi]) expect(one).toSatisfy(Number.isFinite)
        },
      ),
    )
  })
})

describe('quantiles', () => {
  it.each([
    [1, 3.078],
    [2, 1.886],
    [3, 1.638],
    [5, 1.476],
    [10, 1.372],
    [30, 1.31],
    [120, 1.289],
  ])('t of %i degrees of freedom, 0.90: %f (Abramowitz & Stegun, Table 26.10)', (freedom, t) => {
    expect(Math.abs(tQuantile90(freedom) - t)).toBeLessThan(0.001)
  })
  it('throws without a degree of freedom', () => expect(() => tQuantile90(0)).toThrow(RangeError))
})
