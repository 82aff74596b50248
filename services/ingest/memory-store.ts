/**
 * Where ingest keeps what it remembers of devices. On one machine it is the journal, in one transaction with the cursor.
 * Where another machine may take over it is the state store, because the journal is lost with its machine; the journal
 * keeps the cursor.
 */
import type { State } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'

export type Note = readonly [device: string, text: string]

export interface MemoryStore {
  /** The note of each device, `org/device`. */
  load(): Promise<Iterable<Note>>
  /** The position of the cursor, and the notes that have changed. Everything before it is in the series. Durable when it resolves. */
  save(seq: number, notes: readonly Note[]): Promise<void>
}

/** The name of ingest among the readers of the journal. */
export const READER = 'ingest'
// parameters of a statement
const ROWS = 500

export const journalMemories = (journal: Journal): MemoryStore => ({
  load: async () => journal.notes(READER),
  save: (seq, notes) => journal.checkpoint(READER, seq, notes),
})

/**
 * The notes first: a crash in between leaves notes that are ahead of the cursor, and the messages between them, which
 * are in the series, count as duplicates.
 */
export const stateMemories = (state: State, journal: Journal): MemoryStore => ({
  async load() {
    const rows = await state.selectFrom('ingestNote').select(['org', 'deviceId', 'text']).execute()
    return rows.map(({ org, deviceId, text }) => [`${org}/${deviceId}`, text] as const)
  },
  async save(seq, notes) {
    for (let from = 0; from < notes.length; from += ROWS)
      await state
        .insertInto('ingestNote')
        .values(notes.slice(from, from + ROWS).map(([device, text]) => ({ ...ownerOf(device), text })))
        .onConflict((conflict) =>
          conflict
            .column('deviceId')
            .doUpdateSet((eb) => ({ org: eb.ref('excluded.org'), text: eb.ref('excluded.text') })),
        )
        .execute()
    await journal.checkpoint(READER, seq, [])
  },
})

function ownerOf(device: string): { org: string; deviceId: string } {
  const slash = device.indexOf('/')
  return { org: device.slice(0, slash), deviceId: device.slice(slash + 1) }
}
