/**
 * Answers that were worked out already. What a field needs takes some milliseconds of sums, its zones mostly ask the same,
 * and most of a farm is as it was when the plan was made before: the same question has the same answer.
 */
import type { ForecastAnswer } from '../../ports.ts'
import type { ZoneRow } from '../../tables.ts'

// of a co-operative's fields, now and an hour before
const MOST_KEPT = 4_000

/** `work` must be pure, and asked with no more than it rests on: a time in the question makes it another one. */
export function keeping<
  Asked extends { zone: Partial<ZoneRow> | null; forecast: ForecastAnswer | null },
  Answer,
>(work: (asked: Asked) => Answer): (asked: Asked) => Answer {
  const kept = new Map<string, { answer: Answer }>()
  return (asked) => {
    const key = JSON.stringify({ ...asked, zone: settingsOf(asked.zone), forecast: saidOf(asked.forecast) })
    const known = kept.get(key)
    if (known) return known.answer
    const answer = work(asked)
    // the oldest goes first
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!)
    kept.set(key, { answer })
    return answer
  }
}

// what tells one zone from another, and when and by whom it is watered, says nothing of how much it needs
const OF_THE_ZONE_ALONE: readonly string[] = [
  'id',
  'name',
  'controllerId',
  'valve',
  'pumpId',
  'mode',
  'pausedUntilMs',
  'schedule',
] satisfies (keyof ZoneRow)[]

const settingsOf = (zone: Partial<ZoneRow> | null): unknown[] | null =>
  zone && Object.entries(zone).filter(([name]) => !OF_THE_ZONE_ALONE.includes(name))

// one answer serves all fields of a farm
const said = new WeakMap<ForecastAnswer, string>()

function saidOf(forecast: ForecastAnswer | null): string | null {
  if (!forecast) return null
  let text = said.get(forecast)
  if (text === undefined) said.set(forecast, (text = JSON.stringify({ ...forecast, hours: undefined })))
  return text
}
