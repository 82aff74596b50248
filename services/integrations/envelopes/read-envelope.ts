/** The integrations: what each reads from a message, before any profile. */
import type { Result } from '../../../broker/contract/result.ts'
import type { IntegrationKind } from '../../tables/integration.ts'
import type { Envelope, ForeignMessage } from '../foreign-message.ts'
import { readChirpstack } from './chirpstack.ts'
import { readEsphome } from './esphome.ts'
import { readGeneric } from './generic.ts'
import { readHomeAssistant } from './home-assistant.ts'
import { readOpensprinkler } from './opensprinkler.ts'
import { readShelly } from './shelly.ts'
import { readTasmota } from './tasmota.ts'
import { readThingsStack } from './things-stack.ts'
import { readWeatherlinkLive } from './weatherlink-live.ts'
import { readEcowitt, readWunderground } from './weather-push.ts'
import { readZigbee2mqtt, type ZigbeeOptions } from './zigbee2mqtt.ts'

/** How a farm has set up the ecosystem. */
export type EnvelopeOptions = ZigbeeOptions

type EnvelopeReader = (message: ForeignMessage, options: EnvelopeOptions) => Result<Envelope | null>

const readers: Record<IntegrationKind, EnvelopeReader> = {
  chirpstack: readChirpstack,
  'the-things-stack': readThingsStack,
  zigbee2mqtt: readZigbee2mqtt,
  'home-assistant': readHomeAssistant,
  tasmota: readTasmota,
  shelly: readShelly,
  esphome: readEsphome,
  opensprinkler: readOpensprinkler,
  ecowitt: readEcowitt,
  wunderground: readWunderground,
  'weatherlink-live': readWeatherlinkLive,
  generic: readGeneric,
}

/** The envelope of a message; null: nothing to read; an error: the reason of the dead letter. */
export const readEnvelope = (
  kind: IntegrationKind,
  message: ForeignMessage,
  options: EnvelopeOptions = {},
): Result<Envelope | null> => readers[kind](message, options)
