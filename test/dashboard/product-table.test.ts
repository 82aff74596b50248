/** A product of the shelf becomes rows of the import and comes back as it was: a correction loses nothing of its label. */
import { expect, it } from 'vitest'
import { productTable, type ProductEntry } from '../../dashboard/src/pests/product-table.ts'
import { parseProducts } from '../../services/plan/pest/products/product-import.ts'

const use = {
  crop: 'apple',
  target: 'codling-moth',
  doseLo: 10,
  doseHi: 20,
  doseUnit: 'mL/10a',
  dilutionLo: 1_000,
  dilutionHi: 2_000,
  volumeLoL10a: 200,
  volumeHiL10a: 700,
  maxPerSeason: 2,
  phiDays: 7,
  intervalDays: 10,
  maxPerIngredient: { chlorantraniliprole: 2 },
  bufferM: 5,
}
const product: ProductEntry = {
  name: 'Moth stop',
  country: 'JP',
  registrationNumber: '22345',
  kind: 'insecticide',
  ingredients: [
    { name: 'chlorantraniliprole', group: 'IRAC 28' },
    { name: 'oil', group: null },
  ],
  authorisedUntil: '2028-03-31',
  reiHours: 4,
  rainFastHours: 2,
  isBeeHazard: true,
  limits: { windMaxMps: 4, tempMaxC: 30, deltaTMaxC: 8 },
  uses: [use, { ...use, target: 'oriental-fruit-moth', phiDays: null }],
}

it('with every value of its label, and each use', () => {
  const table = parseProducts('json', productTable(product))
  if (!table.ok) throw new Error(table.error)
  expect(table.value.bad).toEqual([])
  const { isBeeHazard: _, ...label } = product
  expect(table.value.products).toEqual([{ ...label, beeHazard: 1, isDemo: 0 }])
})

it('with what is known alone: unknown stays unknown, and no is no', () => {
  const bare = { ...use, doseLo: null, doseHi: null, doseUnit: null, maxPerIngredient: null }
  const table = parseProducts(
    'json',
    productTable({ ...product, limits: null, ingredients: [], isBeeHazard: false, uses: [bare] }),
  )
  if (!table.ok) throw new Error(table.error)
  expect(table.value.products[0]).toMatchObject({ limits: null, beeHazard: 0, ingredients: [] })
  expect(table.value.products[0]!.uses[0]).toMatchObject({ doseLo: null, maxPerIngredient: null })
})
