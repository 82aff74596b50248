/**
 * A table of products: every unusable row is listed, nothing is guessed, and nothing changes before a
 * confirmation.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseProducts } from '../../../../services/plan/pest/products/product-import.ts'
import {
  demoProducts,
  importProducts,
  previewImport,
  readProducts,
} from '../../../../services/plan/pest/products/product-shelf.ts'
import { openTestState } from '../../../support/state.ts'

const head = 'country,registration,name,kind,ingredients,dose_min,dose_max,dose_unit,phi_days,crop,target'
const csv = (...rows: string[]) => parseProducts('csv', [head, ...rows].join('\r\n'))
const good = 'JP,1,Hamaki,insecticide,alpha:IRAC 28,50,100,mL/10a,14,apple,codling-moth'

describe('a table of products', () => {
  it('is read row by row; an empty cell is unknown', () => {
    const read = csv(good, '\uFF2A\uFF30,2,Kumori,fungicide,,,,,,rice,rice-leaf-blast')
    expect(read).toMatchObject({
      ok: true,
      value: {
        bad: [],
        products: [
          { registrationNumber: '1', ingredients: [{ name: 'alpha', group: 'IRAC 28' }], reiHours: null },
          { country: 'JP', ingredients: [], uses: [{ phiDays: null, doseHi: null, maxPerSeason: null }] },
        ],
      },
    })
  })

  it.each([
    ['a country that is none', 'Japan,1,x,insecticide,,,,,,apple,x', 'country'],
    ['a kind that is none', 'JP,1,x,poison,,,,,,apple,x', 'kind'],
    ['a group that is none', 'JP,1,x,insecticide,alpha:28,,,,,apple,x', 'ingredients'],
    ['a dose the wrong way round', 'JP,1,x,insecticide,,100,50,mL/10a,,apple,x', 'dose_min'],
    ['a dose without a unit', 'JP,1,x,insecticide,,,50,,,apple,x', 'dose_unit'],
    ['an interval of half a day', 'JP,1,x,insecticide,,,,,0.5,apple,x', 'phi_days'],
    ['words where days should be', 'JP,1,x,insecticide,,,,,two weeks,apple,x', 'phi_days'],
    ['no crop', 'JP,1,x,insecticide,,,,,,,x', 'crop'],
    ['a comma too many', `${good},x`, 'country'],
  ])('names %s by row and column, and reads the others', (_, row, column) => {
    const read = csv(good.replace('JP,1', 'JP,9'), row)
    expect(read).toMatchObject({ ok: true, value: { bad: [{ row: 2, column }], products: [{}] } })
  })

  it('with two versions of one product, or one use twice, is rejected', () => {
    const other = good.replace('Hamaki', 'Kamaki').replace('codling-moth', 'x')
    expect(csv(good, other)).toMatchObject({ value: { bad: [{ row: 2, column: 'registration' }] } })
    expect(csv(good, good)).toMatchObject({ value: { bad: [{ row: 2, column: 'target' }] } })
  })

  it('that is no table is rejected as a whole', () => {
    expect(parseProducts('csv', 'a,b\n1,2').ok).toBe(false)
    expect(parseProducts('csv', '').ok).toBe(false)
    expect(parseProducts('json', '{"a":1}').ok).toBe(false)
    expect(parseProducts('json', 'nonsense').ok).toBe(false)
    expect(parseProducts('csv', `${head},phi_weeks\n`).ok).toBe(false)
  })

  it('as JSON gives the same as the CSV', () => {
    const rows = [
      {
        country: 'JP',
        registration: 1,
        name: 'Hamaki',
        kind: 'insecticide',
        phi_days: 14,
        crop: 'apple',
        target: 'x',
        bee_hazard: false,
      },
    ]
    expect(parseProducts('json', JSON.stringify(rows))).toMatchObject({
      value: { bad: [], products: [{ registrationNumber: '1', beeHazard: 0, uses: [{ phiDays: 14 }] }] },
    })
  })

  it('of the demonstration is complete, and marks every product as fictitious', () => {
    const read = parseProducts('csv', demoProducts)
    expect(read).toMatchObject({ ok: true, value: { bad: [] } })
    if (read.ok) for (const { name } of read.value.products) expect(name).toContain('(fictitious)')
  })
})

describe('an import', () => {
  let dir: string
  let store: Awaited<ReturnType<typeof openTestState>>
  const by = { org: 'midori', actor: 'x', atMs: 1 }
  const text = [head, good, 'JP,2,x,poison,,,,,,apple,x'].join('\n')
  const source = { format: 'csv' as const, text }
  const count = async () =>
    (await store.state.selectFrom('product').select('id').execute()).length +
    (await store.state.selectFrom('productUse').select('id').execute()).length

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tilth-products-'))
    store = await openTestState(join(dir, 'state.db'))
  })
  afterAll(async () => {
    await store.close()
    await rm(dir, { recursive: true, force: true })
  })
  const put = async (from: typeof source, seen: { hash: string; leaveOut: number }) => {
    const read = await readProducts(from)
    if (!read.ok) throw new Error(read.error)
    return store.state.transaction().execute((rows) => importProducts(rows, by, read.value, seen))
  }
  const preview = async (from: typeof source) => {
    const found = await previewImport(store.state, 'midori', from)
    if (!found.ok) throw new Error(found.error)
    return found.value
  }

  it('changes nothing by its preview, and nothing without its hash and its bad rows', async () => {
    const seen = await preview(source)
    expect(seen).toMatchObject({ rows: 2, bad: [{ row: 2 }], products: [{ change: 'new' }] })
    expect((await put(source, { hash: 'f'.repeat(64), leaveOut: 1 })).ok).toBe(false)
    expect((await put(source, { hash: seen.hash, leaveOut: 0 })).ok).toBe(false)
    expect((await put({ ...source, text: `${text}\n` }, { hash: seen.hash, leaveOut: 1 })).ok).toBe(false)
    expect(await count()).toBe(0)
  })

  it('keeps the id of a product that it changes, and replaces its uses', async () => {
    await put(source, { hash: (await preview(source)).hash, leaveOut: 1 })
    expect(await count()).toBe(2)
    expect((await preview(source)).products[0]!.change).toBe('same')
    const { id } = await store.state.selectFrom('product').select('id').executeTakeFirstOrThrow()
    const changed = { ...source, text: text.replace(',14,', ',21,') }
    const seen = await preview(changed)
    expect(seen.products[0]!.change).toBe('changed')
    await put(changed, { hash: seen.hash, leaveOut: 1 })
    expect(await store.state.selectFrom('productUse').select(['productId', 'phiDays']).execute()).toEqual([
      { productId: id, phiDays: 21 },
    ])
  })
})
