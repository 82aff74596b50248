/**
 * The products of an organisation: the preview of an import, and the import itself. A product of the same
 * country and number is replaced with all its uses; products that the table does not name are unchanged.
 */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../../broker/contract/result.ts'
import type { State } from '../../../ports.ts'
import { toJson, type ProductRow, type ProductUseRow } from '../../../tables.ts'
import { toLabel, type Label } from '../label.ts'
import { yieldToEventLoop } from '../../../runtime/cooperative.ts'
import { groupBy } from '../../../runtime/group-by.ts'
import { parseProducts, type BadRow, type ImportedProduct, type ProductTable } from './product-import.ts'
import { readProductText, type ProductText } from './product-reader.ts'

interface CatalogPreview {
  hash: string
  rows: number
  bad: BadRow[]
  products: { country: string; registrationNumber: string; name: string; uses: number; change: Change }[]
}
type Change = 'new' | 'changed' | 'same'

/** The imported source: a person's text, or the fictitious list of the demonstration. */
export type ImportSource = ProductText | 'demo'

/** The table of an import, for its preview or for `importProducts`. */
export async function readProducts(source: ImportSource): Promise<Result<ReadProducts>> {
  const isDemo = source === 'demo'
  const table = isDemo ? parseProducts('csv', demoProducts) : await readProductText(source)
  return table.ok ? ok({ ...table.value, isDemo }) : table
}
export interface ReadProducts extends ProductTable {
  isDemo: boolean
}

/** The changes that an import would make. Writes nothing. */
export async function previewImport(
  state: State,
  org: string,
  source: ImportSource,
): Promise<Result<CatalogPreview>> {
  const parsed = await readProducts(source)
  if (!parsed.ok) return parsed
  const labels = await readLabels(state, org)
  const { hash, rows, bad, products } = parsed.value
  return ok({
    hash,
    rows,
    bad,
    products: products.map((product) => ({
      country: product.country,
      registrationNumber: product.registrationNumber,
      name: product.name,
      uses: product.uses.length,
      change: changeOf(product, labels),
    })),
  })
}

/**
 * Imports the previewed table. `hash` is that of the preview, and `leaveOut` the number of its bad rows, which
 * only a reader of the preview knows. `rows` is a transaction.
 */
export async function importProducts(
  rows: State,
  importer: { org: string; actor: string; atMs: AtMs },
  { hash, bad, products, isDemo }: ReadProducts,
  preview: { hash: string; leaveOut: number },
): Promise<Result<{ imported: number; leftOut: number }>> {
  if (hash !== preview.hash) return err('hash: must be that of the preview of this very text')
  const badRows = new Set(bad.map(({ row }) => row)).size
  if (badRows !== preview.leaveOut)
    return err(`leaveOut: ${badRows} rows cannot be used and would be left out, got ${preview.leaveOut}`)
  const labels = await readLabels(rows, importer.org)
  for (const [index, product] of products.entries()) {
    if (index % PRODUCTS_AT_ONCE === 0) await yieldToEventLoop()
    await saveProduct(rows, importer, product, labels, isDemo)
  }
  return ok({ imported: products.length, leftOut: badRows })
}

const PRODUCTS_AT_ONCE = 50

type Labels = ReadonlyMap<string, Label>
const keyOf = ({ country, registrationNumber }: Pick<ProductRow, 'country' | 'registrationNumber'>): string =>
  `${country}/${registrationNumber}`

async function readLabels(state: State, org: string): Promise<Labels> {
  const [products, uses] = await Promise.all([
    state.selectFrom('product').selectAll().where('org', '=', org).orderBy('name').execute(),
    state.selectFrom('productUse').selectAll().where('org', '=', org).orderBy('crop').execute(),
  ])
  const usesOf = groupBy(uses, ({ productId }) => productId)
  // of several products with one number the first counts
  return new Map(
    products.toReversed().map((product) => [keyOf(product), toLabel(product, usesOf.get(product.id) ?? [])]),
  )
}

