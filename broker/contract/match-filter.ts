/** Whether a topic falls under a subscription: `+` is one level, `#` at the end is all the rest (MQTT 3.1.1, 4.7). Pure. */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const given = topic.split('/')
  for (const [i, part] of wanted.entries()) {
    if (part === '#') return true
    if (i >= given.length || (part !== '+' && part !== given[i])) return false
  }
  return wanted.length === given.length
}
