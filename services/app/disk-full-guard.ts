/**
 * Readings wait in the journal while the disk is full: the remaining space is reserved for commands and their audit.
 */
import { fail } from '../errors.ts'
import type { Reading, SeriesStore } from '../ports.ts'

/** `append` for a store on the monitored disk. STORE_UNAVAILABLE while the disk is full. */
export const rejectAppendsWhenDiskFull = (
  series: Pick<SeriesStore, 'append'>,
  disk: { isFull(): boolean },
): Pick<SeriesStore, 'append'> => ({
  async append(readings: readonly Reading[]) {
    if (disk.isFull()) fail('STORE_UNAVAILABLE', `append ${readings.length} readings: the disk is full`)
    await series.append(readings)
  },
})
