/**
 * The way of a station that pushes over HTTP: its token is the secret of the integration. The answer is given after the
 * message is on disk.
 */
import { timingSafeEqual } from 'node:crypto'
import { tokenBucket, type TokenBucket } from '../../broker/contract/rate/token-bucket.ts'
import type { Clock } from '../ports.ts'
import type { MessageIntake, PushIntake } from '../ports/integrations.ts'
import type { IntegrationRow } from '../tables.ts'
import { statusKeeper, type StartWay, type WayEvents } from './way.ts'

// a station sends once in 16 s to 5 min
const PER_MINUTE = 30

const topics = {
  ecowitt: 'POST /api/push/ecowitt',
  wunderground: 'GET /weatherstation/updateweatherstation.php',
} as const

interface Station {
  row: IntegrationRow
  events: WayEvents
  status: ReturnType<typeof statusKeeper>
  rate: TokenBucket
}

/** The ways of stations that push, and what takes in what they push. */
export function pushWays(deps: { intake: MessageIntake; hashSecret(secret: string): string; clock: Clock }): {
  start: StartWay
  pushes: PushIntake
} {
  const { intake, hashSecret, clock } = deps
  const stations = new Map<string, Station>()

  function find(kind: keyof typeof topics, token: string): Station | null {
    const hash = Buffer.from(hashSecret(token))
    let found: Station | null = null
    // each is compared: the time shows nothing about a token
    for (const station of stations.values())
      for (const own of [station.row.secretHash, station.row.previousSecretHash])
        if (own !== null && isEqual(hash, Buffer.from(own)) && station.row.kind === kind) found = station
    return found
  }

  return {
    start(row, events) {
      const status = statusKeeper(() => clock.now())
      const rate = tokenBucket({ burst: PER_MINUTE, perS: PER_MINUTE / 60 }, performance.now())
      const station: Station = { row, events, status, rate }
      stations.set(row.id, station)
      return {
        publish: () => Promise.resolve(false),
        get: () => Promise.resolve(null),
        isConnected: () => status.read().state === 'connected',
        status: status.read,
        retained: () => [],
        stop: () => Promise.resolve(void (stations.get(row.id) === station && stations.delete(row.id))),
      }
    },
    pushes: {
      async receive({ kind, token, payload }) {
        const station = find(kind, token)
        if (station === null) return 'unknown'
        if (!station.rate.tryTake(performance.now())) return 'too-many'
        const { row, events, status } = station
        const message = { topic: topics[kind], payload, receivedMs: clock.now() }
        const outcome = await intake.accept({ org: row.org, integrationId: row.id, ...message })
        if (outcome !== 'stored') return outcome
        status.received(message.receivedMs)
        if (status.set({ state: 'connected' })) events.onConnected(true)
        events.onMessage({ ...message, isRetained: false })
        return outcome
      },
    },
  }
}

const isEqual = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
