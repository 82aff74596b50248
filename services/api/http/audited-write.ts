/** The effects of every write: a line in the audit, and a change event for the other modules. */
import { publishChange } from '../../runtime/change-events.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { ChangeEvent, State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import type { Caller } from './caller.ts'
import type { Context } from './context.ts'

/** Audits an action. `detail` holds no secret. */
export async function audit(
  { state, clock }: Pick<Context, 'state' | 'clock'>,
  caller: Pick<Caller, 'org' | 'userId'>,
  action: string,
  subject: string,
  detail: unknown,
): Promise<void> {
  const { org, userId: actor } = caller
  await appendAudit(state, { org, atMs: clock.now(), actor, action, subject, detail })
}

/** Writes a change and its audit line in one transaction. `write` must use the given rows. */
export async function audited(
  { state, clock }: Pick<Context, 'state' | 'clock'>,
  caller: Pick<Caller, 'org' | 'userId'>,
  line: { action: string; subject: string; detail: unknown },
  write: (rows: State) => Promise<unknown>,
): Promise<void> {
  await inOrg(state, caller.org, async (rows) => {
    await write(rows)
    await audit({ state: rows, clock }, caller, line.action, line.subject, line.detail)
  })
}

/** Publishes a change event. The rows are already committed: a bus failure must not undo them. */
export async function announce(
  { bus, clock, log }: Pick<Context, 'bus' | 'clock' | 'log'>,
  org: string,
  change: Omit<ChangeEvent, 'atMs'>,
): Promise<void> {
  try {
    await publishChange(bus, org, { ...change, atMs: clock.now() })
  } catch (error) {
    log.warn({ error, org, event: change.event }, 'a change event could not be published')
  }
}
