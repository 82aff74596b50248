/** What every write leaves behind: a line in the audit, and word to the other modules. */
import { internalTopic } from '../../../broker/contract/topics.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { ChangeEvent, State } from '../../ports.ts'
import type { Caller } from './caller.ts'
import type { Context } from './context.ts'

/** Notes who did what. `detail` holds no secret. */
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

/** Makes a change and notes it: both are kept, or neither is. `write` uses the rows that it is given. */
export async function audited(
  { state, clock }: Pick<Context, 'state' | 'clock'>,
  caller: Pick<Caller, 'org' | 'userId'>,
  line: { action: string; subject: string; detail: unknown },
  write: (rows: State) => Promise<unknown>,
): Promise<void> {
  await state.transaction().execute(async (rows) => {
    await write(rows)
    await audit({ state: rows, clock }, caller, line.action, line.subject, line.detail)
  })
}

/** Says on the bus that something changed. The rows are written already: a bus that is away must not undo them. */
export async function announce(
  { bus, clock, log }: Pick<Context, 'bus' | 'clock' | 'log'>,
  org: string,
  change: Omit<ChangeEvent, 'atMs'>,
): Promise<void> {
  const payload = JSON.stringify({ ...change, atMs: clock.now() } satisfies ChangeEvent)
  try {
    await bus.publish(internalTopic(org, 'event'), payload, { qos: 1, retain: false })
  } catch (error) {
    log.warn({ error, org, event: change.event }, 'a change could not be announced')
  }
}
