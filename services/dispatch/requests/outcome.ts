/** The outcome of a request, and the rows that a request refers to. */
import { appendAudit } from '../../audit/audit-log.ts'
import type { RequestRow, RunRow, ZoneRow } from '../../tables.ts'
import type { DispatchState } from '../dispatch-state.ts'
import type { Refusal } from '../interlocks/interlocks.ts'
import type { Rows } from '../command-rows.ts'

export type RequestOutcome = { resultId: string | null } | { refused: Refusal }
/** The outcome was recorded in the transaction that executed the request. */
export type OutcomeRecorded = { isRecorded: true }

/** Writes only the row of the request, in the transaction of `rows`; the outcome is published separately. */
export const recordOutcome = (rows: Rows, { id }: RequestRow, outcome: RequestOutcome) =>
  rows
    .updateTable('request')
    .set(
      'refused' in outcome
        ? { state: 'refused', reason: outcome.refused }
        : { state: 'accepted', reason: null, resultId: outcome.resultId },
    )
    .where('id', '=', id)
    .execute()

/** The zone of the request within its organisation; undefined: there is none. */
export const findZone = (
  dispatch: Pick<DispatchState, 'state'>,
  { org, zoneId }: RequestRow,
): Promise<ZoneRow | undefined> =>
  dispatch.state
    .selectFrom('zone')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', zoneId ?? '')
    .executeTakeFirst()

/** The run of the request within its organisation. */
export const findRun = (
  dispatch: Pick<DispatchState, 'state'>,
  { org, runId }: RequestRow,
): Promise<RunRow | undefined> =>
  dispatch.state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', runId ?? '')
    .executeTakeFirst()

/** A `command` event for the field of the run, without the id of a command. Does not wait for the bus. */
export const publishRunEvent = (dispatch: Pick<DispatchState, 'clock' | 'outbox'>, run: RunRow) =>
  dispatch.outbox.publishEvent(run.org, {
    event: 'command',
    atMs: dispatch.clock.now(),
    fields: [run.fieldId],
  })

/** `state`: the store, or the transaction that the audit line belongs to. */
export const auditRequest = (
  { state, clock }: Pick<DispatchState, 'state' | 'clock'>,
  { org, actor, id }: RequestRow,
  action: string,
  subject: string,
) => appendAudit(state, { org, atMs: clock.now(), actor, action, subject, detail: { request: id } })
