/** What a grower owns, as the page offers it. Names of products are the same in every language. */
import type { IntegrationView } from '../../../services/api/schemas.ts'

export type IntegrationKind = IntegrationView['kind']

interface Offer {
  /** the product, as its maker writes it */
  name: string
  picture: PictureName
  /** the address at which Tilth finds it; absent: its devices come to Tilth */
  address?: { example: string; needsUser: boolean; needsSecret: boolean }
}

export type PictureName =
  | 'tower'
  | 'cloud'
  | 'mesh'
  | 'house'
  | 'plug'
  | 'chip'
  | 'sprinkler'
  | 'station'
  | 'messages'
  | 'label'

const localBroker = { example: 'mqtt://192.168.1.10:1883', needsUser: true, needsSecret: true }
const localStation = { example: 'http://192.168.1.20', needsUser: false, needsSecret: false }

export const offers: Record<IntegrationKind, Offer> = {
  chirpstack: { name: 'ChirpStack', picture: 'tower', address: localBroker },
  'the-things-stack': {
    name: 'The Things Stack',
    picture: 'cloud',
    address: { example: 'mqtts://eu1.cloud.thethings.network:8883', needsUser: true, needsSecret: true },
  },
  zigbee2mqtt: { name: 'Zigbee2MQTT', picture: 'mesh', address: localBroker },
  'home-assistant': { name: 'Home Assistant', picture: 'house', address: localBroker },
  tasmota: { name: 'Tasmota', picture: 'plug' },
  shelly: { name: 'Shelly', picture: 'plug' },
  esphome: { name: 'ESPHome', picture: 'chip' },
  opensprinkler: {
    name: 'OpenSprinkler',
    picture: 'sprinkler',
    address: { example: 'http://192.168.1.30', needsUser: false, needsSecret: true },
  },
  ecowitt: { name: 'Ecowitt', picture: 'station' },
  wunderground: { name: 'Ambient, Bresser, Froggit', picture: 'station' },
  'weatherlink-live': { name: 'Davis WeatherLink Live', picture: 'station', address: localStation },
  generic: { name: 'MQTT', picture: 'messages' },
}

export const kindOf = (text: string): IntegrationKind | null =>
  Object.hasOwn(offers, text) ? (text as IntegrationKind) : null
