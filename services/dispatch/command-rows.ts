/** Rows that dispatch writes in addition to the command itself. */
import type { Kysely } from 'kysely'
import type { AtMs } from '../../broker/contract/time.ts'
import type { AuditEntry } from '../audit/audit-log.ts'
import type { CommandRow, Tables } from '../tables.ts'
import { toJson } from '../tables.ts'
import type { OpenCommand } from './dispatch-state.ts'
import { irrigationRow } from './runs/irrigation-record.ts'

export type Rows = Kysely<Tables>

/**
 * The close that fences an opening, as a command of its own. Its id is derived from the opening, so it is written
 * once.
 */
export function closeRow({ row, lifecycle, stoppedBy }: OpenCommand, atMs: AtMs): CommandRow {
  return {
    id: `${row.id.slice(0, 58)}-close`,
    org: row.org,
    deviceId: row.deviceId,
    valve: row.valve,
    seq: lifecycle.closeSeq!,
    op: 'close',
    ofSeq: row.seq,
    runId: row.runId,
    requestId: null,
    durMs: null,
    litres: null,
    state: 'sent',
    lifecycle: toJson({}),
    outcome: null,
    actor: stoppedBy ?? 'fence',
    reason: lifecycle.isStopped ? 'stop' : (lifecycle.unknownReason ?? 'stop'),
    expiresAtMs: lifecycle.boundAtMs ?? atMs,
    createdAtMs: atMs,
    sentAtMs: atMs,
    confirmedAtMs: null,
    endedAtMs: null,
    ranMs: null,
    ranLitres: null,
  }
}

/** `from`: the previous state of the command; null: it is new. */
export function auditEntry(
  { row, lifecycle, stoppedBy }: OpenCommand,
  atMs: AtMs,
  from: OpenCommand['lifecycle']['state'] | null = null,
): AuditEntry {
  const { state, outcome, ranMs, ranLitres, closeSeq } = lifecycle
  return {
    org: row.org,
    atMs,
    actor: state === 'fencing' ? (stoppedBy ?? 'fence') : row.actor,
    action: `command-${state}`,
    subject: row.id,
    detail: {
      device: row.deviceId,
      valve: row.valve,
      seq: row.seq,
      from,
      closeSeq,
      outcome,
      ranMs,
      ranLitres,
    },
  }
}

/** The record of an opening that was sent; a command that was never sent is no irrigation. */
export async function insertIrrigation(
  rows: Rows,
  { row, lifecycle, zone }: Pick<OpenCommand, 'row' | 'lifecycle' | 'zone'>,
  supplyLpm: number | null,
): Promise<void> {
  if (row.runId === null || lifecycle.sess === null) return
  const run = await rows.selectFrom('run').selectAll().where('id', '=', row.runId).executeTakeFirst()
  if (!run) return
  await rows
    .insertInto('irrigation')
    .values(irrigationRow(lifecycle, row, run, zone, supplyLpm))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
