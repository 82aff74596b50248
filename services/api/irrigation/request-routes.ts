/** Start, STOP, approve, skip: requests that dispatch executes under the same interlocks as planned runs. */
import { randomUUID } from 'node:crypto'
import { fail } from '../../errors.ts'
import { TEST_MINUTES } from '../../domain/manual-water.ts'
import { responses, ById } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { requestResult, submitRequest } from './requests.ts'
import { readCommand } from './command-queries.ts'
import { ownRow } from '../http/own-row.ts'
import {
  ApproveRequest,
  ClearRequest,
  CommandView,
  RequestResult,
  RunRequest,
  StartRequest,
  StopRequest,
  TestRequest,
} from './command-schemas.ts'
import { commandView } from './command-view.ts'

/**
 * Responds with the outcome, or with `new` when dispatch has none in time. CONFLICT when `idem` was used for another
 * request; STORE_UNAVAILABLE for a STOP that is sent but not recorded.
 */
export function requestRoutes(app: App, context: Context): void {
  const { state, clock } = context

  app.post(
    '/api/start',
    {
      config: { needs: 'openValve' },
      schema: {
        summary: 'Start irrigation of a zone',
        description: 'Runs under the same interlocks as the plan. The same `idem` is one request.',
        body: StartRequest,
        response: responses(RequestResult),
      },
    },
    async ({ body, caller }) => {
      const { idem: id, ...start } = body
      await ownRow(state, 'zone', caller.org, start.zoneId)
      return submitRequest(context, caller, { id, kind: 'start', ...start })
    },
  )

  // opens the valve for half a minute so that a person can check it: an ordinary start, under the same interlocks
  app.post(
    '/api/zones/:id/test',
    {
      config: { needs: 'openValve' },
      schema: {
        summary: 'Test a valve for half a minute',
        params: ById,
        body: TestRequest,
        response: responses(RequestResult),
      },
    },
    async ({ params, body: { idem: id, ...test }, caller }) => {
      const { id: zoneId } = await ownRow(state, 'zone', caller.org, params.id)
      return submitRequest(context, caller, { id, kind: 'test', zoneId, minutes: TEST_MINUTES, ...test })
    },
  )

  app.post(
    '/api/stop',
    {
      config: { needs: 'stop' },
      schema: {
        summary: 'Stop a zone, or all valves',
        description: 'Allowed for every role.',
        body: StopRequest,
        response: responses(RequestResult),
      },
    },
    async ({ body, caller }) => {
      const zoneId = body.zoneId ?? null
      // dispatch looks among the valves of the caller's organisation only
      if (zoneId !== null && !caller.isVerifiedEarlier) await ownRow(state, 'zone', caller.org, zoneId)
      const kind = zoneId === null ? 'stop-all' : 'stop'
      return submitRequest(context, caller, { id: body.idem, kind, zoneId, runId: null, minutes: null })
    },
  )

  const repair = {
    config: { needs: 'openValve' as const },
    schema: { params: ById, body: RunRequest, response: responses(RequestResult) },
    preValidation: async (request: { body: unknown }) => void (request.body ??= {}),
  }
  // a person has fixed a fault reported by a controller; a remaining fault is detected again
  app.post(
    '/api/devices/:id/clear-fault',
    { ...repair, schema: { ...repair.schema, summary: 'Clear a fault of a controller', body: ClearRequest } },
    async ({ params, body, caller }) => {
      const { id: deviceId } = await ownRow(state, 'device', caller.org, params.id)
      const { idem: id = randomUUID(), alertId = null } = body
      if (alertId !== null) await ownRow(state, 'alert', caller.org, alertId)
      return submitRequest(context, caller, { id, kind: 'clear-fault', deviceId, alertId })
    },
  )
  // a person has inspected a valve that failed three times
  app.post(
    '/api/zones/:id/unlock',
    { ...repair, schema: { ...repair.schema, summary: 'Clear the lockout of a valve' } },
    async ({ params, body, caller }) => {
      const { id: zoneId } = await ownRow(state, 'zone', caller.org, params.id)
      return submitRequest(context, caller, { id: body.idem ?? randomUUID(), kind: 'unlock', zoneId })
    },
  )

  const decide = {
    config: { needs: 'approve' as const },
    schema: { params: ById, response: responses(RequestResult) },
    // a POST without a body is the same as {}
    preValidation: async (request: { body: unknown }) => void (request.body ??= {}),
  }
  app.post(
    '/api/runs/:id/approve',
    { ...decide, schema: { ...decide.schema, summary: 'Approve a proposed run', body: ApproveRequest } },
    async ({ params, body: { idem: id = randomUUID(), seen, decidedOfflineAtMs }, caller }) => {
      const { id: runId, zoneId } = await ownRow(state, 'run', caller.org, params.id)
      const asSeen = seen && { minutes: seen.minutes, expectedStartMs: seen.startMs }
      return submitRequest(context, caller, {
        id,
        kind: 'approve',
        zoneId,
        runId,
        ...asSeen,
        decidedOfflineAtMs: decidedOfflineAtMs ?? null,
      })
    },
  )
  app.post(
    '/api/runs/:id/skip',
    { ...decide, schema: { ...decide.schema, summary: 'Skip a run', body: RunRequest } },
    async ({ params, body: { idem: id = randomUUID() }, caller }) => {
      const { id: runId, zoneId } = await ownRow(state, 'run', caller.org, params.id)
      return submitRequest(context, caller, { id, kind: 'skip-run', zoneId, runId })
    },
  )

  app.get(
    '/api/requests/:id',
    {
      config: { needs: 'read' },
      schema: { summary: 'Get the result of a request', params: ById, response: responses(RequestResult) },
    },
    async ({ params, caller }) =>
      requestResult(context, await ownRow(state, 'request', caller.org, params.id)),
  )

  app.get(
    '/api/commands/:id',
    {
      config: { needs: 'read' },
      schema: { summary: 'Get a valve command', params: ById, response: responses(CommandView) },
    },
    async ({ params, caller }) => {
      const rows = await readCommand(context, caller.org, clock.now(), params.id)
      return rows
        ? commandView(rows)
        : fail('NOT_FOUND', `there is no command ${params.id} in this organisation`)
    },
  )
}
