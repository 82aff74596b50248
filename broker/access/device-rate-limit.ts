/**
 * The rate limit of each device or gateway, in packets and bytes: a burst, then a steady rate. It belongs to the device,
 * not to its connection, so a new connection does not reset it. Every packet counts: a PINGREQ costs work too.
 */
import type { Spend } from './connection-guard.ts'
import type { BrokerLimits } from './limits.ts'
import { tokenBucket, type TokenBucket } from '../contract/rate/token-bucket.ts'

const BYTE_BURST_S = 16 // more than the largest packet
const SWEEP_ABOVE = 1_000

/** Returns the rate limit of a device by its id; `onDelayed` is called for each packet after which the next must wait. */
export function deviceRateLimits(
  limits: Pick<BrokerLimits, 'burst' | 'packets' | 'bytes'>,
  nowMs: () => number,
  onDelayed: () => void,
): (device: string) => Spend {
  const budgets = new Map<string, { packets: TokenBucket; bytes: TokenBucket }>()
  const packetRate = { burst: limits.burst, perS: limits.packets }
  const byteRate = { burst: BYTE_BURST_S * limits.bytes, perS: limits.bytes }
  let sweepAbove = SWEEP_ABOVE

  function addBudget(device: string) {
    const atMs = nowMs()
    const budget = { packets: tokenBucket(packetRate, atMs), bytes: tokenBucket(byteRate, atMs) }
    budgets.set(device, budget)
    if (budgets.size > sweepAbove) sweep(atMs)
    return budget
  }

  /** Drops full budgets: a new one is the same. */
  function sweep(atMs: number): void {
    for (const [device, { packets, bytes }] of budgets)
      if (packets.isFull(atMs) && bytes.isFull(atMs)) budgets.delete(device)
    sweepAbove = Math.max(SWEEP_ABOVE, 2 * budgets.size)
  }

  return (device) => {
    const { packets, bytes } = budgets.get(device) ?? addBudget(device)
    return (count) => {
      const atMs = nowMs()
      const waitMs = Math.max(packets.take(1, atMs), bytes.take(count, atMs))
      if (waitMs > 0) onDelayed()
      return waitMs
    }
  }
}