function changeOf(product: ImportedProduct, labels: Labels): Change {
  const label = labels.get(keyOf(product))
  if (!label) return 'new'
  return label.product.retiredAtMs === null && asText(product) === asText(asImported(label))
    ? 'same'
    : 'changed'
}

/** The stored label in the form of an import, for comparison. */
function asImported({ product, ingredients, limits, uses }: Label): ImportedProduct {
  const { id: _, org: _o, importedBy: _b, importedAtMs: _a, retiredAtMs: _r, ...rest } = product
  return {
    ...rest,
    ingredients: [...ingredients],
    limits,
    uses: uses.map(({ id: _i, org: _g, productId: _p, ...use }) => use),
  }
}

function asText(imported: ImportedProduct): string {
  const { uses, isDemo: _, ...product } = imported
  const order = (row: object) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return [order(product), ...uses.map(order).toSorted()].join('\n')
}

async function saveProduct(
  rows: State,
  { org, actor, atMs }: { org: string; actor: string; atMs: AtMs },
  product: ImportedProduct,
  labels: Labels,
  isDemo: boolean,
): Promise<void> {
  const { uses, ingredients, limits, ...rest } = product
  const id = labels.get(keyOf(product))?.product.id ?? randomUUID()
  const row: ProductRow = {
    ...rest,
    id,
    org,
    isDemo: isDemo ? 1 : 0,
    ingredients: toJson(ingredients),
    limits: limits === null ? null : toJson(limits),
    importedBy: actor,
    importedAtMs: atMs,
    retiredAtMs: null,
  }
  const { id: _, ...columns } = row
  await rows
    .insertInto('product')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
    .execute()
  await rows.deleteFrom('productUse').where('org', '=', org).where('productId', '=', id).execute()
  const useRows: ProductUseRow[] = uses.map(({ maxPerIngredient, ...use }) => ({
    id: randomUUID(),
    org,
    productId: id,
    ...use,
    maxPerIngredient: maxPerIngredient === null ? null : toJson(maxPerIngredient),
  }))
  await rows.insertInto('productUse').values(useRows).execute()
}

/**
 * Fictitious products for the demonstration. No such product is sold, and no figure here is that of a real
 * label; Tilth ships none of those.
 */
export const demoProducts = `country,registration,name,kind,ingredients,authorised_until,rei_h,rain_fast_h,bee_hazard,wind_max_mps,crop,target,dose_min,dose_max,dose_unit,dilution_min,dilution_max,volume_min_l_10a,volume_max_l_10a,max_per_season,max_per_ingredient,phi_days,interval_days,buffer_m
JP,DEMO-001,Demo Hamaki flowable (fictitious),insecticide,demoantraniliprole:IRAC 28,2028-03-31,12,2,no,3,apple,oriental-fruit-moth,60,120,mL/10a,2500,5000,300,400,2,demoantraniliprole:2,7,14,0
JP,DEMO-002,Demo Meiga granules (fictitious),insecticide,demothrin:IRAC 3A,2028-03-31,24,4,yes,3,apple,oriental-fruit-moth,100,200,mL/10a,1500,2000,300,400,3,demothrin:3,14,10,20
JP,DEMO-003,Demo Imochi wettable (fictitious),fungicide,democonazole:FRAC 3,2028-03-31,12,3,no,3,rice,rice-leaf-blast,60,150,g/10a,1000,1000,60,150,2,democonazole:2,21,10,0
JP,DEMO-004,Demo Eki emulsion (fictitious),fungicide,demothalonil:FRAC M05,2028-03-31,24,6,no,3,potato,late-blight-hutton,100,200,mL/10a,1000,1000,100,200,4,demothalonil:4,7,7,10
JP,DEMO-005,Demo Eki emulsion (fictitious) T,fungicide,demothalonil:FRAC M05,2028-03-31,24,6,no,3,tomato,late-blight,100,300,mL/10a,1000,1000,100,300,3,demothalonil:3,1,7,10
`
