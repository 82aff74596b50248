/** A person's formats of numbers and times, on all of their phones; and the support contact. */
import { toJson } from '../../tables.ts'
import { responses, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { SupportContact, PersonPreferences } from './person-schemas.ts'
import { audited } from '../http/audited-write.ts'

/**
 * The support contact needs no sign-in, and is null unless SUPPORT_PHONE is set. Preferences belong to a person in
 * one organisation.
 */
export function profileRoutes(app: App, context: Context): void {
  const { settings } = context

  app.get(
    '/api/support-contact',
    {
      config: { needs: 'public' },
      schema: { summary: 'Get the support contact', response: responses(SupportContact) },
    },
    async () => ({
      phone: settings.supportPhone ?? null,
    }),
  )

  app.post(
    '/api/me/preferences',
    {
      config: { needs: 'read' },
      schema: { summary: 'Set your display preferences', body: PersonPreferences, response: responses(Done) },
    },
    async ({ caller, body }) => {
      const { org, userId } = caller
      const preferences = toJson(body)
      await audited(
        context,
        caller,
        { action: 'person.preferences', subject: userId, detail: body },
        (rows) =>
          rows
            .insertInto('person')
            .values({ org, userId, preferences })
            .onConflict((conflict) => conflict.columns(['org', 'userId']).doUpdateSet({ preferences }))
            .execute(),
      )
      return done
    },
  )
}
