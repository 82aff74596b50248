/** What every request is answered with, and the rows that it names. */
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow, RunRow, ZoneRow } from '../../tables.ts'
import type { DispatchState } from '../dispatch-state.ts'
import type { Refusal } from '../interlocks/interlocks.ts'
import type { Rows } from '../command-rows.ts'

export type RequestOutcome = { resultId: string | null } | { refused: Refusal }
/** Answered in the transaction that carried it out. */
export type OutcomeRecorded = { answered: true }

export const recordOutcome = (rows: Rows, { id }: RequestRow, answer: RequestOutcome) =>
  rows
    .updateTable('request')
    .set(
      'refused' in answer
        ? { state: 'refused', reason: answer.refused }
        : { state: 'accepted', reason: null, resultId: answer.resultId },
    )
    .where('id', '=', id)
    .execute()

/** Of the organisation that asks; undefined: it has no such zone. */
export const findZone = (desk: DispatchState, { org, zoneId }: RequestRow): Promise<ZoneRow | undefined> =>
  desk.state
    .selectFrom('zone')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', zoneId ?? '')
    .executeTakeFirst()

/** Likewise a run. */
export const findRun = (desk: DispatchState, { org, runId }: RequestRow): Promise<RunRow | undefined> =>
  desk.state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', runId ?? '')
    .executeTakeFirst()

export const publishRunEvent = (desk: DispatchState, run: RunRow) =>
  desk.outbox.publishEvent(run.org, { event: 'cmd', atMs: desk.clock.now(), fields: [run.fieldId] })

/** `state`: where it is written, a transaction where it stands or falls with what was asked for. */
export const auditRequest = (
  { state, clock }: Pick<DispatchState, 'state' | 'clock'>,
  { org, actor, id }: RequestRow,
  action: string,
  subject: string,
) => appendAudit(state, { org, atMs: clock.now(), actor, action, subject, detail: { request: id } })
