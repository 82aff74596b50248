/** What is entered at the device or its network server, with the address and the credentials of this server. */
import type { IntegrationKind } from './integration-kinds.ts'

/** Where Tilth is reached, and what an integration signs in with. */
export interface OwnAddress {
  host: string
  /** of the dashboard */
  httpPort: number
  /** of MQTT; null: no port is open to the network */
  mqttPort: number | null
  isTls: boolean
  user: string
  secret: string
}

/** A setting of a form, or a text for a file or a console. */
export type PasteBlock =
  | { kind: 'settings'; place: PastePlace; rows: [name: string, value: string][] }
  | { kind: 'text'; place: PastePlace; text: string }
export type PastePlace =
  | 'chirpstack-file'
  | 'things-stack-console'
  | 'zigbee2mqtt-file'
  | 'home-assistant-file'
  | 'tasmota-console'
  | 'shelly-settings'
  | 'esphome-file'
  | 'fixed-address'
  | 'ecowitt-settings'
  | 'wunderground-settings'
  | 'mqtt-settings'
  | 'mqtt-try'

/**
 * At the place that the grower opens, in the order in which it is done. Values are in the words of the product itself.
 * `comesHere`: it signs in at this server; else Tilth connects to its broker.
 */
export function pasteBlocks(kind: IntegrationKind, own: OwnAddress, comesHere: boolean): PasteBlock[] {
  const { host, httpPort, user, secret } = own
  const port = String(own.mqttPort ?? 1883)
  const text = (place: PastePlace, lines: string[]): PasteBlock => ({
    kind: 'text',
    place,
    text: lines.join('\n'),
  })
  const settings = (place: PastePlace, rows: [string, string][]): PasteBlock => ({
    kind: 'settings',
    place,
    rows,
  })
  const blocks: Record<IntegrationKind, PasteBlock[]> = {
    chirpstack: [
      text('chirpstack-file', [
        '[integration]',
        '  enabled=["mqtt"]',
        '',
        '  [integration.mqtt]',
        '    qos=1',
      ]),
    ],
    'the-things-stack': [settings('things-stack-console', [])],
    zigbee2mqtt: [
      text('zigbee2mqtt-file', [
        ...(comesHere
          ? [
              'mqtt:',
              `  server: mqtt${own.isTls ? 's' : ''}://${host}:${port}`,
              `  user: ${user}`,
              `  password: ${secret}`,
            ]
          : []),
        'advanced:',
        '  last_seen: ISO_8601',
        'availability:',
        '  enabled: true',
        'device_options:',
        '  qos: 1',
        '  optimistic: false',
        '  filtered_cache: ["flow"]',
      ]),
    ],
    'home-assistant': [
      text('home-assistant-file', [
        'mqtt_statestream:',
        '  base_topic: homeassistant',
        '  publish_attributes: true',
        '  include:',
        '    entities:',
        '      - sensor.bed_3_moisture',
      ]),
    ],
    tasmota: [
      text('tasmota-console', [
        `Backlog MqttHost ${host}; MqttPort ${port}; MqttUser ${user}; MqttPassword ${secret}; PowerRetain 0; TelePeriod 300`,
      ]),
    ],
    shelly: [
      settings('shelly-settings', [
        ['Enable', 'MQTT'],
        ['Server', `${host}:${port}`],
        ['Username', user],
        ['Password', secret],
        ['Enable RPC over MQTT', 'on'],
        ['RPC status notifications', 'on'],
      ]),
    ],
    esphome: [
      text('esphome-file', [
        'mqtt:',
        `  broker: ${host}`,
        `  port: ${port}`,
        `  username: ${user}`,
        `  password: ${secret}`,
        '  discovery: false',
        '  reboot_timeout: 0s',
      ]),
    ],
    opensprinkler: [settings('fixed-address', [])],
    ecowitt: [
      settings('ecowitt-settings', [
        ['Protocol', 'Ecowitt'],
        ['Server IP / Hostname', host],
        ['Path', `/api/push/ecowitt/${secret}`],
        ['Port', String(httpPort)],
        ['Upload Interval', '60'],
      ]),
    ],
    wunderground: [
      settings('wunderground-settings', [
        ['Protocol', 'Wunderground'],
        ['Server IP / Hostname', host],
        ['Path', '/weatherstation/updateweatherstation.php?'],
        ['Port', String(httpPort)],
        ['Station ID', user],
        ['Station Key', secret],
      ]),
    ],
    'weatherlink-live': [settings('fixed-address', [])],
    generic: [
      settings('mqtt-settings', [
        ['Host', host],
        ['Port', port],
        ['Username', user],
        ['Password', secret],
      ]),
      text('mqtt-try', [
        `mosquitto_pub -h ${host} -p ${port} -u ${user} -P ${secret} -q 1 -t shed/temperature -m 19.2`,
      ]),
    ],
  }
  return blocks[kind]
}
