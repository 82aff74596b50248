/** The port of the journal: what the broker has acknowledged, and what could not be used of it. */
import type {
  DeadLetter,
  DeadLetterGroup,
  DeadLetterQuery,
  JournalRecord,
} from '../../broker/contract/journal.ts'

/** The journal of the broker as the services use it. PUBACK is sent after `append` is on disk. */
export interface Journal {
  /** In order, after `afterSeq`. */
  read(afterSeq: number, limit: number): JournalRecord[]
  /** Called soon after each commit, with the highest sequence number on disk. */
  onCommit(run: (headSeq: number) => void): () => void
  head(): number
  /** The position of a reader (initially 0). */
  cursor(reader: string): number
  /**
   * Moves the cursor and stores the notes of the reader (key -> text, replaced) in one transaction. Resolves when both
   * are on disk.
   */
  checkpoint(
    reader: string,
    seq: number,
    notes: Iterable<readonly [key: string, text: string]>,
  ): Promise<void>
  notes(reader: string): Map<string, string>
  /** Stores one note with the next commit, or deletes it (null). STORE_UNAVAILABLE: not stored. */
  putNote(reader: string, key: string, text: string | null): Promise<void>
  /** Drops records that every reader has passed, in small steps. */
  trim(): void
  /** Without `foreign` it is a message of the contract. */
  deadLetter(
    deadLetter: Omit<DeadLetter, 'id' | 'foreign'> & Partial<Pick<DeadLetter, 'foreign'>>,
  ): Promise<void>
  deadLetters(query: DeadLetterQuery): DeadLetter[]
  /** The dead letters of an organisation by reason, newest first. */
  deadLetterGroups(org: string): DeadLetterGroup[]
  countDeadLetters(): number
  /** Discards a dead letter; false when the organisation has none with that id. */
  discard(id: number, org: string): Promise<boolean>
  /** Discards the dead letters of a reason, up to one that a person has seen; returns how many. */
  discardAll(query: { org: string; reason: string; upToId: number }): Promise<number>
  /** Puts a dead letter back at the end of the journal; false when the organisation has none with that id. */
  replay(id: number, org: string): Promise<boolean>
  /**
   * Replays the dead letters of an organisation, of one device, of one reason, or of every reason that begins with
   * `reasonStart`, some thousands per call; `left`: truncated ones, which stay; `nextAfterId`: where to continue, null
   * at the end.
   */
  replayAll(query: {
    org: string
    device?: string
    reason?: string
    reasonStart?: string
    afterId?: number
  }): Promise<{ replayed: number; left: number; nextAfterId: number | null }>
  /**
   * Permanently deletes everything about devices and integrations that every reader has passed: records, notes `org/device`, dead
   * letters.
   */
  erase(org: string, devices: readonly string[]): Promise<void>
  /** Called when a device has been erased: caches of it must be dropped too. */
  onErase(run: (org: string, device: string) => void): () => void
  /** Age of the oldest record that a reader has not passed, ms; 0 when it has passed all. */
  lagMs(reader: string): number
  /** How full its storage is, 0 to 1, and the resulting level. */
  capacity(): { level: 'ok' | 'warning' | 'degraded' | 'full'; fill: number }
}
