/** The topic filters at the broker of an ecosystem when its integration names none. */
import type { IntegrationRow } from '../tables.ts'

/** Empty: a person has to name them. */
export function defaultTopics({ kind, userName }: Pick<IntegrationRow, 'kind' | 'userName'>): string[] {
  switch (kind) {
    case 'chirpstack':
      return ['application/+/device/+/event/+']
    case 'the-things-stack':
      return ['up', 'join'].map((event) => `v3/${userName ?? '+'}/devices/+/${event}`)
    case 'zigbee2mqtt':
      // a name may have a slash: then the integration names its topics; the log of the bridge is never wanted
      return ['+', '+/availability', 'bridge/state', 'bridge/info', 'bridge/devices'].map(
        (rest) => `zigbee2mqtt/${rest}`,
      )
    case 'home-assistant':
      return ['homeassistant/+/+/state', 'homeassistant/+/+/unit_of_measurement']
    case 'tasmota':
      return ['tele/#', 'stat/#']
    case 'shelly':
      return ['+/online', '+/events/rpc', '+/status/#']
    case 'esphome':
      return [
        '+/status',
        ...['sensor', 'binary_sensor', 'number', 'switch', 'valve'].map(
          (component) => `+/${component}/+/state`,
        ),
      ]
    case 'opensprinkler':
      return ['opensprinkler/#']
    default:
      return []
  }
}
