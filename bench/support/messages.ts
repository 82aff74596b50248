/**
 * What the publishers say: one soil reading a message, each with its own instant, so that every message can be found
 * again in a store by (device, instant).
 */
import { systemClock, type AtMs } from '../../broker/contract/time.ts'

export interface Messages {
  payload(publisher: number, n: number): string
  /** The instant that message carries; undefined when it was never said. */
  atMsOf(publisher: number, n: number): AtMs | undefined
  /** The value that message carries, % vol. */
  valueOf(n: number): number
  /** Forgets, so that a long load stays within its memory. */
  forget(publisher: number, n: number): void
}

// two messages of a device that fall on one instant are stored a millisecond apart: two apart, a repeat that was
// stored again would stand alone
const APART_MS = 2

/** A message that is sent again says what it said the first time. */
export function messages(publishers: number, now: () => AtMs = systemClock.now): Messages {
  const instants = Array.from({ length: publishers }, () => new Map<number, AtMs>())
  const lastMs = new Array<AtMs>(publishers).fill(0)
  const startMs = performance.now()

  function instantOf(publisher: number, n: number): AtMs {
    const known = instants[publisher]!.get(n)
    if (known !== undefined) return known
    const atMs = Math.max(now(), lastMs[publisher]! + APART_MS)
    lastMs[publisher] = atMs
    instants[publisher]!.set(n, atMs)
    return atMs
  }

  return {
    payload(publisher, n) {
      const atMs = instantOf(publisher, n)
      const monoMs = Math.round(performance.now() - startMs)
      const time = new Date(atMs).toISOString()
      return `{"v":1,"n":${n},"boot":1,"monoMs":${monoMs},"time":"${time}","measurements":[{"soil":{"depth":30,"moisture":${valueOf(n)}}}]}`
    },
    atMsOf: (publisher, n) => instants[publisher]!.get(n),
    valueOf,
    forget: (publisher, n) => void instants[publisher]!.delete(n),
  }
}

// within what soil can do in a minute, so that every reading passes the quality tests
const valueOf = (n: number): number => (200 + (n % 40)) / 10
