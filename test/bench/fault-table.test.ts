/** Every fault line of docs/reliability.md runs, from a file of its own, and nothing runs that the table does not name. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { faultLines } from '../../bench/torture/lines.ts'
import { random } from '../../firmware-sim/random.ts'
import { fitSlope, wanderWithin } from '../../bench/torture/support/slope.ts'

const root = join(import.meta.dirname, '../..')
const names = faultLines.map(({ name }) => name)

describe('the table of fault lines', () => {
  const section = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
    .split(/^## /m)
    .find((part) => part.startsWith('The fault lines'))!
  const rows = [...section.matchAll(/^\| (F\d+) \| (.+) \| (.+) \|$/gm)].map(([, name]) => name)

  it('contains every line of the design, and each of them runs', () => {
    const design =
      'F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F12 F13 F14 F15 F16 F18 F19 F20 F21 F22 F23 F24 F25 F26 F27'.split(' ')
    expect(rows).toEqual(design)
    expect(names).toEqual(design)
  })

  it('each has one file, named after it', () => {
    const files = readdirSync(join(root, 'bench/torture/lines'))
    for (const name of names)
      expect(
        files.filter((file) => file.startsWith(`${name.toLowerCase()}-`)),
        name,
      ).toHaveLength(1)
    expect(files).toHaveLength(names.length)
  })

  it('CI runs what passes on any machine', () => {
    const script = readFileSync(join(root, '.ci/run'), 'utf8')
    expect(script).toMatch(/^torture\(\) .* npm run torture -- --built --any-machine "\$@"; }$/m)
    expect([...script.matchAll(/^start torture\S* torture (.*)$/gm)].map(([, lines]) => lines)).toEqual([
      'F5 F20 F21 F22 F23 F24 F25 F26',
      'F1 F8 F9 F10 F14 F15',
    ])
  })
})

describe('the slope of a soak', () => {
  it('is that of a straight line, with a zero interval', () => {
    const { slope, within } = fitSlope(Array.from({ length: 50 }, (_, x) => [x, 3 * x + 7]))
    expect(slope).toBeCloseTo(3, 10)
    expect(within).toBeCloseTo(0, 6)
  })

  // Student's t of 8 degrees of freedom is 2.306 (the table in any book)
  it('has the 95 % interval of the textbook for uncorrelated samples', () => {
    const off = [1, -1, 1, -1, 1, -1, 1, -1, 1, -1]
    const { within } = fitSlope(off.map((y, x) => [x, y]))
    const sxx = 82.5
    const slope = off.reduce((sum, y, x) => sum + (x - 4.5) * y, 0) / sxx
    const left = off.reduce((sum, y, x) => sum + (y - slope * (x - 4.5)) ** 2, 0)
    expect(within).toBeCloseTo(2.306 * Math.sqrt(left / 8 / sxx), 3)
  })

  it('is uncertain for a random walk, and certain for steady growth', () => {
    const chance = random('wander')
    let at = 0
    const walk = Array.from({ length: 100 }, (_, x) => [x, (at += chance.normal())] as const)
    const { slope } = fitSlope(walk)
    expect(Math.abs(slope)).toBeLessThan(wanderWithin(walk, 5))
    expect(
      wanderWithin(
        Array.from({ length: 100 }, (_, x) => [x, 2 * x] as const),
        5,
      ),
    ).toBeCloseTo(0, 6)
    expect(wanderWithin(walk.slice(0, 15), 5)).toBe(Infinity)
  })

  it('is less certain for correlated samples, and infinite with two points', () => {
    const wave = Array.from({ length: 60 }, (_, x) => [x, Math.sin(x / 8)] as const)
    const noise = Array.from({ length: 60 }, (_, x) => [x, Math.sin(x * 1e4)] as const)
    expect(fitSlope(wave).within).toBeGreaterThan(2 * fitSlope(noise).within)
    expect(
      fitSlope([
        [0, 1],
        [1, 2],
      ]).within,
    ).toBe(Infinity)
  })
})
