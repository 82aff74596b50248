/**
 * Samples the displayed valve states and compares them with the actual ones (invariant I8): a position shown as current
 * was true within the last two heartbeats, and an unknown valve is closed by its bound, unless its lease is extended later.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { FastFarm } from './fast-farm.ts'
import type { Opening } from './valve-judge.ts'

export interface DisplayWatch {
  /** number of responses */
  responses(): number
  isRunning(zone: string): boolean
  /** Stops; returns the false claims. */
  end(): Promise<string[]>
}

export interface Claim {
  zone: string
  requestedMs: AtMs
  atMs: AtMs // response
  position: string
  boundMs: AtMs | null
}

const LOOK_EVERY_MS = 200 // of real time
const FRESH_MS = 2 * standardTiming.heartbeatIdleMs

/** `carryMs`: allowed latency from the device to the phone, in farm time. */
export function watchDisplay(
  farm: Pick<FastFarm, 'clock' | 'judges' | 'lag' | 'person' | 'zones'>,
  carryMs: () => number,
): DisplayWatch {
  const claims: Claim[] = []
  let running = new Set<string>()
  let polls = 0
  let isOn = true

  async function poll(): Promise<void> {
    const requestedMs = farm.clock.now()
    const display = await farm.person.field()
    const atMs = farm.clock.now()
    running = new Set(display.running.flatMap(({ zoneId }) => (zoneId === null ? [] : [zoneId])))
    for (const { id, position, boundMs } of display.zones)
      claims.push({ zone: id, requestedMs, atMs, position, boundMs })
    polls += 1
  }

  const looking = (async () => {
    while (isOn) {
      await poll().catch(() => {}) // the server is down
      await pause(LOOK_EVERY_MS)
    }
  })()

  return {
    responses: () => polls,
    isRunning: (zone) => running.has(zone),
    async end() {
      isOn = false
      await looking
      const slackMs = FRESH_MS + 1_000 + farm.lag.longestMs() + carryMs()
      return claims.flatMap((claim) => {
        const zone = farm.zones.find(({ id }) => id === claim.zone)!
        const openings = farm.judges
          .get(zone.device)!
          .openings()
          .filter(({ valve }) => valve === zone.valve)
        return isTrueClaim(claim, openings, slackMs)
          ? []
          : [`${claim.zone} shown ${claim.position} at ${claim.atMs}, bound ${claim.boundMs}`]
      })
    },
  }
}

/** `openings`: of its valve. `slackMs`: the allowed age of what is shown. */
export function isTrueClaim(
  { position, requestedMs, atMs, boundMs }: Claim,
  openings: readonly Opening[],
  slackMs: number,
): boolean {
  const endMs = (opening: Opening) => opening.closedMs ?? Infinity
  if (position === 'open')
    return openings.some((opening) => opening.openedMs <= atMs && endMs(opening) >= requestedMs - slackMs)
  if (position === 'closed')
    return !openings.some((opening) => opening.openedMs <= requestedMs - slackMs && endMs(opening) > atMs)
  // unknown: a valve open then is closed by the bound shown with it, as its leases were at that time
  if (boundMs === null) return true
  const latestMs = Math.max(atMs, boundMs) + slackMs
  return openings.every(
    (opening) =>
      opening.openedMs > requestedMs || endMs(opening) <= latestMs || leaseAt(opening, atMs) <= latestMs,
  )
}

const leaseAt = ({ leases }: Opening, atMs: AtMs): AtMs =>
  leases.findLast((lease) => lease.atMs <= atMs)?.untilMs ?? -Infinity
