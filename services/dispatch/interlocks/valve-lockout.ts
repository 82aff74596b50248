/** Three consecutive failures of a valve lock it, until a person clears the lockout or a manual start succeeds. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { CommandRow, RequestRow } from '../../tables.ts'
import type { Rows } from '../command-rows.ts'
import { valveResult } from './valve-result.ts'
import { inOrg } from '../../runtime/transactions.ts'

const FAILURES = 3

/** Three consecutive failures, newest first; openings without a result for the valve are skipped. */
export async function isLockedOut(rows: Rows, device: string, valve: string): Promise<boolean> {
  const endedCommands = await rows
    .selectFrom('command')
    .select(['state', 'outcome', 'ranMs'])
    .where('deviceId', '=', device)
    .where('valve', '=', valve)
    .where('op', '=', 'open')
    .where('endedAtMs', 'is not', null)
    .where('seq', '>', await lockoutClearedSeq(rows, device, valve))
    .orderBy('seq', 'desc')
    .limit(20)
    .execute()
  const results = endedCommands.map((row: Pick<CommandRow, 'state' | 'outcome' | 'ranMs'>) =>
    valveResult(row),
  )
  const significant = results.filter((result) => result !== 'nothing').slice(0, FAILURES)
  return significant.length === FAILURES && significant.every((result) => result === 'failure')
}

async function lockoutClearedSeq(rows: Rows, device: string, valve: string): Promise<number> {
  const storedSequence = await rows
    .selectFrom('valveSequence')
    .select('lockoutClearedSeq')
    .where('deviceId', '=', device)
    .where('valve', '=', valve)
    .executeTakeFirst()
  return Number(storedSequence?.lockoutClearedSeq ?? 0)
}

/**
 * Clears the lockout after an inspection: earlier failures no longer count. `answer` is written in the same
 * transaction.
 */
export async function clearLockout(
  state: Rows,
  valve: { org: string; device: string; valve: string },
  request: RequestRow,
  atMs: AtMs,
  recordOutcome: (rows: Rows) => Promise<unknown>,
): Promise<void> {
  const key = { deviceId: valve.device, valve: valve.valve }
  await inOrg(state, valve.org, async (rows) => {
    const { seq } = await rows
      .selectFrom('command')
      .select((row) => row.fn.max('seq').as('seq'))
      .where('deviceId', '=', key.deviceId)
      .where('valve', '=', key.valve)
      .executeTakeFirstOrThrow()
    const forgiven = Number(seq ?? 0)
    await rows
      .insertInto('valveSequence')
      .values({ ...key, org: valve.org, usedSeq: 0, lockoutClearedSeq: forgiven })
      .onConflict((conflict) =>
        conflict.columns(['deviceId', 'valve']).doUpdateSet({ lockoutClearedSeq: forgiven }),
      )
      .execute()
    await appendAudit(rows, {
      org: valve.org,
      atMs,
      actor: request.actor,
      action: 'valve-unlocked',
      subject: valve.device,
      detail: { valve: valve.valve, lockoutClearedSeq: forgiven, request: request.id },
    })
    await recordOutcome(rows)
  })
}
