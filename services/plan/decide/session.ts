/**
 * A session of the decision model: one line in, one line out. A bad line returns an error, and the session
 * continues.
 */
import { numberedLines } from './numbered-lines.ts'
import type { Season } from './season-state.ts'
import { decideDay } from './season-day.ts'
import { startSeason } from './season.ts'

/** Returns a function that processes one line; null for a blank line, which has no response. */
export function decisionSession(): (text: string) => string | null {
  let season: Season | null = null
  const { read, errorLine } = numberedLines()
  return (text) => {
    const parsed = read(text)
    if (parsed === null) return null
    if (!parsed.ok) return errorLine(parsed.error)
    if (parsed.value.type === 'setup') {
      const started = startSeason(parsed.value, season)
      if (!started.ok) return errorLine(started.error)
      season = started.value
      return JSON.stringify({ type: 'ready', crop: season.site.crop.id, notes: season.notes })
    }
    if (!season) return errorLine('a setup line was expected before the first day')
    const decision = decideDay(season, parsed.value)
    return decision.ok ? JSON.stringify(decision.value) : errorLine(decision.error)
  }
}
