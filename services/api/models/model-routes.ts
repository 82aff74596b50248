/** Model cards: every fit of the organisation or of one field, and a single fit. */
import Type from 'typebox'
import { fail } from '../../errors.ts'
import { responses } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { readModels } from './model-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { ModelCard, ModelCards } from './model-schemas.ts'
import { Id, ModelId } from '../http/validation/schema-primitives.ts'
import { modelCard, parseModelId } from './model-view.ts'

/** Need `read`. The newest fit of each subject, whether it is in use or not; NOT_FOUND for an unknown model id. */
export function modelRoutes(app: App, { state }: Context): void {
  const read = { needs: 'read' } as const

  app.get(
    '/api/models',
    {
      config: read,
      schema: {
        summary: 'List model cards',
        querystring: Type.Object({ fieldId: Type.Optional(Id) }),
        response: responses(ModelCards),
      },
    },
    async ({ caller: { org }, query: { fieldId } }) => {
      const field = fieldId === undefined ? null : await ownRow(state, 'field', org, fieldId)
      const [models, fields] = await Promise.all([
        readModels(state, org, field ? { field } : {}),
        state.selectFrom('field').select(['id', 'name']).where('org', '=', org).execute(),
      ])
      const names = new Map(fields.map(({ id, name }) => [id, name]))
      return { models: models.map((row) => modelCard(row, names.get(row.fieldId ?? '') ?? null)) }
    },
  )

  app.get(
    '/api/models/:id',
    {
      config: read,
      schema: {
        summary: 'Get a model card',
        params: Type.Object({ id: ModelId }),
        response: responses(ModelCard),
      },
    },
    async ({ caller: { org }, params: { id } }) => {
      const name = parseModelId(id)
      const [row] = name === null ? [] : await readModels(state, org, name)
      if (!row) fail('NOT_FOUND', `there is no model ${id} in this organisation`)
      const field = await state
        .selectFrom('field')
        .select('name')
        .where('org', '=', org)
        .where('id', '=', row.fieldId ?? '')
        .executeTakeFirst()
      return modelCard(row, field?.name ?? null)
    },
  )
}
