/** What the stores hold after a message, compared with what a vector expects: one line for each difference. */
import type { Reading } from '../../ports.ts'
import { isClose, listDifferences } from './compare.ts'
import type { Expected } from './message-file.ts'
import type { StoredDevice } from './trial-farm.ts'

/** What a message was, before the stores. */
export interface Sent {
  receivedMs: number
  /** of the measurement */
  atMs: number
}

const BATTERY = { V: 'device.battery', '%': 'device.batteryPercent' } as const

/** `before`: what the stores held; empty: they hold what the vector expects. */
export function storedDifferences(
  after: StoredDevice,
  before: StoredDevice,
  expected: Expected,
  { receivedMs, atMs }: Sent,
): string[] {
  const { deadLetter, heard, dedupeKey, battery, everyS, ignored } = expected
  if (deadLetter !== undefined)
    return [
      ...(after.letters.length === 1 && after.letters[0]!.includes(deadLetter)
        ? []
        : [`stored dead letter: expected ${deadLetter}, got ${after.letters.join(' and ') || 'none'}`]),
      ...listDifferences('stored readings', newReadings(after, before).map(readingText), []),
    ]
  if (heard !== undefined) return listDifferences('kept, not assigned', after.unassigned, [heard.address])
  return [
    ...listDifferences('stored dead letter', after.letters, []),
    ...readingDifferences(newReadings(after, before), expected, atMs),
    ...(battery === undefined ? [] : batteryDifferences(after, battery)),
    ...(ignored === undefined ? [] : listDifferences('stored fields without use', after.ignored, ignored)),
    ...listDifferences('stored alarms', after.alarms, expected.alarms ?? []),
    ...(everyS === undefined || after.row?.everyS === everyS
      ? []
      : [`interval of the device: expected ${everyS} s, got ${after.row?.everyS} s`]),
    ...(after.row?.lastSeenMs === receivedMs
      ? []
      : [`last seen: expected ${receivedMs}, got ${after.row?.lastSeenMs ?? 'never'}`]),
    ...(dedupeKey === undefined || after.keys.includes(dedupeKey)
      ? []
      : [`stored key: expected ${dedupeKey}, got ${after.keys.join(' and ') || 'none'}`]),
  ]
}

/** Without those of the battery, which has a comparison of its own. */
function newReadings({ readings }: StoredDevice, before: StoredDevice): Reading[] {
  const known = new Set(before.readings.map(readingText))
  return readings.filter(
    (reading) => !known.has(readingText(reading)) && !reading.quantity.startsWith('device.'),
  )
}

function readingDifferences(
  readings: readonly Reading[],
  { measurements }: Expected,
  atMs: number,
): string[] {
  const left = [...readings]
  const missing = measurements.flatMap((expected) => {
    const { quantity, instance, depth = null, value } = expected
    const name = instance === undefined ? quantity : `${quantity}/${instance}`
    const ownMs = expected.atMs ?? atMs
    const i = left.findIndex(
      (reading) =>
        reading.quantity === name &&
        reading.depthCm === depth &&
        reading.atMs === ownMs &&
        isClose(reading.value, value),
    )
    if (i < 0) return [`stored readings: expected ${name} ${value} at ${depth ?? '-'} cm of ${ownMs}`]
    left.splice(i, 1)
    return []
  })
  return [...missing, ...left.map((reading) => `stored readings: got ${readingText(reading)}`)]
}

function batteryDifferences(
  { readings, row }: StoredDevice,
  { value, unit }: NonNullable<Expected['battery']>,
): string[] {
  const quantity = BATTERY[unit as keyof typeof BATTERY]
  const newest = readings.findLast((reading) => reading.quantity === quantity)?.value ?? null
  const ofRow = (unit === 'V' ? row?.batteryV : row?.batteryPercent) ?? null
  return [
    ...(isClose(newest, value) ? [] : [`stored battery: expected ${value} ${unit}, got ${newest}`]),
    ...(isClose(ofRow, value) ? [] : [`battery of the device: expected ${value} ${unit}, got ${ofRow}`]),
  ]
}

const readingText = ({ quantity, depthCm, value, atMs }: Reading): string =>
  `${quantity} ${value} at ${depthCm ?? '-'} cm of ${atMs}`
