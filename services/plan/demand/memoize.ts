/**
 * A cache of results. A line or a depth takes a millisecond to calculate; the zones of a field mostly share
 * one, and most of a farm needs the same as an hour before.
 */

// of a co-operative's zones, for the current and another forecast
const MAX_ENTRIES = 4_000

/** `key` must contain everything that `work` depends on: a time in it makes another key. */
export function memoize<Answer>(): (key: string, work: () => Answer) => Answer {
  const answers = new Map<string, { answer: Answer }>()
  return (key, work) => {
    const known = answers.get(key)
    if (known) return known.answer
    const answer = work()
    // the oldest entry goes first
    if (answers.size >= MAX_ENTRIES) answers.delete(answers.keys().next().value!)
    answers.set(key, { answer })
    return answer
  }
}
