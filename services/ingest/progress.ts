/**
 * The position of ingest and its device memories: both are written together, and only between batches. A memory
 * ahead of the cursor would treat messages that are processed again after a crash as duplicates, and lose them.
 */
import type { Logger } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'
import { READER, type MemoryStore } from './memory-store.ts'
import { memoryFromText, memoryToText, newMemory, type DeviceMemory } from './device-memory.ts'
import { missingCount } from './received-sequence.ts'

export interface Progress {
  /** Starts at the last checkpoint, again after a failed attempt. A stored memory that cannot be parsed is logged and replaced by an empty one. */
  load(): Promise<void>
  /** the sequence number up to which everything is in the series */
  position(): number
  /** the sequence number up to which this is written too */
  writtenPosition(): number
  memoryOf(device: string): DeviceMemory
  changed(device: string, memory: DeviceMemory): void
  /** A batch is complete. */
  advance(seq: number): void
  /**
   * Writes position and memory as they are at the call, which must be between batches. False when it is to be called
   * again: the journal cannot be written now, or an earlier checkpoint is still being written.
   */
  checkpoint(): Promise<boolean>
  /** Resolves when no checkpoint is being written. */
  written(): Promise<void>
  /** A batch failed halfway: its changes must never be written. `rewind` must follow. */
  abandon(): void
  /** Goes back to the last checkpoint. */
  rewind(): Promise<void>
  missing(): number
  /** The device has been erased: its name may be given to another one. */
  forget(device: string): void
}

const TRIM_EVERY = 10_000

/** Empty until `load`. */
export function progress(deps: {
  journal: Journal
  memoryStore: MemoryStore
  log: Logger
  /** writes what a position that has been written must never be without */
  beforeCheckpoint: () => Promise<void>
}): Progress {
  const { journal, memoryStore, log, beforeCheckpoint } = deps
  const memories = new Map<string, DeviceMemory>()
  const dirty = new Set<string>()
  let position = 0
  let writtenOffset = 0
  let trimmed = 0
  let writing: Promise<boolean> | null = null

  async function load(): Promise<void> {
    const notes = await memoryStore.load()
    memories.clear()
    dirty.clear()
    position = writtenOffset = journal.cursor(READER)
    for (const [device, text] of notes) {
      const memory = memoryFromText(text)
      if (memory.ok) memories.set(device, memory.value)
      // a new one replaces it: repeated messages count as new, but the series hold one reading per instant
      else log.error({ device, error: memory.error }, 'the memory of a device cannot be read')
    }
  }

  /** One at a time: a later position is never written before an earlier one. */
  async function write(): Promise<boolean> {
    const seq = position
    const devices = [...dirty]
    const notes = devices.map((device) => [device, memoryToText(memories.get(device)!)] as const)
    dirty.clear()
    try {
      await beforeCheckpoint()
      await memoryStore.save(seq, notes)
    } catch (error) {
      log.warn({ error }, 'the cursor of ingest could not be written; retrying')
      for (const device of devices) if (memories.has(device)) dirty.add(device)
      return false
    }
    writtenOffset = seq
    trimSometimes()
    return true
  }

  function trimSometimes(): void {
    if (writtenOffset - trimmed < TRIM_EVERY) return
    trimmed = writtenOffset
    journal.trim()
  }

  return {
    load,
    position: () => position,
    writtenPosition: () => writtenOffset,
    memoryOf: (device) => memories.get(device) ?? newMemory(),
    changed(device, memory) {
      memories.set(device, memory)
      dirty.add(device)
    },
    advance: (seq) => void (position = seq),
    async checkpoint() {
      if (writing !== null) return false
      if (position === writtenOffset && dirty.size === 0) return true
      writing = write().finally(() => (writing = null))
      return writing
    },
    async written() {
      await writing
    },
    abandon() {
      position = writtenOffset
      dirty.clear()
    },
    async rewind() {
      await writing
      await load()
    },
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
