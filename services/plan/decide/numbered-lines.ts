/** The lines of a session, counted: a bad one returns an error that names its number, and the session continues. */
import type { Result } from '../../../broker/contract/result.ts'
import { parseLine, type DayLine, type SetupLine } from './json-lines.ts'

/** Reads a line; null for a blank one, which has no response. `errorLine` is about the line that was read last. */
export function numberedLines() {
  let line = 0
  return {
    read(text: string): Result<SetupLine | DayLine> | null {
      line++
      return text.trim() === '' ? null : parseLine(text)
    },
    errorLine: (message: string): string => JSON.stringify({ type: 'error', line, message }),
  }
}
