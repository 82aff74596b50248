/** Counts what each caller asks for: so many at once, then as many again over a minute. Kept in memory, and bounded. */
import { isIPv6 } from 'node:net'
import { MINUTE_MS } from '../../../broker/contract/time.ts'

const REMEMBERED = 10_000

export interface Rate {
  /** Takes one for `who`; 0, or after how many whole seconds there is one again. */
  take(who: string): number
}

/** `now` is any monotonic clock in ms. */
export function rate(perMinute: number, now: () => number): Rate {
  const left = new Map<string, { tokens: number; atMs: number }>() // who asked last is at the end
  if (perMinute === Infinity) return { take: () => 0 }
  return {
    take(who) {
      const nowMs = now()
      const before = left.get(who) ?? { tokens: perMinute, atMs: nowMs }
      const tokens = Math.min(perMinute, before.tokens + ((nowMs - before.atMs) / MINUTE_MS) * perMinute)
      left.delete(who)
      left.set(who, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs })
      // a stranger with many addresses must not fill the memory: who was silent longest is forgotten
      if (left.size > REMEMBERED) left.delete(left.keys().next().value!)
      return tokens < 1 ? Math.ceil(((1 - tokens) / perMinute) * 60) : 0
    },
  }
}

/** The address that is counted: an IPv6 site has a whole /64 to itself, an IPv4 address in an IPv6 coat is IPv4. */
export function counted(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4)
  return groups.map((group) => parseInt(group, 16).toString(16)).join(':')
}
