/**
 * Topics of other ecosystems (Zigbee2MQTT, Tasmota, Shelly ...) inside the broker. Whatever a gateway publishes and
 * receives lies below its mount, `foreign/{org}/{gateway}/`; the rules here see the topic as its sender named it.
 */

/** The root of every mount. */
export const FOREIGN_ROOT = 'foreign/'

/** The mount of a gateway; both are names without a slash. */
export const mountOf = (org: string, gateway: string): string => `${FOREIGN_ROOT}${org}/${gateway}/`

/** The mount that a topic or filter lies below, or null. Wildcards name no mount. */
export function mountAbove(topic: string): string | null {
  if (!topic.startsWith(FOREIGN_ROOT)) return null
  const orgEnd = topic.indexOf('/', FOREIGN_ROOT.length)
  const end = orgEnd < 0 ? -1 : topic.indexOf('/', orgEnd + 1)
  if (end < 0) return null
  const mount = topic.slice(0, end + 1)
  return /[+#]/.test(mount) ? null : mount
}

/** The longest payload of a foreign message. */
export const MAX_FOREIGN_BYTES = 64 * 1024
/** The longest payload of a catalogue: Zigbee2MQTT's `bridge/definitions` of one device has 120,870 bytes. */
export const MAX_CATALOGUE_BYTES = 1024 * 1024
/** The longest topic or filter of a gateway, bytes. */
export const MAX_FOREIGN_TOPIC_BYTES = 1_024
// the matcher of the broker accepts 100 levels, three of them are the mount
const MAX_LEVELS = 97

const catalogues = new Set(['definitions', 'devices', 'info'])
/** Whether the message lists devices and abilities: it may be long, and is not worth keeping. */
export const isCatalogueTopic = (topic: string): boolean => {
  const [parent, last] = topic.split('/').slice(-2)
  return parent === 'bridge' && catalogues.has(last ?? '')
}

const commandLevels = new Set(['set', 'cmnd', 'command', 'rpc'])
/** Whether a device would act on the message: Zigbee2MQTT `.../set`, Tasmota `cmnd/...`, ESPHome, Shelly `.../rpc`. */
export const isCommandTopic = (topic: string): boolean =>
  topic
    .toLowerCase()
    .split('/')
    .some((level) => commandLevels.has(level))

// Tasmota; Zigbee2MQTT and OpenSprinkler; Shelly; ESPHome
const availability = new Set(['LWT', 'availability', 'online', 'status'])
/** Whether a message on this topic may be retained: what states that a device or a bridge is there, and no command. */
export function mayForeignBeRetained(topic: string): boolean {
  const [parent, last] = topic.split('/').slice(-2)
  const name = last ?? parent ?? ''
  return (availability.has(name) || (last !== undefined && parent === 'bridge')) && !isCommandTopic(topic)
}

/** Why a gateway cannot use this topic or filter, or null. */
export function foreignTopicFault(topic: string): string | null {
  if (topic.startsWith('$')) return `must not begin with $, got ${topic.slice(0, 120)}`
  const bytes = Buffer.byteLength(topic)
  if (bytes > MAX_FOREIGN_TOPIC_BYTES)
    return `expected at most ${MAX_FOREIGN_TOPIC_BYTES} bytes, got ${bytes}`
  const levels = topic.split('/').length
  return levels > MAX_LEVELS ? `expected at most ${MAX_LEVELS} levels, got ${levels}` : null
}
