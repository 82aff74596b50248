/** FAO-56 Tables 11, 12, 17, 19, 20, 22, 24 (Allen et al. 1998). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cropOf, crops } from '../../../../services/agronomy/crops/catalogue.ts'
import { rowsOf, wordsOf } from '../../../../services/agronomy/fao56/find-row.ts'
import { table11 } from '../../../../services/agronomy/fao56/table11-stage-lengths.ts'
import { table12 } from '../../../../services/agronomy/fao56/table12-crop-coefficients.ts'
import { table17 } from '../../../../services/agronomy/fao56/table17-basal-coefficients.ts'
import { table19 } from '../../../../services/agronomy/fao56/table19-soil-water.ts'
import { table20 } from '../../../../services/agronomy/fao56/table20-wetted-fraction.ts'
import { table22 } from '../../../../services/agronomy/fao56/table22-rooting-depth.ts'
import { table24 } from '../../../../services/agronomy/fao56/table24-yield-response.ts'
import {
  daysByHeat,
  heightShare,
  heightM,
  kcbOf,
  kcOf,
  rootDepthM,
  seasonLengthD,
} from '../../../../services/agronomy/crops/growth.ts'
import { kyOf, yieldShare } from '../../../../services/agronomy/crops/yield-response.ts'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../vectors/${name}.json`), 'utf8'))

describe('the tables', () => {
  const rows = read('params_fao56_crops') as Record<string, Record<string, number | string | null>[]>
  /** The numbers of the file's complete rows, in their order. */
  const numbers = (name: string, keys: string[], mayLack: string[] = []) =>
    rows[name]!.map((row) => [...keys, ...mayLack].map((key) => row[key] as number | null)).filter((row) =>
      row.slice(0, keys.length).every((cell) => cell !== null),
    )
  const mine = (table: readonly (readonly unknown[])[], cells: number) =>
    table.map((row) => row.slice(1, 1 + cells))

  it('Table 11 is that of the book, row by row', () => {
    expect(mine(table11, 4)).toEqual(numbers('table11_stage_lengths', ['Lini', 'Ldev', 'Lmid', 'Llate']))
  })
  it('Table 12 is that of the book, row by row', () => {
    expect(mine(table12, 4)).toEqual(numbers('table12_Kc', ['Kcmini', 'Kcmmid', 'Kcmend'], ['hmax']))
  })
  it('Table 17 is that of the book, row by row', () => {
    expect(mine(table17, 3)).toEqual(numbers('table17_Kcb', ['Kcbini', 'Kcbmid', 'Kcbend']))
  })
  it('Table 22 is that of the book, row by row', () => {
    expect(mine(table22, 3)).toEqual(numbers('table22_Zr_p', ['Zrmax1', 'Zrmax2', 'pbase']))
  })
  it('Tables 19 and 24 are those of the book', () => {
    const file = read('params_fao56_soils_ky') as {
      soils: Record<'theta_fc' | 'theta_wp' | 'rew_mm' | 'tew_mm', [number, number]>[]
      ky_table24: Record<string, number | [number, number]>
    }
    expect(mine(table19, 4)).toEqual(
      file.soils.map(({ theta_fc, theta_wp, rew_mm, tew_mm }) => [theta_fc, theta_wp, rew_mm, tew_mm]),
    )
    const middle = (ky: number | [number, number]) =>
      typeof ky === 'number' ? ky : Number(((ky[0] + ky[1]) / 2).toFixed(4))
    expect(Object.values(table24).toSorted()).toEqual(Object.values(file.ky_table24).map(middle).toSorted())
    expect(kyOf('sugar beet')).toBe(file.ky_table24.sugarbeet)
  })
  it('each row is there once, by crop, time of planting and region', () => {
    for (const table of [table12, table17, table22])
      expect(new Set(table.map(([name]) => name)).size).toBe(table.length)
    expect(new Set(table11.map((row) => row.join())).size).toBe(table11.length)
  })
  it('basal coefficients do not exceed single ones: Kcb <= Kc (Tables 12, 17)', () => {
    for (const [name, ini, mid, end] of table17) {
      const kc = table12.find(([crop]) => crop === name) ?? rowsOf(table12, name)[0]
      if (!kc) continue
      expect([name, ini <= kc[1], mid <= kc[2]]).toEqual([name, true, true])
      // olives and citrus have some equal rows in print
      expect([name, end <= kc[3] + 0.05]).toEqual([name, true])
    }
  })
  it('the wetted fraction is above 0 and at most 1 (Table 20)', () => {
    for (const [lo, hi] of Object.values(table20)) {
      expect(lo).toBeGreaterThan(0)
      expect(hi).toBeGreaterThanOrEqual(lo)
      expect(hi).toBeLessThanOrEqual(1)
    }
  })
})

