/**
 * STOPs that the state store could not take, as notes in the journal of this machine: they are recorded when the store
 * responds again, also after a restart.
 */
import Type from 'typebox'
import { jsonParser } from '../../../broker/contract/json.ts'
import type { Logger } from '../../ports.ts'
import type { Journal } from '../../ports/journal.ts'
import type { RequestRow } from '../../tables.ts'

export interface StopNotes {
  /** Those of an earlier start, oldest first. */
  read(): StopNote[]
  /** Durable when it resolves. A failure is logged: the STOP was sent, and is kept in memory. */
  keep(stop: StopNote): Promise<void>
  /** The store has it. */
  drop(id: string): Promise<void>
}

export type StopNote = Pick<RequestRow, 'id' | 'org' | 'zoneId' | 'actor' | 'atMs'>

const READER = 'stop'
const Note = Type.Object({
  id: Type.String(),
  org: Type.String(),
  zoneId: Type.Union([Type.String(), Type.Null()]),
  actor: Type.String(),
  atMs: Type.Number(),
})
const parseNote = jsonParser(Note, 'stop')

/** The notes of `journal`, which nobody else reads. */
export function stopNotes(journal: Pick<Journal, 'notes' | 'putNote'>, log: Logger): StopNotes {
  const kept = new Set<string>()

  async function put(id: string, text: string | null): Promise<void> {
    try {
      await journal.putNote(READER, id, text)
    } catch (error) {
      log.error({ request: id, error }, 'a STOP could not be noted in the journal')
    }
  }

  return {
    read() {
      const notes = [...journal.notes(READER).values()].flatMap((text) => {
        const note = parseNote(new TextEncoder().encode(text))
        return note.ok ? [note.value] : []
      })
      for (const { id } of notes) kept.add(id)
      return notes.sort((a, b) => a.atMs - b.atMs)
    },
    async keep({ id, org, zoneId, actor, atMs }) {
      if (kept.has(id)) return
      kept.add(id)
      await put(id, JSON.stringify({ id, org, zoneId, actor, atMs }))
    },
    async drop(id) {
      if (kept.delete(id)) await put(id, null)
    },
  }
}
