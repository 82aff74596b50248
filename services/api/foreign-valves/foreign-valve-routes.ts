/** The valves of a device of another make: how they are driven, their test run, and their release after a lock. */
import { ById, done, Done, responses } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { ByValve, ForeignValveForm, ForeignValveList, ForeignValvePatch } from './foreign-valve-schemas.ts'
import { listForeignValves, setForeignValve, startValveTest, unlockValve } from './foreign-valves.ts'
import { changeValveSettings } from './valve-settings.ts'

/** The set-up needs `admin`; the test run and the release, by a person at the valve, `openValve`. */
export function foreignValveRoutes(app: App, context: Context): void {
  app.get(
    '/api/devices/:id/valves',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'List the valves of a device of another make',
        description: 'With the drivers that fit it, and why one never opens.',
        params: ById,
        response: responses(ForeignValveList),
      },
    },
    ({ params, caller }) => listForeignValves(context, caller.org, params.id),
  )

  app.post(
    '/api/devices/:id/valves/:valve',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Set up a valve of another make',
        description: 'It opens after a test run. With another driver or output it is tested again.',
        params: ByValve,
        body: ForeignValveForm,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      await setForeignValve(context, caller, params.id, params.valve, body)
      return done
    },
  )

  app.patch(
    '/api/devices/:id/valves/:valve',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Change what is known of a valve of another make',
        description: 'A meter on its pipe, a second valve in series, and how long it sleeps.',
        params: ByValve,
        body: ForeignValvePatch,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      await changeValveSettings(context, caller, params.id, params.valve, body)
      return done
    },
  )

  app.post(
    '/api/devices/:id/valves/:valve/test',
    {
      config: { needs: 'openValve' },
      schema: {
        summary: 'Start the test run of a valve of another make',
        description: 'Shut the water first: it opens for one minute, and must close by itself.',
        params: ByValve,
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      await startValveTest(context, caller, params.id, params.valve)
      return done
    },
  )

  app.post(
    '/api/devices/:id/valves/:valve/unlock',
    {
      config: { needs: 'openValve' },
      schema: {
        summary: 'Unlock a valve of another make',
        description: 'After a person has looked at a valve that did not keep its time.',
        params: ByValve,
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      await unlockValve(context, caller, params.id, params.valve)
      return done
    },
  )
}
