/** Tasks for people: open ones, marking one done, and undoing that. */
import Type from 'typebox'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import { readTaskParams } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { TaskView } from './paddy-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { paddyRow } from './paddy-queries.ts'
import { taskView } from './paddy-view.ts'
import { announce, audited } from '../http/audited-write.ts'

/**
 * Changes need `tune`. A completed `set-board` task records the board height, reopening it forgets the height.
 * CONFLICT for a task that is not open, or was not done within a day.
 */
export function taskRoutes(app: App, context: Context): void {
  const { state, clock } = context

  app.get(
    '/api/tasks',
    {
      config: { needs: 'read' },
      schema: { summary: 'List open tasks', response: responses(Type.Array(TaskView)) },
    },
    async ({ caller }) => {
      const rows = await state
        .selectFrom('task')
        .selectAll()
        .where('org', '=', caller.org)
        .where('state', '=', 'open')
        .orderBy('createdAtMs')
        .orderBy('id')
        .execute()
      return rows.map(taskView)
    },
  )

  // a completed set-board task sets the known board height
  app.post(
    '/api/tasks/:id/done',
    {
      config: { needs: 'tune' },
      schema: { summary: 'Mark a task as done', params: ById, response: responses(Done) },
    },
    async ({ params, caller }) => {
      const task = await ownRow(state, 'task', caller.org, params.id)
      if (task.state !== 'open') fail('CONFLICT', 'this task is done, or no longer needed')
      const field = await ownRow(state, 'field', caller.org, task.fieldId)
      const boardMm = task.kind === 'set-board' ? Number(readTaskParams(task.params)['boardMm']) : null
      const line = { action: 'task.done', subject: task.id, detail: { kind: task.kind, boardMm } }
      await audited(context, caller, line, async (rows) => {
        await rows
          .updateTable('task')
          .set({ state: 'done', endedAtMs: clock.now(), endedBy: caller.userId })
          .where('id', '=', task.id)
          .execute()
        if (boardMm === null) return
        const row = { ...(await paddyRow(rows, field)), boardMm }
        await rows
          .insertInto('paddy')
          .values(row)
          .onConflict((conflict) => conflict.column('fieldId').doUpdateSet({ boardMm }))
          .execute()
      })
      await announce(context, caller.org, { event: 'plan', fields: [task.fieldId] })
      return done
    },
  )

  // a mistaken tap: the board height is unknown again
  app.post(
    '/api/tasks/:id/not-done',
    {
      config: { needs: 'tune' },
      schema: { summary: 'Reopen a task', params: ById, response: responses(Done) },
    },
    async ({ params, caller }) => {
      const task = await ownRow(state, 'task', caller.org, params.id)
      const field = await ownRow(state, 'field', caller.org, task.fieldId)
      if (task.state !== 'done' || (task.endedAtMs ?? 0) < clock.now() - DAY_MS)
        fail('CONFLICT', 'this task was not done within the last day; it cannot be reopened')
      const line = { action: 'task.not-done', subject: task.id, detail: { kind: task.kind } }
      await audited(context, caller, line, async (rows) => {
        await rows
          .updateTable('task')
          .set({ state: 'open', endedAtMs: null, endedBy: null })
          .where('id', '=', task.id)
          .execute()
        if (task.kind === 'set-board')
          await rows.updateTable('paddy').set({ boardMm: null }).where('fieldId', '=', field.id).execute()
      })
      await announce(context, caller.org, { event: 'plan', fields: [field.id] })
      return done
    },
  )
}
