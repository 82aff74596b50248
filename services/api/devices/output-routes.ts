/**
 * Auxiliary outputs: assigned to a field, enabled with hours and a rule, and switched off with one tap. The
 * controller reports what an output drives.
 */
import { randomUUID } from 'node:crypto'
import { activeStates } from '../../../broker/contract/command-lifecycle/types.ts'
import { fail } from '../../errors.ts'
import { isAuxiliaryOutput, outputBounds } from '../../domain/auxiliary-outputs.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldRow, type AuxOutputRow, type ValveStateRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import { heartbeatMsOf, type App, type Context } from '../http/context.ts'
import { Created } from '../http/responses.ts'
import { applyOutputPatch, auxiliaryKind } from './output-forms.ts'
import { NewOutput, OutputList, OutputPatch, OutputView } from './output-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { outputView } from './output-view.ts'
import { announce, audited } from '../http/audited-write.ts'

const RUNS_SHOWN = 10

/**
 * Changes need `configure`, switching off only `stop`. CONFLICT for an output that is not reported, already assigned,
 * or deleted while it is on; a new output is off.
 */
export function outputRoutes(app: App, context: Context): void {
  const { state, clock, settings } = context
  const configure = { needs: 'configure' } as const

  app.get(
    '/api/fields/:id/outputs',
    {
      config: { needs: 'read' },
      schema: {
        summary: 'List the auxiliary outputs of a field',
        params: ById,
        response: responses(OutputList),
      },
    },
    async ({ params, caller }) => {
      const field = await ownRow(state, 'field', caller.org, params.id)
      const rows = await state
        .selectFrom('auxOutput')
        .selectAll()
        .where('org', '=', caller.org)
        .where('fieldId', '=', field.id)
        .orderBy('name')
        .orderBy('id')
        .execute()
      return { outputs: await Promise.all(rows.map(show)), free: await freeOutputs(state, field) }
    },
  )

  app.post(
    '/api/fields/:id/outputs',
    {
      config: configure,
      schema: {
        summary: 'Assign an auxiliary output to a field',
        params: ById,
        body: NewOutput,
        response: responses(Created),
      },
    },
    async ({ params, body, caller }) => {
      const { org } = caller
      const field = await ownRow(state, 'field', org, params.id)
      const device = await ownRow(state, 'device', org, body.deviceId)
      if (device.kind !== 'controller')
        fail('BAD_REQUEST', `deviceId: must be a controller, ${device.id} is a ${device.kind}`)
      if (device.farmId !== null && device.farmId !== field.farmId)
        fail('BAD_REQUEST', 'deviceId: must be a controller of the same farm')
      const reportedValve = await readValve(state, device.id, body.valve)
      if (!reportedValve)
        fail('CONFLICT', `valve: ${device.id} has not reported yet what ${body.valve} is; connect it first`)
      const kind = auxiliaryKind(reportedValve.kind, body.valve)
      const otherOutput = await state
        .selectFrom('auxOutput')
        .select('name')
        .where('deviceId', '=', device.id)
        .where('valve', '=', body.valve)
        .executeTakeFirst()
      if (otherOutput) fail('CONFLICT', `valve: ${body.valve} is already assigned to ${otherOutput.name}`)
      const { maxOnMinutes, minEveryMinutes, maxDailyMinutes, quietHours, maxWindMps } = outputBounds[kind]
      const onMinutes = Math.min(maxOnMinutes, 30)
      const row: AuxOutputRow = {
        id: randomUUID(),
        org,
        farmId: field.farmId,
        fieldId: field.id,
        kind,
        ...body,
        isOn: 0,
        switchedBy: null,
        switchedAtMs: null,
        rule: null, // off until a person enables it
        hours: toJson([{ fromMin: 0, toMin: 0 }]),
        quietHours: quietHours === null ? null : toJson(quietHours),
        onMinutes,
        everyMinutes: Math.max(onMinutes, minEveryMinutes),
        maxDailyMinutes,
        maxWindMps,
        pausedUntilMs: null,
        reason: null,
      }
      await audited(context, caller, { action: 'output.create', subject: row.id, detail: body }, (rows) =>
        rows.insertInto('auxOutput').values(row).execute(),
      )
      await announce(context, org, { event: 'field', fields: [field.id] })
      return { id: row.id }
    },
  )

  app.patch(
    '/api/outputs/:id',
    {
      config: configure,
      schema: {
        summary: 'Change an auxiliary output',
        params: ById,
        body: OutputPatch,
        response: responses(OutputView),
      },
    },
    async ({ params, body, caller }) => {
      const before = await ownRow(state, 'auxOutput', caller.org, params.id)
      const next = applyOutputPatch(before, body)
      if (body.isOn !== undefined)
        Object.assign(next, {
          switchedBy: caller.userId,
          switchedAtMs: clock.now(),
          pausedUntilMs: null,
          reason: null,
        })
      await audited(context, caller, { action: 'output.change', subject: before.id, detail: body }, (rows) =>
        rows.updateTable('auxOutput').set(next).where('id', '=', before.id).execute(),
      )
      await announceOutput(next)
      return show(next)
    },
  )

  // one tap, for every role that may stop a valve
  app.post(
    '/api/outputs/:id/off',
    {
      config: { needs: 'stop' },
      schema: { summary: 'Switch off an auxiliary output', params: ById, response: responses(OutputView) },
    },
    async ({ params, caller }) => {
      const before = await ownRow(state, 'auxOutput', caller.org, params.id)
      const off = { isOn: 0, switchedBy: caller.userId, switchedAtMs: clock.now() } as const
      await audited(context, caller, { action: 'output.off', subject: before.id, detail: {} }, (rows) =>
        rows.updateTable('auxOutput').set(off).where('id', '=', before.id).execute(),
      )
      await announceOutput(before)
      return show({ ...before, ...off })
    },
  )

  app.delete(
    '/api/outputs/:id',
    {
      config: configure,
      schema: { summary: 'Remove an auxiliary output', params: ById, response: responses(Done) },
    },
    async ({ params, caller }) => {
      const output = await ownRow(state, 'auxOutput', caller.org, params.id)
      const enabledOutput = await state
        .selectFrom('command')
        .select('id')
        .where('deviceId', '=', output.deviceId)
        .where('valve', '=', output.valve)
        .where('state', 'in', activeStates)
        .limit(1)
        .executeTakeFirst()
      if (enabledOutput) fail('CONFLICT', 'this output is enabled; switch it off first')
      const line = { action: 'output.delete', subject: output.id, detail: { name: output.name } }
      await audited(context, caller, line, async (rows) => {
        await rows.deleteFrom('auxOutputRun').where('outputId', '=', output.id).execute()
        await rows.deleteFrom('auxOutput').where('id', '=', output.id).execute()
      })
      await announce(context, caller.org, { event: 'field', fields: [output.fieldId] })
      return done
    },
  )

  /** Makes dispatch evaluate the outputs; the water plan is not affected. */
  const announceOutput = ({ org, fieldId }: AuxOutputRow) =>
    announce(context, org, { event: 'plan', fields: [fieldId], id: 'plan:outputs' })

  async function show(row: AuxOutputRow): Promise<OutputView> {
    const turns = await state
      .selectFrom('auxOutputRun')
      .selectAll()
      .where('outputId', '=', row.id)
      .orderBy('fromMs', 'desc')
      .limit(RUNS_SHOWN)
      .execute()
    const valve = await readValve(state, row.deviceId, row.valve)
    return outputView(row, turns, valve, { nowMs: clock.now(), heartbeatMs: heartbeatMsOf(settings) })
  }
}

