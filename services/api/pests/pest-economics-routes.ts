/** The costs of a pest in a field, entered by a person; the economic threshold follows from them. */
import { ACTION_SHARE } from '../../agronomy/pests/economic-injury.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import { fail } from '../../errors.ts'
import type { PestEconomicsRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { PestEconomicsForm } from './treatment-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { announce, audited } from '../http/audited-write.ts'

const emptyEconomics: Omit<PestEconomicsRow, 'fieldId' | 'target' | 'org'> = {
  costPerHa: null,
  valuePerT: null,
  injuryPerCount: null,
  lossPerInjury: null,
  shareSaved: null,
  actionShare: ACTION_SHARE,
  seenCount: null,
  seenDay: null,
  isUsed: 0,
}

/**
 * Needs `configure`. Figures that are left out stay as they are. BAD_REQUEST for an unknown insect or an invalid
 * `seen.day`.
 */
export function pestEconomicsRoutes(app: App, context: Context): void {
  const { state } = context

  app.post(
    '/api/fields/:id/pest-economics',
    {
      config: { needs: 'configure' },
      schema: {
        summary: 'Set the economics of a pest in a field',
        params: ById,
        body: PestEconomicsForm,
        response: responses(Done),
      },
    },
    async ({ params: { id: fieldId }, body, caller }) => {
      const { org } = caller
      await ownRow(state, 'field', org, fieldId)
      const { target, isUsed, seen: seenThreshold, ...figures } = body
      if (!pestOf(target)) fail('BAD_REQUEST', `target: must be an insect that Tilth knows, got ${target}`)
      if (seenThreshold) checkDay('seen.day', seenThreshold.day)
      const before = await state
        .selectFrom('pestEconomics')
        .selectAll()
        .where('fieldId', '=', fieldId)
        .where('target', '=', target)
        .executeTakeFirst()
      const row: PestEconomicsRow = {
        ...(before ?? { ...emptyEconomics, fieldId, target, org }),
        ...(figures as Partial<PestEconomicsRow>),
        ...(isUsed === undefined ? {} : { isUsed: isUsed ? (1 as const) : (0 as const) }),
        ...(seenThreshold === undefined
          ? {}
          : { seenCount: seenThreshold?.count ?? null, seenDay: seenThreshold?.day ?? null }),
      }
      await audited(
        context,
        caller,
        { action: 'field.pest-economics', subject: fieldId, detail: body },
        (rows) =>
          rows
            .insertInto('pestEconomics')
            .values(row)
            .onConflict((conflict) => conflict.columns(['fieldId', 'target']).doUpdateSet(row))
            .execute(),
      )
      await announce(context, org, { event: 'field', fields: [fieldId] })
      return done
    },
  )
}
