/**
 * Interprets one message of the journal as readings, or gives the reason why it can never be stored. It uses the
 * record, the device row and the device memory only: the same record gives the same readings again.
 */
import type { JournalRecord } from '../../broker/contract/journal.ts'
import { parseTelemetry, type Telemetry } from '../../broker/contract/messages.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Reading } from '../ports.ts'
import type { DeviceRow } from '../tables.ts'
import { withMoisture } from './calibrate.ts'
import { MAX_SERIES, type DeviceMemory } from './device-memory.ts'
import type { BatteryLevel } from './last-seen.ts'
import { placeValues, seriesKey } from './place-values.ts'
import { extractValues, type MessageValue } from './message-values.ts'
import { resolveTimestamp, type ResolvedTime } from './resolve-timestamp.ts'
import { judgeRepeat, type RepeatVerdict } from './duplicate-detection.ts'
import { addReceived, hasReceived, isContiguous, emptySequence } from './received-sequence.ts'

export type Interpretation =
  | { kind: 'readings'; readings: Reading[]; battery: BatteryLevel; hasRestarted: boolean; isNew: boolean }
  | { kind: 'duplicate' }
  | { kind: 'unreadable'; reason: string; isRemembered: boolean }

/** The memory changes when the message gives readings, and with a dead letter that is remembered. */
export function interpret(
  record: JournalRecord,
  device: DeviceRow | null,
  memory: DeviceMemory,
): Interpretation {
  const refusal = rejectionReason(record, device)
  if (refusal !== null || device === null) return deadLetter(refusal ?? '')
  const parsed = parseTelemetry(record.payload)
  if (!parsed.ok) return deadLetter(parsed.error)
  const message = parsed.value
  const read = extractValues(message)
  if (!read.ok) return deadLetter(read.error)
  const values = withMoisture(read.value, device)
  const isNew = isNewHardware(record, device, memory)
  let resolved = resolveTimestamp(message, record, isNew ? [] : memory.boots)
  if (!resolved.ok) return deadLetter(resolved.error)
  const isSeen = !isNew && hasReceived(memory.received, message.n)
  const verdict = isSeen ? judgeDuplicate(message, resolved.value, record, memory) : null
  if (verdict?.kind === 'repeat') return { kind: 'duplicate' }
  if (verdict?.kind === 'unclear') {
    memory.repeats = verdict.run
    const hint = record.replayedMs === null ? '; replay it if the device was reflashed or replaced' : ''
    return deadLetter(`n: expected a number that was never used before, got ${message.n} again${hint}`, true)
  }
  const newCount = values.filter((value) => !memory.series.has(seriesKey(value))).length
  if (memory.series.size + newCount > MAX_SERIES)
    return deadLetter(`measurements: expected at most ${MAX_SERIES} series from one device`)
  if (isSeen) {
    restartNumbers(memory)
    resolved = resolveTimestamp(message, record, memory.boots)
    if (!resolved.ok) return deadLetter(resolved.error, true)
  }
  if (isNew) startHardware(memory, values, device.claimedMs!)
  const { receivedMs, replayedMs } = record
  memory.lastNewMs = replayedMs === null ? receivedMs : Math.max(receivedMs, memory.lastNewMs ?? receivedMs)
  memory.repeats = null
  const readings = toReadings(message, values, resolved.value, device, memory)
  return { kind: 'readings', readings, battery: batteryOf(values), hasRestarted: isSeen, isNew }
}

const deadLetter = (reason: string, isRemembered = false): Interpretation => ({
  kind: 'unreadable',
  reason,
  isRemembered,
})

function rejectionReason(record: JournalRecord, device: DeviceRow | null): string | null {
  if (device === null || device.org !== record.org)
    return `device: ${record.device} is not known in ${record.org}`
  return device.revokedAtMs !== null && device.revokedAtMs <= record.receivedMs
    ? `device: ${record.device} has been revoked`
    : null
}

/**
 * A repeated number is a duplicate unless that is impossible: measured after everything received, or in a new boot.
 * Then the device has lost its counter or was replaced, and its readings must not be dropped as duplicates.
 */
function judgeDuplicate(
  message: Telemetry,
  resolved: ResolvedTime,
  record: JournalRecord,
  memory: DeviceMemory,
): RepeatVerdict {
  const { lastNewMs, repeats: run } = memory
  const cannotRepeat = resolved.isEstimated
    ? !memory.boots.some(({ boot }) => boot === message.boot)
    : resolved.atMs > (memory.newestMs ?? -Infinity)
  if (cannotRepeat) return { kind: 'began-again' }
  if (resolved.isEstimated) return judgeRepeat(message, record, { lastNewMs, run })
  return record.replayedMs === null ? { kind: 'repeat' } : { kind: 'unclear', run }
}

function restartNumbers(memory: DeviceMemory): void {
  memory.received = emptySequence()
  // its boots are counted from the start as well: the old ones would place its readings months ago
  memory.boots = []
  // the newest point continues as the one before the restart
  for (const { counter } of memory.series.values())
    if (counter) counter.points = counter.points.slice(-1).map((point) => ({ ...point, n: -1, boot: -1 }))
}

/** New hardware under the same name, from its first message on: its counters are unrelated to the previous ones. */
const isNewHardware = (
  { receivedMs }: JournalRecord,
  { claimedMs }: DeviceRow,
  memory: DeviceMemory,
): boolean => claimedMs != null && claimedMs !== memory.claimedMs && receivedMs >= claimedMs

function startHardware(memory: DeviceMemory, values: readonly MessageValue[], claimedMs: AtMs): void {
  restartNumbers(memory)
  memory.claimedMs = claimedMs
  for (const value of values) {
    const series = memory.series.get(seriesKey(value))
    if (!series) continue
    series.lastGood = null
    // the total continues: counts of this counter at another place are not rain here
    const last = series.counter?.points.at(-1)
    if (series.counter && last && value.value !== null)
      series.counter.points = [{ ...last, raw: value.value }]
  }
}

function toReadings(
  message: Telemetry,
  values: MessageValue[],
  resolved: ResolvedTime,
  device: DeviceRow,
  memory: DeviceMemory,
): Reading[] {
  addReceived(memory.received, message.n)
  memory.boots = resolved.boots
  return placeValues(values, {
    time: resolved,
    order: { n: message.n, boot: message.boot },
    isWhole: (a, b) => isContiguous(memory.received, a, b),
    device,
    memory,
  })
}

function batteryOf(values: readonly MessageValue[]): BatteryLevel {
  const valueOf = (name: string) => values.find(({ quantity }) => quantity === name)?.value ?? null
  return { v: valueOf('device.battery'), percent: valueOf('device.batteryPercent') }
}
