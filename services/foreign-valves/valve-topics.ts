/** Which messages of an integration concern a valve. */
import { parse, valuesAt } from '../drivers/match.ts'
import type { ValveAddress } from '../tables.ts'

/** Whether a message on this topic can be of the valve, or states a fact that its driver needs. */
export function mayConcern(address: ValveAddress, topic: string): boolean {
  switch (address.via) {
    case 'zigbee2mqtt':
      return topic === `${address.root}/${address.name}` || topic.startsWith(`${address.root}/bridge/`)
    case 'tasmota':
      return topic.includes(`/${address.topic}/`)
    case 'esphome':
      return topic.startsWith(`${address.prefix}/`)
    case 'shelly':
      return topic.startsWith(`${address.id}/`)
    case 'opensprinkler':
    case 'opensprinkler-mqtt':
      return topic.startsWith(`${address.topicRoot}/`)
    case 'chirpstack':
      return topic.includes(`/device/${address.devEui}/`)
    case 'the-things-stack':
      return topic.includes(`/devices/${address.deviceId}/`)
  }
}

/** The version that a gateway publishes of itself; null: this message states none. After an update a valve is tested again. */
export function gatewayVersion(address: ValveAddress, topic: string, payload: string): string | null {
  if (address.via !== 'zigbee2mqtt' || topic !== `${address.root}/bridge/info`) return null
  const [version] = valuesAt(parse(payload), 'version')
  return typeof version === 'string' ? version.slice(0, 40) : null
}
