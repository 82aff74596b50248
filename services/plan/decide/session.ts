/**
 * A session of the decision model: one line in, one line out. A bad line returns an error, and the session
 * continues.
 */
import { parseLine } from './json-lines.ts'
import { startSeason, decideDay, type Season } from './season.ts'

/** Returns a function that processes one line; null for a blank line, which has no response. */
export function decisionSession(): (text: string) => string | null {
  let season: Season | null = null
  let line = 0
  const refused = (message: string): string => JSON.stringify({ type: 'error', line, message })
  return (text) => {
    line++
    if (text.trim() === '') return null
    const read = parseLine(text)
    if (!read.ok) return refused(read.error)
    if (read.value.type === 'setup') {
      const begun = startSeason(read.value, season)
      if (!begun.ok) return refused(begun.error)
      season = begun.value
      return JSON.stringify({ type: 'ready', crop: season.crop.id, notes: season.notes })
    }
    if (!season) return refused('a setup line was expected before the first day')
    const decision = decideDay(season, read.value)
    return decision.ok ? JSON.stringify(decision.value) : refused(decision.error)
  }
}
