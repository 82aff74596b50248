/** Tells when a gauge has counted more rain than at its last word: the plan does not wait for its hour then. */
import type { Reading } from '../ports.ts'

const LEAST_MM = 0.2 // one tip of a usual gauge

/** True for a reading that shows new rain. The first word of a gauge shows none: nobody knows since when it fell. */
export function rainDetector(): (reading: Reading) => boolean {
  const lastMm = new Map<string, number>()
  return ({ org, device, quantity, value }) => {
    if (quantity !== 'rain.cumulative' || value === null) return false
    const key = `${org}/${device}`
    const before = lastMm.get(key)
    // a late message of before the rain is no rain
    if (before !== undefined && value < before + LEAST_MM) return false
    lastMm.set(key, value)
    return before !== undefined
  }
}
