/** The conversation of the decision core: one line in, one line out. A bad line is answered, and the run goes on. */
import { parseLine } from './json-lines.ts'
import { startSeason, decideDay, type Season } from './season.ts'

/** Gives a function that answers each line; null for a blank one, which has no answer. */
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
