/**
 * Whether a topic matches a topic filter: `+` is one level, `#` at the end is all the rest (MQTT 3.1.1, 4.7). It runs
 * for every message and every filter, so it allocates no memory for most levels. Pure.
 */
export function matchesFilter(filter: string, topic: string): boolean {
  let levelStart = 0 // in the topic: the first character of the level
  for (let from = 0; ;) {
    const end = endOfLevel(filter, from)
    const part = end - from
    if (part === 1 && filter[from] === '#') return true
    if (levelStart > topic.length) return false
    const till = endOfLevel(topic, levelStart)
    const isAnyLevel = part === 1 && filter[from] === '+'
    if (!isAnyLevel && !(part === till - levelStart && topic.startsWith(filter.slice(from, end), levelStart)))
      return false
    from = end + 1
    levelStart = till + 1
    if (from > filter.length) return levelStart > topic.length
  }
}

function endOfLevel(text: string, from: number): number {
  const slash = text.indexOf('/', from)
  return slash < 0 ? text.length : slash
}
