/**
 * Detects that a gauge has counted new rain since its last message: the plan then does not wait for its hourly run.
 */
import type { Reading } from '../ports.ts'

const LEAST_MM = 0.2 // one tip of a common gauge

/**
 * True for a reading with new rain. The first message of a gauge shows none, because the time of its rain is
 * unknown.
 */
export function rainDetector(): (reading: Reading) => boolean {
  const lastMm = new Map<string, number>()
  return ({ org, device, quantity, value }) => {
    if (quantity !== 'rain.cumulative' || value === null) return false
    const key = `${org}/${device}`
    const before = lastMm.get(key)
    // a late message from before the rain is not new rain
    if (before !== undefined && value < before + LEAST_MM) return false
    lastMm.set(key, value)
    return before !== undefined
  }
}
