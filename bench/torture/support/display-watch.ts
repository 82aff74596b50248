/**
 * What a phone is shown of the valves, looked at all the time and held against what they really did (invariant I8): a
 * position shown as current was true within the last two heartbeats, and an unknown valve is shut by its bound.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { standardTiming } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { FastFarm } from './fast-farm.ts'
import type { Opening } from './valve-judge.ts'

export interface DisplayWatch {
  /** how often a phone was answered */
  responses(): number
  isRunning(zone: string): boolean
  /** Ends the looking; what was shown and was not so. */
  end(): Promise<string[]>
}

interface Claim {
  zone: string
  askedMs: AtMs
  atMs: AtMs // answered
  position: string
  boundMs: AtMs | null
}

const LOOK_EVERY_MS = 200 // of real time
const FRESH_MS = 2 * standardTiming.heartbeatIdleMs

/** `carryMs`: a word may take this long from the device to the phone, in farm time. */
export function watchDisplay(
  farm: Pick<FastFarm, 'clock' | 'judges' | 'lag' | 'person' | 'zones'>,
  carryMs: () => number,
): DisplayWatch {
  const claims: Claim[] = []
  let running = new Set<string>()
  let looks = 0
  let isOn = true

  async function look(): Promise<void> {
    const askedMs = farm.clock.now()
    const shown = await farm.person.field()
    const atMs = farm.clock.now()
    running = new Set(shown.running.flatMap(({ zoneId }) => (zoneId === null ? [] : [zoneId])))
    for (const { id, position, boundMs } of shown.zones)
      claims.push({ zone: id, askedMs, atMs, position, boundMs })
    looks += 1
  }

  const looking = (async () => {
    while (isOn) {
      await look().catch(() => {}) // the server is away
      await pause(LOOK_EVERY_MS)
    }
  })()

  return {
    responses: () => looks,
    isRunning: (zone) => running.has(zone),
    async end() {
      isOn = false
      await looking
      const slackMs = FRESH_MS + 1_000 + farm.lag.longestMs() + carryMs()
      return claims.flatMap((claim) => {
        const zone = farm.zones.find(({ id }) => id === claim.zone)!
        const own = farm.judges
          .get(zone.device)!
          .openings()
          .filter(({ valve }) => valve === zone.valve)
        return isTrue(claim, own, slackMs)
          ? []
          : [`${claim.zone} shown ${claim.position} at ${claim.atMs}, bound ${claim.boundMs}`]
      })
    },
  }
}

function isTrue(
  { position, askedMs, atMs, boundMs }: Claim,
  openings: readonly Opening[],
  slackMs: number,
): boolean {
  const endMs = (one: Opening) => one.closedMs ?? Infinity
  if (position === 'open')
    return openings.some((one) => one.openedMs <= atMs && endMs(one) >= askedMs - slackMs)
  if (position === 'closed')
    return !openings.some((one) => one.openedMs <= askedMs - slackMs && endMs(one) > atMs)
  // unknown: what was open then is shut by the bound that was shown with it
  if (boundMs === null) return true
  return openings.every((one) => one.openedMs > askedMs || endMs(one) <= Math.max(atMs, boundMs) + slackMs)
}
