/**
 * Messages of the publishers: one soil reading each, with its own instant, so that every message can be found in a
 * store by (device, instant).
 */
import { systemClock, type AtMs } from '../../broker/contract/time.ts'

export interface Messages {
  payload(publisher: number, n: number): string
  /** The instant of a message; undefined when it was never sent. */
  atMsOf(publisher: number, n: number): AtMs | undefined
  /** The value of a message, % vol. */
  valueOf(n: number): number
  /** Forgets a message, so that a long load needs bounded memory. */
  forget(publisher: number, n: number): void
}

// two messages of a device at one instant are stored one millisecond apart: with two between messages, a duplicate is
// recognisable
const APART_MS = 2

/** A resent message has the same content. */
export function messages(publishers: number, now: () => AtMs = systemClock.now): Messages {
  const instants = Array.from({ length: publishers }, () => new Map<number, AtMs>())
  const lastMs = new Array<AtMs>(publishers).fill(0)
  const startMs = performance.now()

  function instantOf(publisher: number, n: number): AtMs {
    const instant = instants[publisher]!.get(n)
    if (instant !== undefined) return instant
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

// within the range of soil in a minute, so that every reading passes the quality tests
const valueOf = (n: number): number => (200 + (n % 40)) / 10
