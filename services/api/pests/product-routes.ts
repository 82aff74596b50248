/** Plant protection products as on their labels: the list, an import that is previewed first, and removal. */
import type { Static } from 'typebox'
import { fail } from '../../errors.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import type { ImportSource } from '../ports/pest-service.ts'
import { Imported, ImportPreview, ProductImport, ProductList, ProductTable } from './product-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { productView } from './treatment-view.ts'
import { announce, audit, audited } from '../http/audited-write.ts'

/**
 * Changes need `configure`. BAD_REQUEST when an import does not give the hash and the number of unusable rows of its
 * preview. A retired product stays on record.
 */
export function productRoutes(app: App, context: Context): void {
  const { state, clock, pests } = context
  const configure = { needs: 'configure' } as const

  app.get(
    '/api/products',
    {
      config: { needs: 'read' },
      schema: { summary: 'List plant protection products', response: responses(ProductList) },
    },
    async ({ caller: { org } }) => {
      const [products, uses] = await Promise.all([
        state.selectFrom('product').selectAll().where('org', '=', org).orderBy('name').execute(),
        state.selectFrom('productUse').selectAll().where('org', '=', org).orderBy('crop').execute(),
      ])
      const usesOf = groupBy(uses, ({ productId }) => productId)
      return { products: products.map((row) => productView(row, usesOf.get(row.id) ?? [])) }
    },
  )

  app.post(
    '/api/products/preview',
    {
      config: configure,
      schema: {
        summary: 'Preview an import of products',
        description: 'Changes nothing. Reports every row that cannot be used.',
        body: ProductTable,
        response: responses(ImportPreview),
      },
    },
    async ({ body, caller }) => {
      const { org } = caller
      const match = await pests.previewImport(org, sourceOf(body))
      const preview = match.ok ? match.value : fail('BAD_REQUEST', match.error)
      const detail = { format: body.format, hash: preview.hash, rows: preview.rows, bad: preview.bad.length }
      await audit(context, caller, 'product.preview', org, detail)
      return preview
    },
  )

  app.post(
    '/api/products/import',
    {
      config: configure,
      schema: { summary: 'Import products', body: ProductImport, response: responses(Imported) },
    },
    async ({ body, caller }) => {
      const { org, userId: actor } = caller
      const { hash, leaveOut, format, text } = body
      const detail = { format, hash, leaveOut, bytes: text.length }
      const read = await pests.readProducts(sourceOf(body))
      const products = read.ok ? read.value : fail('BAD_REQUEST', read.error)
      let imported: Static<typeof Imported> | null = null
      await audited(context, caller, { action: 'product.import', subject: org, detail }, async (rows) => {
        const author = { org, actor, atMs: clock.now() }
        const result = await pests.importProducts(rows, author, products, { hash, leaveOut })
        imported = result.ok ? result.value : fail('BAD_REQUEST', result.error)
      })
      await announce(context, org, { event: 'field' })
      return imported!
    },
  )

  // treatments keep their own copy of the label
  app.post(
    '/api/products/:id/retire',
    { config: configure, schema: { summary: 'Retire a product', params: ById, response: responses(Done) } },
    async ({ params: { id }, caller }) => {
      const { name, country, registrationNumber } = await ownRow(state, 'product', caller.org, id)
      const detail = { name, country, registrationNumber }
      await audited(context, caller, { action: 'product.retire', subject: id, detail }, (rows) =>
        rows.updateTable('product').set({ retiredAtMs: clock.now() }).where('id', '=', id).execute(),
      )
      await announce(context, caller.org, { event: 'field' })
      return done
    },
  )
}

const sourceOf = ({ format, text }: Static<typeof ProductTable>): ImportSource =>
  format === 'demo' ? 'demo' : { format, text }
