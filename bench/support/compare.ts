/** What was said against what is stored: nothing acknowledged may be missing, nothing may stand there twice. */
import type { AtMs } from '../../broker/contract/time.ts'

/** Every message by device, each with the instant and the value it carried. */
export type SentMessages = ReadonlyMap<string, readonly { atMs: AtMs; value: number; isAcked: boolean }[]>
/** Every stored reading by device: instant -> value. */
export type Stored = ReadonlyMap<string, ReadonlyMap<AtMs, number | null>>

export interface Comparison {
  acked: number
  /** acknowledged, and not stored, or stored with another value */
  lost: number
  /** stored under an instant that nobody said: a message that was taken twice */
  doubled: number
}

export function compare(said: SentMessages, stored: Stored): Comparison {
  const found: Comparison = { acked: 0, lost: 0, doubled: 0 }
  for (const [device, messages] of said) {
    const readings = stored.get(device) ?? new Map<AtMs, number | null>()
    const instants = new Set<AtMs>()
    for (const { atMs, value, isAcked } of messages) {
      instants.add(atMs)
      if (!isAcked) continue
      found.acked++
      if (readings.get(atMs) !== value) found.lost++
    }
    for (const atMs of readings.keys()) if (!instants.has(atMs)) found.doubled++
  }
  return found
}
