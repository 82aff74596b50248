/** Keeps one publisher for each integration with a Home Assistant that is on and takes Tilth's fields. */
import { MINUTE_MS, SECOND_MS } from '../../broker/contract/time.ts'
import type { FieldSummary } from '../domain/field-summary.ts'
import type { Bus, Clock, Logger, Running, State } from '../ports.ts'
import { subscribeToChanges } from '../runtime/change-events.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { readHomeAssistantOptions, type IntegrationRow } from '../tables.ts'
import { startPublisher, type Publisher } from './publisher.ts'
import { availabilityTopic } from './topics.ts'

// changes come in groups, and a person at a dashboard does not notice a second
const DELAY_MS = SECOND_MS
// a valve that has stopped reporting becomes unknown without any event
const LOOK_EVERY_MS = MINUTE_MS
// a sensor of Home Assistant expires after two hours without a message
const REPEAT_EVERY_MS = 30 * MINUTE_MS

export interface HomeAssistantDeps {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  version: string
  publicUrl: string | null
  /** Connects to another broker with a will; rejects when it refuses. `onConnected`: after each later connection. */
  openBroker(
    address: { url: string; clientId: string; will: { topic: string; payload: string } } & Partial<
      Record<'userName' | 'password', string>
    >,
    onConnected: () => void,
  ): Promise<Pick<Bus, 'publish' | 'subscribe' | 'close'>>
  readFields(org: string): Promise<FieldSummary[]>
  requestStart(org: string, zoneId: string, minutes: number): Promise<void>
  requestStop(org: string, zoneId: string): Promise<void>
  random?: () => number
}

interface Connected {
  /** what it was opened with */
  key: string
  org: string
  publisher: Publisher
  close(): Promise<void>
}

/** Starts without waiting for any Home Assistant: a broker that is away is tried again each minute. */
export async function startHomeAssistant(deps: HomeAssistantDeps): Promise<Running> {
  const { state, clock, log } = deps
  const connected = new Map<string, Connected>()
  const queue = serialQueue()
  let isStopped = false
  let cancel = () => {}
  let dueMs = Infinity
  let areRowsDue = true
  let repeatDueMs = 0

  async function open(row: IntegrationRow): Promise<void> {
    const options = readHomeAssistantOptions(row.homeAssistant!)
    const { id, org, userName, secret } = row
    let publisher: Publisher | null = null
    const broker = await deps.openBroker(
      {
        url: row.url!,
        clientId: `tilth-ha-${id}`,
        will: { topic: availabilityTopic(options.base), payload: 'offline' },
        ...(userName === null ? {} : { userName }),
        ...(secret === null ? {} : { password: secret }),
      },
      () => void publisher?.publish({ all: true }).catch(notPublished(row)),
    )
    publisher = await startPublisher({
      bus: broker,
      clock,
      log,
      org,
      options,
      version: deps.version,
      publicUrl: deps.publicUrl,
      readFields: () => deps.readFields(org),
      requests: {
        start: (zoneId, minutes) => deps.requestStart(org, zoneId, minutes),
        stop: (zoneId) => deps.requestStop(org, zoneId),
      },
      random: deps.random ?? Math.random,
    })
    connected.set(id, { key: keyOf(row), org, publisher, close: () => broker.close() })
    await publisher.publish({ all: true })
  }

  async function close(id: string): Promise<void> {
    const gone = connected.get(id)
    connected.delete(id)
    await gone?.publisher.stop()
    await gone?.close()
  }

  /** Opens and closes publishers as the rows say. */
  async function syncRows(): Promise<void> {
    areRowsDue = false
    const rows = await state
      .selectFrom('integration')
      .selectAll()
      .where('kind', '=', 'home-assistant')
      .where('state', '=', 'on')
      .where('url', 'is not', null)
      .where('homeAssistant', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    const byId = new Map(rows.map((row) => [row.id, row]))
    for (const [id, { key }] of connected) {
      const row = byId.get(id)
      if (row === undefined || keyOf(row) !== key) await close(id)
    }
    for (const row of rows) if (!connected.has(row.id)) await open(row).catch(notPublished(row))
  }

  const notPublished =
    ({ id }: Pick<IntegrationRow, 'id'>) =>
    (error: unknown): void => {
      areRowsDue = true
      log.warn({ error, integration: id }, 'Home Assistant could not be reached; tried again in a minute')
    }

  async function work(): Promise<void> {
    if (areRowsDue) await syncRows()
    const isRepeatDue = clock.now() >= repeatDueMs
    if (isRepeatDue) repeatDueMs = clock.now() + REPEAT_EVERY_MS
    for (const [id, { publisher }] of connected)
      await publisher.publish({ all: isRepeatDue }).catch(notPublished({ id }))
  }

  /** One timer, for the earliest time. */
  function setTimer(atMs: number): void {
    if (isStopped || atMs >= dueMs) return
    cancel()
    dueMs = atMs
    cancel = clock.at(atMs, () => {
      dueMs = Infinity
      return queue
        .enqueue(work)
        .catch((error: unknown) => log.error({ error }, 'the publisher to Home Assistant failed'))
        .then(() => setTimer(clock.now() + LOOK_EVERY_MS))
    })
  }

  await subscribeToChanges(deps.bus, (org, { event }) => {
    if (event === 'device') areRowsDue = true
    if (areRowsDue || [...connected.values()].some((one) => one.org === org)) setTimer(clock.now() + DELAY_MS)
  })
  setTimer(clock.now())

  return {
    async stop() {
      isStopped = true
      cancel()
      await queue.settled()
      for (const id of [...connected.keys()]) await close(id)
    },
  }
}

const keyOf = ({ url, userName, secret, homeAssistant }: IntegrationRow): string =>
  JSON.stringify([url, userName, secret, homeAssistant])