describe('a crop by its name', () => {
  it.each([
    ['onion', 'onions-dry'],
    ['Onions', 'onions-dry'],
    ['onions-dry', 'onions-dry'],
    ['peach', 'apricots-peaches-stone-fruit-no-ground-cover-killing-frost'],
    ['sugar beet', 'sugar-beet'],
    ['Sugarbeet', 'sugar-beet'],
    ['strawberry', 'strawberries'],
    ['tomatoes', 'tomato'],
    ['sweet corn', 'maize-sweet-corn-fresh'],
    ['corn', 'maize'],
    ['spring wheat', 'wheat'],
    ['winter wheat', 'winter-wheat'],
    ['barley', 'barley'],
    ['olive', 'olives-40%-to-60%-ground-coverage-by-canopy'],
  ])('%s is %s', (name, id) => expect(cropOf(name)?.id).toBe(id))

  it.each(['unobtainium', '', 'dry', 'seed', 'no ground cover', 'constructor', 'open water'])(
    '"%s" is not a crop',
    (name) => expect(cropOf(name)).toBeUndefined(),
  )

  it('its names are those of Table 12, and rows without a crop are not offered', () => {
    const missing = table12.map(([name]) => name).filter((name) => !cropOf(name))
    expect(missing).toEqual([
      'small vegetables',
      'vegetables solanum family solanaceae',
      'vegetables cucumber family cucurbitaceae',
      'roots tubers',
      'legumes leguminosae',
      'perennial vegetables winter dormancy bare mulched soil',
      'oil crops',
      'cereals',
      'cattails bulrushes killing frost',
      'cattails bulrushes no frost',
      'short vegetation no frost',
      'reed swamp standing water',
      'reed swamp moist soil',
    ])
  })
  it('a row with exactly the name comes before a row with fewer words', () => {
    expect(cropOf('apples cherries pears active ground cover no frosts')?.kcb).toEqual([0.75, 1.15, 0.8])
    expect(rowsOf(table22, 'maize field grain corn 18% moisture')[0]![0]).toBe('maize field grain corn')
    expect(wordsOf('Peaches, cherries')).toEqual(['peach', 'cherry'])
  })
  it('potato: 0.15, 1.10, 0.65 basal, 0.4 m of roots, p 0.35, Ky 1.1', () => {
    expect(crops.potato).toMatchObject({
      lengthsD: [25, 30, 45, 30],
      kcIni: 0.5,
      kcMid: 1.15,
      kcEnd: 0.75,
      kcb: [0.15, 1.1, 0.65],
      heightM: 0.6,
      rootMaxM: 0.4,
      p: 0.35,
      ky: 1.1,
    })
  })
})

describe('every crop of the tables', () => {
  const all = [
    ...Object.values(crops),
    ...table12.map(([name]) => cropOf(name)).filter((crop) => crop !== undefined),
  ]
  it.each(all.map((crop) => [crop.id, crop] as const))(
    '%s has a season that can be computed',
    (_id, crop) => {
      for (let day = -5; day < seasonLengthD(crop) + 30; day += 5) {
        const kc = kcOf(crop, day, { windMps: 4, humidityMinPct: 20 })
        const kcb = kcbOf(crop, day, { windMps: 4, humidityMinPct: 20 })
        expect(kc).toBeGreaterThan(0)
        expect(kc).toBeLessThan(1.6)
        if (kcb !== null) {
          expect(kcb).toBeGreaterThan(0)
          expect(kcb).toBeLessThan(1.6)
        }
        expect(rootDepthM(crop, day)).toBeGreaterThan(0)
        expect(heightM(crop, day)).toBeGreaterThan(0)
        expect(heightM(crop, day)).toBeLessThanOrEqual(crop.heightM)
        expect(heightShare(crop, day)).toBeGreaterThanOrEqual(0)
      }
      expect(crop.source).toContain('FAO-56 Table')
    },
  )
})

describe('stages by heat', () => {
  it('maize that tassels is at full cover, whatever the calendar day', () => {
    expect(daysByHeat(crops.maize, 0)).toBe(0)
    expect(daysByHeat(crops.maize, 631)).toBe(70)
    expect(daysByHeat(crops.maize, 631 / 2)).toBe(35)
    expect(daysByHeat(crops.maize, 1360)).toBeCloseTo(150, 9)
  })
  it('beyond its last known stage a crop continues at the same rate, never backwards', () => {
    let before = -1
    for (let sumCd = 0; sumCd < 3000; sumCd += 10) {
      const days = daysByHeat(crops.cotton, sumCd)!
      expect(days).toBeGreaterThan(before)
      before = days
    }
    expect(daysByHeat(crops.cotton, 923)).toBe(140)
  })
  it('is undefined for a crop without sums: its days are those of the calendar', () => {
    expect(daysByHeat(crops.soybean, 500)).toBeNull()
  })
})

describe('yield by water (FAO-56 Eq. 90)', () => {
  it('a tenth less water reduces the yield of maize by an eighth', () => {
    expect(kyOf('maize field grain corn 18% moisture')).toBe(1.25)
    expect(yieldShare(1.25, 450, 500)).toBeCloseTo(0.875, 9)
  })
  it('sufficient water causes no loss, and no yield is below 0', () => {
    expect(yieldShare(1.25, 520, 500)).toBe(1)
    expect(yieldShare(1.25, 0, 500)).toBe(0)
  })
  it('is null for a season that has not started, or for a crop that Table 24 does not have', () => {
    expect(yieldShare(1.25, 0, 0)).toBeNull()
    expect(yieldShare(1.25, NaN, 500)).toBeNull()
    expect(kyOf('sweet potato')).toBeNull()
    expect(kyOf('rice')).toBeNull()
  })
})
