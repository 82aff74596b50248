/**
 * From the journal into the series: each message once, in order, despite any failure. The cursor and the device
 * memories move together, after the readings are in the series; a crash in between only means that the same messages
 * give the same readings again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { JournalRecord } from '../../broker/contract/journal.ts'
import type { Bus, Clock, Logger, Reading, Running, SeriesStore, State } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'
import { subscribeToChanges } from '../runtime/change-events.ts'
import { readingEvents } from './reading-events.ts'
import { rainDetector } from './rain-detector.ts'
import { appendReadings } from './append-readings.ts'
import { deadLetterOf } from './dead-letter-of.ts'
import { deviceRows } from './device-rows.ts'
import { readProfileFolders, shippedProfiles } from '../integrations/profiles/profile-files.ts'
import type { Profile } from '../integrations/profiles/read-profile.ts'
import { foreignMessages, type ForeignCounters } from './foreign/foreign-messages.ts'
import { interpret, type Interpretation } from './interpret.ts'
import { lastSeen } from './last-seen.ts'
import { journalMemories, type MemoryStore } from './memory-store.ts'
import { createRetrier, RetryStopped } from '../runtime/retry.ts'
import { progress } from './progress.ts'

export interface IngestCounters extends ForeignCounters {
  records: number
  readings: number
  duplicates: number
  deadLetters: number
  numbersRestarted: number
  storeFailures: number
  /** messages that a device has numbered and that gave no readings */
  missing: number
  /** messages in the journal that are not yet in the series */
  behind: number
}

export interface Ingest extends Running {
  /**
   * Resolves when the whole journal is in the series and the cursor is written, or when ingest can only wait for a
   * store.
   */
  settled(): Promise<void>
  /** Resolves when everything that the journal holds now is in the stores. Rejects with RetryStopped when ingest stops. */
  untilStored(): Promise<void>
  counters(): IngestCounters
  /** Messages of other makes by the kind of their integration. */
  foreignCounters: ReturnType<typeof foreignMessages>['kinds']
}

// large enough that a full load is stored as fast as it is acknowledged, since each turn of the event loop stores one
// batch; a larger one would block the event loop for longer
const BATCH = 768
// a transaction has a fixed cost: messages that arrive within this time after one go into the next together
const GATHER_MS = 4
// a checkpoint writes a page for each device that has sent; postponing it only means more to repeat after a crash
const CHECKPOINT_EVERY_MS = 500
// while somebody waits for it
const CHECKPOINT_SOON_MS = 50

/**
 * Continues from the stored cursor. A store that fails is retried without a limit; a message that cannot be
 * interpreted or stored becomes a dead letter. Rejects when the bus cannot be subscribed to.
 */
