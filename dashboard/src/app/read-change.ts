/** What an event of the stream says: which rows changed, never the rows themselves. */
import type { StreamEvent } from '../api/event-stream.ts'

/** What changed; `null`: unknown, fetch everything. */
export interface Change {
  event: string
  fields: string[] | null
}
/** Reads one event of the stream; anything that is not understood means: fetch everything. */
export function parseChange({ event, data }: StreamEvent): Change | null {
  try {
    const said = JSON.parse(data) as { event?: unknown; fields?: unknown }
    if (typeof said.event !== 'string') return null
    const fields = Array.isArray(said.fields)
      ? said.fields.filter((id): id is string => typeof id === 'string')
      : null
    return { event: event === 'message' ? said.event : event, fields }
  } catch {
    return null
  }
}
