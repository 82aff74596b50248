/**
 * Devices that stopped at the same time have one cause: a gateway, a router, the power supply of a farm. That time
 * lies between the last message of each device and the next one it missed. Pure.
 */
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'

export interface LastSeen {
  everyMs: number
  heardMs: AtMs
}

/** Fewer may have stopped together by chance. */
const TOGETHER = 3
// devices with longer intervals do not show precisely when they stopped
const PRECISE_MS = HOUR_MS
// a device is late now and then, and its row may be a minute old
const LATE = 1.5
const SLACK_MS = MINUTE_MS

/** Whether the device could have stopped at that time: it sent a message before and missed one soon after. */
export const couldHaveStoppedAt = (device: LastSeen, atMs: AtMs): boolean =>
  device.heardMs <= atMs && atMs <= endOf(device)

/**
 * The time at which most devices could have stopped, which is the last message of one of them; null when they are fewer
 * than `together`.
 */
export function commonOutageTime(devices: readonly LastSeen[], together = TOGETHER): AtMs | null {
  const precise = devices.filter(({ everyMs }) => everyMs <= PRECISE_MS)
  const begins = precise.map(({ heardMs }) => heardMs).sort((a, b) => a - b)
  const ends = precise.map(endOf).sort((a, b) => a - b)
  let max = 0
  let momentMs: AtMs | null = null
  let overlapping = 0
  for (const [i, atMs] of begins.entries()) {
    while (ends[overlapping]! < atMs) overlapping++
    // of equal counts the later time: people can still remember it
    const count = i + 1 - overlapping
    if (count < Math.max(together, max)) continue
    max = count
    momentMs = atMs
  }
  return momentMs
}

const endOf = ({ heardMs, everyMs }: LastSeen): AtMs => heardMs + LATE * everyMs + SLACK_MS