const readValve = async (state: State, deviceId: string, valve: string): Promise<ValveStateRow | null> =>
  (await state
    .selectFrom('valveState')
    .selectAll()
    .where('deviceId', '=', deviceId)
    .where('valve', '=', valve)
    .executeTakeFirst()) ?? null

/** Auxiliary outputs of the farm's controllers that are not assigned yet. */
async function freeOutputs(state: State, { org, farmId }: FieldRow): Promise<OutputList['free']> {
  const reported = await state
    .selectFrom('valveState')
    .innerJoin('device', 'device.id', 'valveState.deviceId')
    .leftJoin('auxOutput', (join) =>
      join
        .onRef('auxOutput.deviceId', '=', 'valveState.deviceId')
        .onRef('auxOutput.valve', '=', 'valveState.valve'),
    )
    .select(['valveState.deviceId', 'valveState.valve', 'valveState.kind', 'device.name as device'])
    .where('valveState.org', '=', org)
    .where('device.revokedAtMs', 'is', null)
    .where((eb) => eb.or([eb('device.farmId', '=', farmId), eb('device.farmId', 'is', null)]))
    .where('auxOutput.id', 'is', null)
    .orderBy('valveState.deviceId')
    .orderBy('valveState.valve')
    .execute()
  return reported.flatMap(({ kind, ...rest }) => (isAuxiliaryOutput(kind) ? [{ ...rest, kind }] : []))
}
