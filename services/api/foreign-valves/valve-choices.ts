/** The ways of commanding that fit a device of another make, and where its valve is reached. Pure. */
import { drivers } from '../../drivers/drivers.ts'
import type { Driver } from '../../drivers/driver-types.ts'
import type { IntegrationKind, ValveAddress } from '../../tables.ts'
import type { ValveDriverChoice } from './foreign-valve-schemas.ts'

/** What is known of a device when its valve is set up. */
export interface ValveDevice {
  kind: IntegrationKind
  /** at its integration: `z2m:north valve` */
  address: string
  profile: string
  /** as its gateway names it; null: not stated */
  model: string | null
  /** on which it published last; null: it has sent nothing since it was assigned */
  topic: string | null
  /** of its integration, where Tilth asks it over HTTP */
  url: string | null
}

const MAX_OUTLETS = 16

/** The drivers of this device. One of another Zigbee model is the relay that nothing closes, which is refused. */
export function driversFor(device: ValveDevice): Driver[] {
  const ofWay = drivers.filter(({ via }) => via.some((way) => way.replace(/-mqtt$/, '') === device.kind))
  const ofModel = ofWay.filter(
    ({ models }) => models.length > 0 && models.some((model) => isModel(device, model)),
  )
  return ofModel.length > 0 ? ofModel : ofWay.filter(({ models }) => models.length === 0)
}

/** By the word of the gateway; where there is none, by the profile that a person has chosen. */
const isModel = ({ model, profile, kind }: ValveDevice, name: string): boolean =>
  kind === 'zigbee2mqtt' && model !== null
    ? model === name
    : profile.toLowerCase().endsWith(name.toLowerCase().replaceAll('_', '-'))

/** A driver, as the page offers it. */
export const choiceOf = (driver: Driver): ValveDriverChoice => {
  const { name, needs, bound } = driver
  return {
    driver: name,
    refused: refusalOf(driver),
    needs,
    isTrusted: bound?.isTrusted ?? false,
    longestMinutes: bound === null ? null : Math.floor(bound.maxMs / 60_000),
    outlets: MAX_OUTLETS,
    isSleeping: isSleeper(driver),
  }
}

/** Why a driver never opens a valve; null: it may. */
export const refusalOf = ({ refused }: Driver): ValveDriverChoice['refused'] =>
  refused === null ? null : { code: refused.code, why: refused.why }

/** LoRaWAN: a device of class A receives a message only after it has sent one. */
export const isSleeper = ({ via }: Driver): boolean => via.includes('chirpstack')

/** Where an output of the device is reached; null: something of it is unknown, as `missing` names. */
export function valveAddressOf(
  driver: Driver,
  device: ValveDevice,
  form: { outlet: number; objectId?: string; isParallel?: boolean },
): { address: ValveAddress } | { missing: string } {
  const { outlet } = form
  const name = device.address.slice(device.address.indexOf(':') + 1)
  switch (driver.via[0]!) {
    case 'zigbee2mqtt':
      return { address: { via: 'zigbee2mqtt', root: 'zigbee2mqtt', name, outlet } }
    case 'tasmota':
      return { address: { via: 'tasmota', topic: name, relay: outlet } }
    case 'shelly':
      return { address: { via: 'shelly', id: name, channel: outlet - 1 } }
    case 'esphome':
      return form.objectId === undefined
        ? { missing: 'objectId: the id of the switch in ESPHome' }
        : { address: { via: 'esphome', prefix: name, id: form.objectId } }
    case 'opensprinkler':
      return device.url === null
        ? { missing: 'url: the address of OpenSprinkler in the integration' }
        : {
            address: {
              via: 'opensprinkler',
              httpBase: device.url.replace(/\/$/, ''),
              // it stands with the integration
              passwordDigest: '',
              station: outlet - 1,
              topicRoot: 'opensprinkler',
              isParallel: form.isParallel ?? false,
            },
          }
    case 'opensprinkler-mqtt':
      return {
        address: {
          via: 'opensprinkler-mqtt',
          subscribedTopic: 'opensprinkler',
          passwordDigest: '',
          station: outlet - 1,
          topicRoot: 'opensprinkler',
        },
      }
    case 'chirpstack':
    case 'the-things-stack':
      return lorawanAddressOf(device, outlet)
  }
}

function lorawanAddressOf(
  { kind, topic, address }: ValveDevice,
  outlet: number,
): { address: ValveAddress } | { missing: string } {
  const missing = { missing: 'a message of the device: its application is unknown until it sends one' }
  const [, first, second] = /^(?:application|v3)\/([^/]+)\/devices?\/([^/]+)\//.exec(topic ?? '') ?? []
  if (first === undefined || second === undefined) return missing
  return kind === 'chirpstack'
    ? {
        address: {
          via: 'chirpstack',
          applicationId: first,
          devEui: address.slice('lw:'.length),
          outlet,
          litresPerPulse: null,
        },
      }
    : {
        address: {
          via: 'the-things-stack',
          application: first,
          deviceId: second,
          outlet,
          litresPerPulse: null,
        },
      }
}
