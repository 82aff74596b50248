/** Topic names and topic filters as bytes (MQTT 3.1.1, 4.7): where wildcards are valid. Pure. */
const HASH = 0x23
const PLUS = 0x2b
const SLASH = 0x2f

/** Why this is not a valid topic of a message, or null. */
export function topicFault(topic: Uint8Array): string | null {
  if (topic.length === 0) return 'empty [MQTT-4.7.3-1]'
  return topic.includes(HASH) || topic.includes(PLUS) ? 'a wildcard [MQTT-3.3.2-2]' : null
}

/** Why this is not a valid topic filter of a subscription, or null. */
export function filterFault(filter: Uint8Array): string | null {
  if (filter.length === 0) return 'empty [MQTT-4.7.3-1]'
  for (const [index, byte] of filter.entries()) {
    const startsLevel = index === 0 || filter[index - 1] === SLASH
    const isLast = index === filter.length - 1
    if (byte === HASH && !(startsLevel && isLast)) return '# is not the whole last level [MQTT-4.7.1-2]'
    if (byte === PLUS && !(startsLevel && (isLast || filter[index + 1] === SLASH)))
      return '+ is not a whole level [MQTT-4.7.1-3]'
  }
  return null
}
