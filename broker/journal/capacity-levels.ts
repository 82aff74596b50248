/**
 * How full is the place where the journal lies, and what follows from it: at 80 % people are told, at 90 % what only
 * says how a device is doing is no longer kept, so that readings of the field have the room. Pure.
 */
export const levels = ['ok', 'warn', 'shed', 'full'] as const
export type Level = (typeof levels)[number]

export interface Room {
  /** what the journal holds now */
  usedBytes: number
  /** what it may still grow by: of its own limit and of the disk, the smaller */
  roomBytes: number
  /** of the disk, without the reserve */
  diskRoomBytes: number
  diskBytes: number
}

const WARN = 0.8
const SHED = 0.9
// a level is left only when it is clearly over, or it would come and go with every reading
const SLACK = 0.03
// so much room is plenty, however small a part of the disk it is: a day of readings of a large farm
const PLENTY_BYTES = 5 * 1024 ** 3

/** 0 (empty) to 1: the journal in the room that it can have, or the disk, whichever is fuller. */
export function fillOf({ usedBytes, roomBytes, diskRoomBytes, diskBytes }: Room): number {
  const ofJournal = roomBytes === 0 ? 1 : usedBytes / (usedBytes + roomBytes)
  const plentyBytes = Math.min(PLENTY_BYTES, diskBytes)
  const ofDisk = 1 - Math.min(1, diskRoomBytes / plentyBytes)
  return Math.max(ofJournal, ofDisk)
}

/** How full a disk counts as; a level that was reached is left again only with some slack. */
export function levelOf(fill: number, was: Level): Level {
  const over = (mark: number, level: Level) =>
    fill >= mark - (levels.indexOf(was) >= levels.indexOf(level) ? SLACK : 0)
  if (fill >= 1) return 'full'
  return over(SHED, 'shed') ? 'shed' : over(WARN, 'warn') ? 'warn' : 'ok'
}
