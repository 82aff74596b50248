/**
 * How full the storage of the journal is, and the consequences: from 80 % people are notified, from 90 % messages with
 * only diagnostics are dropped, so that readings of the field still fit. Pure.
 */
export const capacityLevels = ['ok', 'warning', 'degraded', 'full'] as const
export type CapacityLevel = (typeof capacityLevels)[number]

export interface StorageUse {
  /** present size of the journal */
  usedBytes: number
  /** how much it can grow: within its own limit or the disk, whichever is smaller */
  availableBytes: number
  /** free on the disk, without the reserve */
  diskAvailableBytes: number
  diskBytes: number
}

const WARNING_FROM = 0.8
const DEGRADED_FROM = 0.9
// a level ends only clearly below its threshold; otherwise it would change with every reading
const HYSTERESIS = 0.03
// always enough, however small a part of the disk it is: a day of readings of a large farm
const AMPLE_BYTES = 5 * 1024 ** 3

/** 0 (empty) to 1: the journal within its limits, or the disk, whichever is fuller. */
export function fillLevel({ usedBytes, availableBytes, diskAvailableBytes, diskBytes }: StorageUse): number {
  const ofJournal = availableBytes === 0 ? 1 : usedBytes / (usedBytes + availableBytes)
  const plentyBytes = Math.min(AMPLE_BYTES, diskBytes)
  const ofDisk = 1 - Math.min(1, diskAvailableBytes / plentyBytes)
  return Math.max(ofJournal, ofDisk)
}

/** The level of a fill of 0 to 1, with hysteresis against the level before. */
export function capacityLevel(fill: number, before: CapacityLevel): CapacityLevel {
  const over = (mark: number, level: CapacityLevel) =>
    fill >= mark - (capacityLevels.indexOf(before) >= capacityLevels.indexOf(level) ? HYSTERESIS : 0)
  if (fill >= 1) return 'full'
  return over(DEGRADED_FROM, 'degraded') ? 'degraded' : over(WARNING_FROM, 'warning') ? 'warning' : 'ok'
}
