/**
 * Answers that were worked out already. A line or a depth takes a millisecond of sums, zones of a field mostly ask the same,
 * and most of a farm asks what it asked an hour before: the same question has the same answer.
 */

// of a co-operative's zones, now and on another forecast
const MAX_ENTRIES = 4_000

/** `key` must name everything that `work` rests on: a time in it makes another question. */
export function memoize<Answer>(): (key: string, work: () => Answer) => Answer {
  const answers = new Map<string, { answer: Answer }>()
  return (key, work) => {
    const known = answers.get(key)
    if (known) return known.answer
    const answer = work()
    // the oldest goes first
    if (answers.size >= MAX_ENTRIES) answers.delete(answers.keys().next().value!)
    answers.set(key, { answer })
    return answer
  }
}
