/** One engine at a time on one PostgreSQL: the others wait, and an engine that has lost its turn sends nothing more. */
import type { Clock } from '../../broker/contract/time.ts'
import { isInternal } from '../../broker/contract/topics.ts'
import type { Leadership } from '../adapters/postgres/leadership.ts'
import { stateFilePath } from '../adapters/state.ts'
import { nodeId } from '../config/node-id.ts'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'
import type { Bus, Logger, State } from '../ports.ts'
import type { IntegrationConnections } from '../ports/integrations.ts'
import { toJson } from '../tables.ts'
import { startStandbyServer } from './standby-server.ts'

/**
 * Waits until this process is the engine at work; its HTTP port answers meanwhile that it stands by. Null with a state
 * store of its own, where no other engine can be. `onLost` must end the process: its parts do not know that they must
 * stop.
 */
export async function waitForLeadership(deps: {
  settings: Settings
  clock: Clock
  log: Logger
  onLost: (reason: string) => void
}): Promise<Leadership | null> {
  const { settings, clock, log, onLost } = deps
  if (stateFilePath(settings.state) !== null) return null
  const { becomeLeader } = await import('../adapters/postgres/leadership.ts')
  let standby: ReturnType<typeof startStandbyServer> | null = null
  try {
    const leadership = await becomeLeader({
      url: settings.state,
      holder: nodeId(settings.dataDir),
      clock,
      log,
      onLost,
      onWaiting(engine) {
        if (standby !== null) return
        log.info({ engine }, 'standing by: another engine is at work')
        standby = startStandbyServer(settings)
        standby.catch((error: unknown) => log.error({ error }, 'the standby port could not be opened'))
      },
    })
    log.info({ epoch: leadership.epoch }, 'this engine is at work')
    return leadership
  } finally {
    // its port is taken by the API next
    await (standby as ReturnType<typeof startStandbyServer> | null)?.then(
      (server) => server.stop(),
      () => {},
    )
  }
}

const SECRETS_KEY = 'secrets'

/**
 * Nodes that share a database must have the same secrets: with others no device could sign in, and no session would hold.
 * The first node writes what they are, as a hash. INVALID_CONFIG.
 */
export async function checkSharedSecrets(state: State, id: string): Promise<void> {
  await state
    .insertInto('setting')
    .values({ key: SECRETS_KEY, value: toJson(id) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { value } = await state
    .selectFrom('setting')
    .select('value')
    .where('key', '=', SECRETS_KEY)
    .executeTakeFirstOrThrow()
  if (value !== toJson(id))
    fail(
      'INVALID_CONFIG',
      'SECRETS_FILE (or secrets.json in DATA_DIR) must hold the secrets with which the database of STATE was made: copy the file of the other node',
    )
}

/**
 * The bus of an engine: nothing but a STOP is sent to devices once another engine may be at work (BUS_UNAVAILABLE).
 * Events between services open nothing.
 */
export const busWhileAtWork = <Own extends Pick<Bus, 'publish'>>(bus: Own, leadership: Leadership): Own => ({
  ...bus,
  async publish(...message: Parameters<Bus['publish']>) {
    const [topic, , { isStop }] = message
    if (isStop !== true && !isInternal(topic) && !leadership.isCurrent())
      fail('BUS_UNAVAILABLE', 'another engine may be at work: nothing is sent')
    return bus.publish(...message)
  },
})

/** The connections to integrations of an engine: nothing but a STOP is sent once another engine may be at work. */
export const connectionsWhileAtWork = <Connections extends Pick<IntegrationConnections, 'publish'>>(
  connections: Connections,
  leadership: Leadership,
): Connections => ({
  ...connections,
  publish: async (...message: Parameters<IntegrationConnections['publish']>) =>
    (message[1].isStop === true || leadership.isCurrent()) && connections.publish(...message),
})
