/**
 * Messages of other makes: read before the readings of a batch are stored, kept after them. What nobody has assigned is
 * kept raw, and read once its address is assigned.
 */
import type { JournalRecord } from '../../../broker/contract/journal.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import type { Logger, State } from '../../ports.ts'
import type { Retrier } from '../../runtime/retry.ts'
import type { LastSeen } from '../last-seen.ts'
import type { Progress } from '../progress.ts'
import { kindCounters } from './kind-counters.ts'
import { integrationTraffic } from './integration-traffic.ts'
import { deviceAlarms } from './device-alarms.ts'
import { foreignReader, type ForeignBatch } from './read-foreign.ts'
import { storedMessages } from './stored-messages.ts'
import { dropUnassigned, messagesAssignedSince, unassignedMessages } from './unassigned-messages.ts'

/** What became of the messages that gave no readings. */
export interface ForeignCounters {
  /** messages of an integration that no device has been assigned to */
  unassigned: number
  /** copies of messages of other makes that were stored before */
  repeats: number
  /** messages of an integration that hold nothing of a device */
  nothing: number
  /** messages of an integration that has been erased */
  unknown: number
}

export interface ForeignMessages {
  /** Device memories change; nothing is written. */
  read(records: readonly JournalRecord[]): Promise<ForeignBatch>
  /** After the readings: the messages without a device, the keys of those stored, when their devices were last seen. */
  keep(batch: ForeignBatch): Promise<void>
  /** Writes the keys of the messages that were stored; must precede a checkpoint. */
  writeKeys(): Promise<void>
  /** A device or an integration has changed: rows are read again. */
  changed(): void
  /** A device or an integration has been erased. */
  erased(id: string): void
  /**
   * Hands kept messages of addresses that have been assigned since to `store`, and drops each batch once it is stored.
   * No checkpoint may be written between the two: after a crash there, the same messages and memories give the same
   * readings again.
   */
  readAssignedSince(store: (records: JournalRecord[]) => Promise<void>): Promise<void>
  isAssignmentDue(): boolean
  counters(): ForeignCounters
  /** The same by the kind of integration. */
  kinds: ReturnType<typeof kindCounters>['read']
  /** Writes what people see of integrations and their devices. */
  write(): Promise<void>
  /** Kept messages are read no further. */
  stop(): void
}

/** `limit`: of one batch of kept messages. Every call retries a store that fails. */
export function foreignMessages(deps: {
  state: State
  done: Pick<Progress, 'memoryOf' | 'changed' | 'position'>
  lastSeenTimes: Pick<LastSeen, 'note'>
  profiles: () => ReadonlyMap<string, Profile>
  retrier: Retrier
  limit: number
  log: Logger
}): ForeignMessages {
  const { state, done, lastSeenTimes, retrier, limit } = deps
  const keys = storedMessages(state)
  const reader = foreignReader({ ...deps, stored: keys })
  const alarms = deviceAlarms(state)
  const unassignedStore = unassignedMessages(state)
  const traffic = integrationTraffic(deps)
  const counts: ForeignCounters = { unassigned: 0, repeats: 0, nothing: 0, unknown: 0 }
  const outcomes = kindCounters()
  let isDue = true
  let isStopped = false

  /** Devices that announce their own interval: their silence is judged by it. */
  async function storeIntervals(intervals: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, everyS] of intervals)
      await retrier.retryForever('store the interval of a device', () =>
        state.updateTable('device').set({ everyS }).where('id', '=', id).execute(),
      )
    reader.forget()
  }

  /** One batch; whether there was any. */
  async function storeAssigned(store: (records: JournalRecord[]) => Promise<void>): Promise<boolean> {
    const records = await retrier.retryForever('read kept messages', () =>
      messagesAssignedSince(state, limit),
    )
    if (records.length === 0) return false
    await store(records)
    await retrier.retryForever('drop kept messages', async () => {
      await keys.write()
      await dropUnassigned(state, records)
    })
    return true
  }

  return {
    read: (records) => retrier.retryForever('look up devices of other makes', () => reader.read(records)),
    async keep(batch) {
      const { unassigned, stored, seen, intervals, repeats, nothing, unknown, received, contacts } = batch
      const reported = batch.alarms
      keys.note(stored)
      if (unassigned.length > 0)
        await retrier.retryForever('keep unassigned messages', () => unassignedStore.keep(unassigned))
      for (const { device, receivedMs, battery } of seen)
        lastSeenTimes.note(device, receivedMs, battery, false)
      if (intervals.size > 0) await storeIntervals(intervals)
      if (reported.length > 0)
        await retrier.retryForever('keep the alarms of devices', () => alarms.keep(reported))
      // a kept message and a replayed one were counted when they came
      const isNew = ({ seq, replayedMs }: JournalRecord) => seq > done.position() && replayedMs === null
      traffic.received([...received.keys()].filter(isNew))
      outcomes.count(batch, isNew)
      contacts.forEach(traffic.contact)
      counts.unassigned += unassigned.length
      counts.repeats += repeats.length
      counts.nothing += nothing.length
      counts.unknown += unknown
    },
    writeKeys: () => keys.write(),
    changed() {
      reader.forget()
      isDue = true
    },
    erased(id) {
      keys.forget(id)
      alarms.forget(id)
      reader.forget()
    },
    async readAssignedSince(store) {
      while (isDue && !isStopped) {
        isDue = false
        let isDone = false
        try {
          isDone = !(await storeAssigned(store))
        } finally {
          // a failure is repeated, and a change meanwhile stays due
          if (!isDone) isDue = true
        }
      }
    },
    isAssignmentDue: () => isDue,
    counters: () => ({ ...counts }),
    kinds: outcomes.read,
    write: traffic.write,
    stop: () => void (isStopped = true),
  }
}
