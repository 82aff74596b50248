/** The address at which Tilth connects to an integration, by its kind. */
import { fail } from '../../errors.ts'
import { integrationKinds, type IntegrationKind } from '../../tables.ts'

/** The schemes of an address that Tilth can connect to, by kind; null: it may also be left out. */
const schemes: Record<IntegrationKind, readonly ('mqtt' | 'http' | null)[]> = {
  chirpstack: ['mqtt'],
  'the-things-stack': ['mqtt'],
  zigbee2mqtt: ['mqtt', null],
  'home-assistant': ['mqtt', null],
  tasmota: [null],
  shelly: [null],
  esphome: [null],
  opensprinkler: ['http', null],
  ecowitt: [null],
  wunderground: [null],
  'weatherlink-live': ['http'],
  generic: ['mqtt', null],
}

/** Kinds whose devices can come to Tilth, with credentials. */
export const kindsWithoutUrl = integrationKinds.filter((kind) => schemes[kind].includes(null))

/** BAD_REQUEST for an address, or for none, that does not fit the kind. */
export function checkUrl(kind: IntegrationKind, url: string | null): void {
  const scheme = url === null ? null : url.startsWith('mqtt') ? 'mqtt' : 'http'
  if (schemes[kind].includes(scheme)) return
  const wanted = schemes[kind]
    .map((one) => (one === null ? 'none' : one === 'mqtt' ? 'mqtt:// or mqtts://' : 'http://'))
    .join(', or ')
  fail('BAD_REQUEST', `url: must be ${wanted} for ${kind}, got ${url ?? 'none'}`)
}
