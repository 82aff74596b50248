/**
 * Keeps the users of an external broker as the devices in the state store are: at once when one changes, and by a
 * comparison of both lists every ten minutes, which repeats what failed. The store alone states what must be there, so
 * nothing is lost when either side is away.
 */
import { MINUTE_MS, type Clock } from '../../broker/contract/time.ts'
import type { Logger, Running, State } from '../ports.ts'
import type { BrokerUser, BrokerUsers } from '../ports/broker-users.ts'
import { createRetrier, RetryStopped } from '../runtime/retry.ts'
import { serialQueue } from '../runtime/serial-queue.ts'

const EVERY_MS = 10 * MINUTE_MS
// a revoked device does not wait for the list of a large farm
const AT_ONCE = 200

export interface BrokerUsersKeeper extends Running {
  /** Resolves when the broker has the change, or when it could not be sent and is repeated. Never rejects. */
  deviceChanged(id: string): Promise<void>
  /** Differences found by the comparisons since the start. */
  counters(): { added: number; removed: number; failures: number }
}

/** Compares at once, without waiting for it. */
export function startBrokerUsers(deps: {
  state: State
  users: BrokerUsers
  clock: Clock
  log: Logger
}): BrokerUsersKeeper {
  const { state, users, clock, log } = deps
  const counters = { added: 0, removed: 0, failures: 0 }
  const queue = serialQueue()
  const retrier = createRetrier({ clock, log })
  let isStopped = false
  let comparison: Promise<void> | null = null
  let isOutdated = false
  let cancel = () => {}

  /** Sends what the store states of these devices at this moment. */
  async function send(ids: readonly string[]): Promise<void> {
    const present = await deviceUsers(state, ids)
    const gone = ids.filter((id) => !present.some((user) => user.id === id))
    if (gone.length > 0) await users.remove(gone)
    const taken = present.length > 0 ? await users.put(present) : []
    for (const device of taken)
      log.warn(
        { device },
        'the broker of BUS has a user with the name of this device, who is not of this Tilth',
      )
  }

  /** Both lists are read in turn with the changes of single devices, so that neither is older than a change. */
  async function compare(): Promise<void> {
    const { missing, surplus } = await queue.enqueue(async () =>
      differences(await deviceUsers(state), await users.list()),
    )
    const ids = [...surplus, ...missing]
    for (let i = 0; i < ids.length; i += AT_ONCE) await queue.enqueue(() => send(ids.slice(i, i + AT_ONCE)))
    counters.added += missing.length
    counters.removed += surplus.length
  }

  function compareNow(): void {
    isOutdated = comparison !== null
    if (isOutdated || isStopped) return
    cancel()
    comparison = retrier
      .retryForever('the users of the broker of BUS', compare)
      .catch((error: unknown) => {
        if (!(error instanceof RetryStopped))
          log.error({ error }, 'the users of the broker could not be compared')
      })
      .finally(() => {
        comparison = null
        if (isOutdated) compareNow()
        else if (!isStopped) cancel = clock.at(clock.now() + EVERY_MS, compareNow)
      })
  }

  compareNow()
  return {
    async deviceChanged(id) {
      try {
        await queue.enqueueUrgent(() => send([id]))
      } catch (error) {
        counters.failures++
        log.warn(
          { error, device: id },
          'the broker of BUS did not take the change of a device; it is repeated',
        )
        compareNow()
      }
    },
    counters: () => ({ ...counters, failures: counters.failures + retrier.failures() }),
    async stop() {
      isStopped = true
      cancel()
      retrier.stop()
      await comparison
      await queue.settled()
    },
  }
}

/** The devices that may sign in at the broker, or those of these. */
async function deviceUsers(state: State, ids?: readonly string[]): Promise<BrokerUser[]> {
  const rows = await state
    .selectFrom('device')
    .select(['id', 'org', 'brokerHash', 'previousSecretHash'])
    .where('brokerHash', 'is not', null)
    .where('revokedAtMs', 'is', null)
    .$if(ids !== undefined, (query) => query.where('id', 'in', ids!))
    .execute()
  return rows.map(({ brokerHash, previousSecretHash, ...device }) => ({
    ...device,
    hash: brokerHash!,
    isRotated: previousSecretHash !== null,
  }))
}

function differences(
  wanted: readonly BrokerUser[],
  listed: Awaited<ReturnType<BrokerUsers['list']>>,
): { missing: string[]; surplus: string[] } {
  const there = new Map(listed.map((user) => [user.id, user]))
  const ids = new Set(wanted.map(({ id }) => id))
  const isThere = ({ id, org, hash }: BrokerUser) =>
    there.get(id)?.org === org && there.get(id)?.hash === hash
  return {
    missing: wanted.filter((user) => !isThere(user)).map(({ id }) => id),
    surplus: listed.map(({ id }) => id).filter((id) => !ids.has(id)),
  }
}
