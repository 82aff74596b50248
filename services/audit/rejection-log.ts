/**
 * Rejected actions of a device or gateway go into the audit of its organisation: the first of its kind at once, those of the
 * next ten minutes as one line with a count, so that repeated attempts cannot fill the disk. Attempts of unknown
 * clients are only counted by the broker: they belong to no organisation.
 */
import type { Clock } from '../../broker/contract/time.ts'
import { appendAudit } from './audit-log.ts'
import { eventCoalescer } from './coalesce.ts'
import type { Logger, State } from '../ports.ts'
import { serialQueue } from '../runtime/serial-queue.ts'

/** An action that a client attempted and was not permitted, as the broker reports it. */
export interface Rejection {
  /** the identity it claims: its client id, then its user name; neither is verified */
  claims: readonly string[]
  action: string
  reason: string
}

export interface RejectionLog {
  onRejected(rejection: Rejection): void
  /** Writes everything that is counted and not written yet. */
  stop(): Promise<void>
}

const REASON_CHARS = 200
// pending look-ups: a flood of unknown clients must not queue up at the store
const MOST_LOOKUPS = 100

interface PendingRejection {
  device: string
  org: string
  what: Rejection['action']
  reason: string
}

/** Writes `device.refused.*`. At most 100 identities are looked up at a time; rejections beyond that are dropped. */
export function createRejectionLog(deps: { state: State; clock: Clock; log: Logger }): RejectionLog {
  const { state, clock, log } = deps
  // by device and kind of rejection
  const gathered = eventCoalescer<PendingRejection>({
    clock,
    log,
    write: ({ org, device, what, reason }, times) =>
      appendAudit(state, {
        org,
        atMs: clock.now(),
        actor: 'system',
        action: `device.refused.${what}`,
        subject: device,
        detail: { reason: reason.slice(0, REASON_CHARS), times },
      }),
  })
  const lookups = new Map<string, { times: number }>() // by claimed ids and kind of rejection
  const queue = serialQueue()

  function then(run: () => Promise<void>): void {
    queue.enqueue(run).catch((error: unknown) => log.error({ error }, 'a rejection could not be audited'))
  }

  function onRejected(rejection: Rejection): void {
    const { claims, action: what, reason } = rejection
    const pending = gathered.pending(`${claims[0]} ${what}`)
    if (pending !== undefined) return gathered.add(`${claims[0]} ${what}`, { ...pending, reason })
    const key = `${claims.join(' ')} ${what}`
    const queued = lookups.get(key)
    if (queued !== undefined) return void queued.times++
    if (lookups.size >= MOST_LOOKUPS) return
    const lookup = { times: 1 }
    lookups.set(key, lookup)
    then(async () => {
      const device = await findDevice(claims).finally(() => lookups.delete(key))
      if (device === undefined) return
      const { id, org } = device
      gathered.add(`${id} ${what}`, { device: id, org, what, reason }, lookup.times)
    })
  }

  async function findDevice(claims: readonly string[]): Promise<{ id: string; org: string } | undefined> {
    const devices = await state
      .selectFrom('device')
      .select(['id', 'org'])
      .where('id', 'in', claims)
      .unionAll(state.selectFrom('integration').select(['id', 'org']).where('id', 'in', claims))
      .execute()
    return claims.map((claim) => devices.find(({ id }) => id === claim)).find((device) => device)
  }

  return {
    onRejected,
    async stop() {
      await queue.settled()
      await gathered.stop()
    },
  }
}
