/**
 * Whether an engine is at work, as a node that serves pages only sees it. While none is, people find an alert: what they
 * ask for is kept, and nothing opens or closes before an engine has it. An engine clears the alert at its first check, as
 * every alert that has ended.
 */
import { randomUUID } from 'node:crypto'
import { SECOND_MS, type Clock } from '../../broker/contract/time.ts'
import { isEngineAtWork } from '../adapters/state.ts'
import type { Bus, Logger, Running, State } from '../ports.ts'
import { publishChange } from '../runtime/change-events.ts'
import { inOrg } from '../runtime/transactions.ts'
import { toJson } from '../tables.ts'

const LOOK_EVERY_MS = 2 * SECOND_MS
// another engine takes over in less
const ALERT_AFTER_MS = 10 * SECOND_MS
const CAUSE = 'engine-away'

export interface EngineWatch extends Running {
  /** At the last look; false while the database does not answer. */
  isAtWork(): boolean
}

/** Looks at once and then every two seconds. */
export async function watchEngine(deps: {
  state: State
  bus: Pick<Bus, 'publish'>
  clock: Clock
  log: Logger
}): Promise<EngineWatch> {
  const { state, bus, clock, log } = deps
  let awaySinceMs: number | null = null
  let isReadable = false
  let isRaised: boolean | null = null
  let looking = look()

  async function look(): Promise<void> {
    try {
      const isAtWork = await isEngineAtWork(state)
      isReadable = true
      if (isAtWork && awaySinceMs !== null) log.info({}, 'an engine is at work')
      if (!isAtWork && awaySinceMs === null) log.warn({}, 'no engine is at work')
      awaySinceMs = isAtWork ? null : (awaySinceMs ?? clock.now())
      const shouldRaise = awaySinceMs !== null && clock.now() - awaySinceMs >= ALERT_AFTER_MS
      if ((isAtWork || shouldRaise) && isRaised !== shouldRaise) {
        await (shouldRaise ? raise(awaySinceMs!) : clear())
        isRaised = shouldRaise
      }
    } catch (error) {
      // the engine could not renew its lease either
      isReadable = false
      awaySinceMs = null
      log.warn({ error }, 'the engine at work could not be read; trying again')
    }
  }

  /** Every node that serves pages does it: one of them raises it. */
  async function raise(sinceMs: number): Promise<void> {
    const orgs = await state.selectFrom('farm').select('org').distinct().execute()
    for (const { org } of orgs) {
      const id = await inOrg(state, org, async (rows) => {
        const active = await rows
          .selectFrom('alert')
          .select('id')
          .where('org', '=', org)
          .where('cause', '=', CAUSE)
          .where('clearedMs', 'is', null)
          .executeTakeFirst()
        if (active !== undefined) return null
        const id = randomUUID()
        const place = { org, fieldId: null, deviceId: null }
        await rows
          .insertInto('alert')
          .values({
            id,
            ...place,
            cause: CAUSE,
            severity: 'act',
            params: toJson({}),
            sinceMs,
            clearedMs: null,
          })
          .execute()
        return id
      })
      if (id !== null) await announce(org, id)
    }
  }

  /** One that was raised after the engine had read the active alerts. */
  async function clear(): Promise<void> {
    const cleared = await state
      .updateTable('alert')
      .set({ clearedMs: clock.now() })
      .where('cause', '=', CAUSE)
      .where('clearedMs', 'is', null)
      .returning(['id', 'org'])
      .execute()
    for (const { id, org } of cleared) await announce(org, id)
  }

  const announce = (org: string, id: string): Promise<void> =>
    publishChange(bus, org, { event: 'alert', atMs: clock.now(), id, fields: [] }).catch((error: unknown) =>
      log.debug({ error }, 'an alert event was not published'),
    )

  const timer = setInterval(() => void (looking = looking.then(look)), LOOK_EVERY_MS)
  timer.unref()
  await looking

  return {
    isAtWork: () => isReadable && awaySinceMs === null,
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}