export async function startIngest(deps: {
  journal: Journal
  series: Pick<SeriesStore, 'append'>
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  /** of devices of other makes, as they are now; default: those that Tilth ships */
  profiles?: () => ReadonlyMap<string, Profile>
  /** default: the journal */
  memoryStore?: MemoryStore
}): Promise<Ingest> {
  const { journal, series, state, bus, clock, log, profiles = shippedOnly() } = deps
  const { memoryStore = journalMemories(journal) } = deps
  const rows = deviceRows(state)
  const lastSeenTimes = lastSeen({ state, log })
  const events = readingEvents({ bus, clock, log })
  const detectsRain = rainDetector()
  const retrier = createRetrier({ clock, log })
  const done = progress({ journal, memoryStore, log, beforeCheckpoint: () => foreign.writeKeys() })
  const foreign = foreignMessages({ state, done, lastSeenTimes, profiles, retrier, limit: BATCH, log })
  const counts = { records: 0, readings: 0, duplicates: 0, deadLetters: 0, numbersRestarted: 0 }
  let isStopped = false
  let nextBatchMs = 0
  let pumping: Promise<void> | null = null
  let lastCheckpointMs = performance.now()
  let checkpointTimer: NodeJS.Timeout | null = null
  let waiting: { seq: number; resolve(): void; reject(error: Error): void }[] = []

  await done.load()
  await subscribeToChanges(bus, (_org, { event, id }) => {
    if (event !== 'device') return
    rows.forget(id)
    foreign.changed()
    wake()
  })
  const stopListening = journal.onCommit(wake)
  const stopForgetting = journal.onErase((org, device) => {
    done.forget(`${org}/${device}`)
    lastSeenTimes.forget(device)
    rows.forget(device)
    foreign.erased(device)
  })
  wake()

  function wake(): void {
    if (isStopped || pumping !== null || (journal.head() <= done.position() && !foreign.isAssignmentDue()))
      return
    pumping = pump()
      .catch(startOver)
      .finally(() => {
        pumping = null
        checkpointSoon()
        wake()
      })
  }

  async function pump(): Promise<void> {
    for (;;) {
      // acknowledgements and other work come first
      await (performance.now() < nextBatchMs
        ? pause(nextBatchMs - performance.now())
        : new Promise(setImmediate))
      if (isStopped) return
      await foreign.readAssignedSince(processBatch)
      const records = await retrier.retryForever('read the journal', () =>
        journal.read(done.position(), BATCH),
      )
      if (records.length === 0) return
      await processBatch(records)
      done.advance(records.at(-1)!.seq)
      nextBatchMs = records.length < BATCH ? performance.now() + GATHER_MS : 0
      events.publishDue()
      if (performance.now() - lastCheckpointMs >= checkpointEveryMs()) void checkpoint()
    }
  }

  /** Changes of a failed batch in memory are not in the series: drop them and process the messages again. */
  async function startOver(error: unknown): Promise<void> {
    done.abandon()
    if (error instanceof RetryStopped) return
    log.error({ error }, 'ingest failed; it continues from its last checkpoint')
    await retrier.pause()
    await retrier.retryForever('go back to the checkpoint', () => done.rewind()).catch(() => {})
  }

  async function processBatch(batch: JournalRecord[]): Promise<void> {
    const records = batch.filter(({ foreign: origin }) => origin === null)
    const others = batch.filter(({ foreign: origin }) => origin !== null)
    const ids = new Set(records.map(({ device }) => device))
    await retrier.retryForever('look up devices', () => rows.load(ids))
    const fromOthers = others.length === 0 ? null : await foreign.read(others)
    const readings: Reading[] = []
    const sources: JournalRecord[] = []
    const deadLetters = new Map<JournalRecord, string>(fromOthers?.deadLetters)
    for (const record of records) {
      const interpretation = interpretSafely(record)
      if (interpretation.kind === 'unreadable') deadLetters.set(record, interpretation.reason)
      else if (interpretation.kind === 'duplicate') counts.duplicates++
      else
        for (const reading of interpretation.readings) {
          readings.push(reading)
          sources.push(record)
        }
    }
    for (const { reading, record } of fromOthers?.readings ?? []) {
      readings.push(reading)
      sources.push(record)
    }
    for (const { index, reason } of await appendReadings(readings, { series, patience: retrier }))
      deadLetters.set(sources[index]!, `${readings[index]!.quantity}: the store rejected it: ${reason}`)
    await storeDeadLetters(deadLetters)
    if (fromOthers !== null) await foreign.keep(fromOthers)
    for (const reading of readings) {
      events.note(reading.org, reading.field)
      if (detectsRain(reading)) events.noteRain(reading.org)
    }
    counts.records += batch.length
    counts.readings += readings.length
  }

  /** A message must not block the queue, not even through a bug of ours. */
  function interpretSafely(record: JournalRecord): Interpretation {
    const key = `${record.org}/${record.device}`
    const memory = done.memoryOf(key)
    try {
      const interpretation = interpret(record, rows.get(record.device), memory)
      if (
        interpretation.kind === 'readings' ||
        (interpretation.kind === 'unreadable' && interpretation.isRemembered)
      )
        done.changed(key, memory)
      if (interpretation.kind !== 'readings') return interpretation
      lastSeenTimes.note(record.device, record.receivedMs, interpretation.battery, interpretation.isNew)
      if (interpretation.hasRestarted) {
        counts.numbersRestarted++
        log.warn({ org: record.org, device: record.device }, 'a device restarted its message numbers')
      }
      return interpretation
    } catch (error) {
      log.error({ error, seq: record.seq, device: record.device }, 'a message could not be interpreted')
      const reason = `message: Tilth failed to interpret it: ${(error as Error).message}`
      return { kind: 'unreadable', reason, isRemembered: false }
    }
  }

  async function storeDeadLetters(deadLetters: Map<JournalRecord, string>): Promise<void> {
    if (deadLetters.size === 0) return
    const rows = [...deadLetters].map(([record, reason]) => deadLetterOf(record, reason))
    await retrier.retryForever('store dead letters', () =>
      Promise.all(rows.map((row) => journal.deadLetter(row))),
    )
    counts.deadLetters += rows.length
  }

  async function checkpoint(): Promise<void> {
    if (checkpointTimer !== null) clearTimeout(checkpointTimer)
    checkpointTimer = null
    lastCheckpointMs = performance.now()
    const isWritten = done.checkpoint()
    void lastSeenTimes.write()
    void foreign.write()
    if (await isWritten) resolveWaiting()
    else checkpointSoon()
  }

  function checkpointSoon(): void {
    if (isStopped) return
    checkpointTimer ??= setTimeout(() => {
      checkpointTimer = null
      // within a batch the memory is ahead of the position
      if (pumping === null) void checkpoint()
    }, checkpointEveryMs())
  }

  const checkpointEveryMs = (): number => (waiting.length > 0 ? CHECKPOINT_SOON_MS : CHECKPOINT_EVERY_MS)

  function resolveWaiting(): void {
    const written = done.writtenPosition()
    for (const { resolve } of waiting.filter(({ seq }) => seq <= written)) resolve()
    waiting = waiting.filter(({ seq }) => seq > written)
  }

  return {
    async settled() {
      for (;;) {
        wake()
        if (pumping === null || retrier.isWaiting()) break
        await retrier.untilBlocked(pumping)
      }
      await done.written()
      if (pumping === null) await checkpoint()
      await lastSeenTimes.write()
      await foreign.write()
    },
    untilStored: () =>
      new Promise((resolve, reject) => {
        const seq = journal.head()
        if (seq <= done.writtenPosition()) return resolve()
        if (isStopped) return reject(new RetryStopped())
        waiting.push({ seq, resolve, reject })
        checkpointSoon()
      }),
    foreignCounters: foreign.kinds,
    counters: () => ({
      ...counts,
      ...foreign.counters(),
      storeFailures: retrier.failures(),
      missing: done.missing(),
      behind: journal.head() - done.position(),
    }),
    async stop() {
      isStopped = true
      foreign.stop()
      stopListening()
      stopForgetting()
      retrier.stop()
      events.stop()
      await pumping
      await done.written()
      await checkpoint()
      if (checkpointTimer !== null) clearTimeout(checkpointTimer)
      await lastSeenTimes.write()
      await foreign.write()
      for (const { reject } of waiting.splice(0)) reject(new RetryStopped())
    },
  }
}

function shippedOnly(): () => ReadonlyMap<string, Profile> {
  let profiles: ReadonlyMap<string, Profile> | null = null
  return () => (profiles ??= readProfileFolders([shippedProfiles]).profiles)
}
