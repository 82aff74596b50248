/**
 * Resolves the time of a measurement: the device clock where it can be trusted; otherwise its monotonic clock, tied
 * to the wall clock by other messages of the same boot; otherwise the arrival. Pure.
 */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { DAY_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'

/** A boot of a device: the instant at which its monotonic clock was 0. */
export interface Boot {
  boot: number
  zeroMs: AtMs
  isExact: boolean // from the device clock; otherwise the latest possible instant
}

export interface ResolvedTime {
  atMs: AtMs
  isEstimated: boolean // not from the device clock
  isAhead: boolean // from a clock that is ahead
  boots: Boot[]
}

const OLDEST_MS = 400 * DAY_MS
const QUARANTINE_AHEAD_MS = DAY_MS
const AHEAD_MS = 5 * MINUTE_MS
// an older time comes from a clock that was never set (1970, 2000), not from an old reading
const UNSET_BEFORE_MS = Date.UTC(2020, 0, 1)
const KEPT_BOOTS = 8

/**
 * The instant of a message, or why it is quarantined. The server clock may have been wrong when the message arrived:
 * the time of a replayed message is checked against the time of the replay as well.
 */
export function resolveTimestamp(
  message: { time?: string; boot: number; monoMs: number },
  { receivedMs, replayedMs }: { receivedMs: AtMs; replayedMs: AtMs | null },
  boots: readonly Boot[],
): Result<ResolvedTime> {
  const clockMs = readTime(message.time)
  if (clockMs !== null && clockMs >= UNSET_BEFORE_MS) {
    const latestMs = Math.max(receivedMs, replayedMs ?? receivedMs)
    const earliestMs = Math.min(receivedMs, replayedMs ?? receivedMs)
    if (clockMs > latestMs + QUARANTINE_AHEAD_MS)
      return err(`time: expected at most 24 h after its arrival at ${iso(latestMs)}, got ${message.time}`)
    if (clockMs < earliestMs - OLDEST_MS)
      return err(
        `time: expected at most 400 days before its arrival at ${iso(earliestMs)}, got ${message.time}`,
      )
    const boot = { boot: message.boot, zeroMs: clockMs - message.monoMs, isExact: true }
    return ok({
      atMs: clockMs,
      isEstimated: false,
      isAhead: clockMs > latestMs + AHEAD_MS,
      boots: withBoot(boots, boot),
    })
  }
  const latestZeroMs = receivedMs - message.monoMs
  const knownBoot = boots.find(({ boot }) => boot === message.boot)
  // a reading cannot arrive before it was measured: each arrival can only move the zero of an uncertain boot earlier
  const knownZeroMs = knownBoot
    ? knownBoot.isExact
      ? knownBoot.zeroMs
      : Math.min(knownBoot.zeroMs, latestZeroMs)
    : latestZeroMs
  // a zero from a wrong number would place every later message of the boot years ago
  const isPossible = knownZeroMs + message.monoMs >= receivedMs - OLDEST_MS
  const zeroMs = isPossible ? knownZeroMs : latestZeroMs
  const atMs = Math.round(Math.min(receivedMs, zeroMs + message.monoMs))
  const boot = { boot: message.boot, zeroMs, isExact: knownBoot?.isExact ?? false }
  return ok({ atMs, isEstimated: true, isAhead: false, boots: withBoot(boots, boot) })
}

function withBoot(boots: readonly Boot[], boot: Boot): Boot[] {
  const otherBoots = boots.filter((item) => item.boot !== boot.boot)
  return [boot, ...otherBoots].slice(0, KEPT_BOOTS)
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function readTime(text: string | undefined): AtMs | null {
  if (text === undefined || !RFC_3339.test(text)) return null
  const atMs = Date.parse(text.replace(' ', 'T').toUpperCase())
  return Number.isNaN(atMs) ? null : atMs
}

const iso = (atMs: AtMs) => new Date(atMs).toISOString()
