/**
 * Appends readings to the series. Readings that the store rejects are found by bisection, and only those are left
 * out.
 */
import type { Reading, SeriesStore } from '../ports.ts'
import { isTilthError } from '../errors.ts'
import type { Retrier } from '../runtime/retry.ts'

export interface RefusedReading {
  index: number // index into the readings
  reason: string
}

/** Returns the rejected readings; all others are in the series when it resolves. */
export async function appendReadings(
  readings: readonly Reading[],
  deps: { series: Pick<SeriesStore, 'append'>; patience: Retrier },
): Promise<RefusedReading[]> {
  const { series, patience } = deps
  const refused: RefusedReading[] = []

  async function append(from: number, to: number): Promise<void> {
    try {
      await patience.retryForever(`append ${to - from} readings`, () =>
        series.append(readings.slice(from, to)),
      )
    } catch (error) {
      if (!isTilthError(error, 'STORE_REFUSED')) throw error
      if (to - from === 1) {
        refused.push({ index: from, reason: error.message })
        return
      }
      const middle = (from + to) >> 1
      await append(from, middle)
      await append(middle, to)
    }
  }

  if (readings.length > 0) await append(0, readings.length)
  return refused
}
