/** Readings wait in the journal while the disk is full: what is left of it belongs to commands and their audit. */
import { fail } from '../errors.ts'
import type { Reading, SeriesStore } from '../ports.ts'

/** `append` for a store on the disk that is watched. STORE_UNAVAILABLE while there is no room. */
export const rejectAppendsWhenDiskFull = (
  series: Pick<SeriesStore, 'append'>,
  disk: { isFull(): boolean },
): Pick<SeriesStore, 'append'> => ({
  async append(readings: readonly Reading[]) {
    if (disk.isFull()) fail('STORE_UNAVAILABLE', `append ${readings.length} readings: the disk is full`)
    await series.append(readings)
  },
})
