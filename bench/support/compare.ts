/** Compares sent messages with stored readings: no acknowledged message may be missing, none may be stored twice. */
import type { AtMs } from '../../broker/contract/time.ts'

/** Every message by device, with its instant and value. */
export type SentMessages = ReadonlyMap<string, readonly { atMs: AtMs; value: number; isAcked: boolean }[]>
/** Every stored reading by device: instant -> value. */
export type Stored = ReadonlyMap<string, ReadonlyMap<AtMs, number | null>>

export interface Comparison {
  acked: number
  /** acknowledged but not stored, or stored with another value */
  lost: number
  /** stored with an instant that was never sent: a message accepted twice */
  doubled: number
}

export function compare(sentMessages: SentMessages, stored: Stored): Comparison {
  const comparison: Comparison = { acked: 0, lost: 0, doubled: 0 }
  for (const [device, messages] of sentMessages) {
    const readings = stored.get(device) ?? new Map<AtMs, number | null>()
    const instants = new Set<AtMs>()
    for (const { atMs, value, isAcked } of messages) {
      instants.add(atMs)
      if (!isAcked) continue
      comparison.acked++
      if (readings.get(atMs) !== value) comparison.lost++
    }
    for (const atMs of readings.keys()) if (!instants.has(atMs)) comparison.doubled++
  }
  return comparison
}
