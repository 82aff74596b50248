/**
 * The position of ingest and its device memories: both are written together, and only between batches. A memory
 * ahead of the cursor would treat messages that are processed again after a crash as duplicates, and lose them.
 */
import type { Journal, Logger } from '../ports.ts'
import { memoryFromText, memoryToText, newMemory, type DeviceMemory } from './device-memory.ts'
import { missingCount } from './received-sequence.ts'

export interface Progress {
  /** the sequence number up to which everything is in the series */
  position(): number
  memoryOf(device: string): DeviceMemory
  changed(device: string, memory: DeviceMemory): void
  /** A batch is complete. */
  advance(seq: number): void
  /** Writes position and memory. Only between batches. False when the journal cannot be written now. */
  checkpoint(): boolean
  /** A batch failed halfway: its changes must never be written. `rewind` must follow. */
  abandon(): void
  /** Goes back to the last checkpoint. */
  rewind(): void
  missing(): number
  /** The device has been erased: its name may be given to another one. */
  forget(device: string): void
}

const READER = 'ingest'
const TRIM_EVERY = 10_000

/** Starts at the last checkpoint. A stored memory that cannot be parsed is logged and replaced by an empty one. */
export function progress(deps: { journal: Journal; log: Logger }): Progress {
  const { journal, log } = deps
  const memories = new Map<string, DeviceMemory>()
  const dirty = new Set<string>()
  let position = 0
  let writtenOffset = 0
  let trimmed = 0

  function rewind(): void {
    memories.clear()
    dirty.clear()
    position = writtenOffset = journal.cursor(READER)
    for (const [device, text] of journal.notes(READER)) {
      const memory = memoryFromText(text)
      if (memory.ok) memories.set(device, memory.value)
      // a new one replaces it: repeated messages count as new, but the series hold one reading per instant
      else log.error({ device, error: memory.error }, 'the memory of a device cannot be read')
    }
  }

  function* notes(): Iterable<readonly [string, string]> {
    for (const device of dirty) yield [device, memoryToText(memories.get(device)!)]
  }

  function trimSometimes(): void {
    if (position - trimmed < TRIM_EVERY) return
    trimmed = position
    journal.trim()
  }

  rewind()
  return {
    position: () => position,
    memoryOf: (device) => memories.get(device) ?? newMemory(),
    changed(device, memory) {
      memories.set(device, memory)
      dirty.add(device)
    },
    advance: (seq) => void (position = seq),
    checkpoint() {
      if (position === writtenOffset) return true
      try {
        journal.checkpoint(READER, position, notes())
      } catch (error) {
        log.warn({ error }, 'the cursor of ingest could not be written; retrying')
        return false
      }
      writtenOffset = position
      dirty.clear()
      trimSometimes()
      return true
    },
    abandon() {
      position = writtenOffset
      dirty.clear()
    },
    rewind,
    missing() {
      let missing = 0
      for (const { received } of memories.values()) missing += missingCount(received)
      return missing
    },
    forget(device) {
      memories.delete(device)
      dirty.delete(device)
    },
  }
}
