/** A person's formats of numbers and times, on all of their phones. */
import { toJson } from '../../tables.ts'
import { responses, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { PersonPreferences } from './person-schemas.ts'
import { audited } from '../http/audited-write.ts'

/** Preferences belong to a person in one organisation. */
export function profileRoutes(app: App, context: Context): void {
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
