/** Which integration a message is of, by its topic alone: for messages in a file, which no connection identifies. */
import type { IntegrationKind } from '../tables/integration.ts'

const patterns: [RegExp, IntegrationKind][] = [
  [/^application\/[\w-]+\/device\/[0-9a-f]{16}\/event\//i, 'chirpstack'],
  [/^v3\/[^/]+\/devices\//, 'the-things-stack'],
  [/^zigbee2mqtt\//, 'zigbee2mqtt'],
  [/^homeassistant\//, 'home-assistant'],
  [/^(tele|stat)\//, 'tasmota'],
  [/^shelly[\w-]*\//, 'shelly'],
  [/^(GET \/jc$|opensprinkler\/)/, 'opensprinkler'],
  [/^POST .*\/ecowitt/, 'ecowitt'],
  [/^GET \/weatherstation\//, 'wunderground'],
  [/\/v1\/current_conditions$/, 'weatherlink-live'],
  [/\/(sensor|binary_sensor|number|switch|valve)\/[\w-]+\/state$/, 'esphome'],
]

/** The integration whose usual topics fit; `generic` when none does. */
export const guessIntegration = (topic: string): IntegrationKind =>
  patterns.find(([pattern]) => pattern.test(topic))?.[1] ?? 'generic'
