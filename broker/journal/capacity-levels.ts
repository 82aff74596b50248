/**
 * How full is the place where the journal lies, and what follows from it: at 80 % people are told, at 90 % what only
 * says how a device is doing is no longer kept, so that readings of the field have the room. Pure.
 */
export const capacityLevels = ['ok', 'warn', 'shed', 'full'] as const
export type CapacityLevel = (typeof capacityLevels)[number]

export interface StorageUse {
  /** what the journal holds now */
  usedBytes: number
  /** what it may still grow by: of its own limit and of the disk, the smaller */
  availableBytes: number
  /** of the disk, without the reserve */
  diskAvailableBytes: number
  diskBytes: number
}

const WARNING_FROM = 0.8
const DEGRADED_FROM = 0.9
// a level is left only when it is clearly over, or it would come and go with every reading
const HYSTERESIS = 0.03
// so much room is plenty, however small a part of the disk it is: a day of readings of a large farm
const AMPLE_BYTES = 5 * 1024 ** 3

/** 0 (empty) to 1: the journal in the room that it can have, or the disk, whichever is fuller. */
export function fillLevel({ usedBytes, availableBytes, diskAvailableBytes, diskBytes }: StorageUse): number {
  const ofJournal = availableBytes === 0 ? 1 : usedBytes / (usedBytes + availableBytes)
  const plentyBytes = Math.min(AMPLE_BYTES, diskBytes)
  const ofDisk = 1 - Math.min(1, diskAvailableBytes / plentyBytes)
  return Math.max(ofJournal, ofDisk)
}

/** How full a disk counts as; a level that was reached is left again only with some slack. */
export function capacityLevel(fill: number, was: CapacityLevel): CapacityLevel {
  const over = (mark: number, level: CapacityLevel) =>
    fill >= mark - (capacityLevels.indexOf(was) >= capacityLevels.indexOf(level) ? HYSTERESIS : 0)
  if (fill >= 1) return 'full'
  return over(DEGRADED_FROM, 'shed') ? 'shed' : over(WARNING_FROM, 'warn') ? 'warn' : 'ok'
}
