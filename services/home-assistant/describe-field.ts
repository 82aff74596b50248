/**
 * A field as Home Assistant discovers it: one device with its sensors and valves (MQTT discovery by device, Home Assistant
 * 2024.11 and later; core `mqtt/schemas.py`, DEVICE_DISCOVERY_SCHEMA with the abbreviations dev, o, cmps, p). Pure.
 */
import type { FieldSummary } from '../domain/field-summary.ts'
import { OWN_ENTITY_PREFIX } from '../integrations/envelopes/home-assistant.ts'
import { availabilityTopic, commandTopic, fieldTopic, valveTopic } from './topics.ts'

/** One entity of a device. `p`: the platform. */
export interface Component {
  p: 'sensor' | 'binary_sensor' | 'valve'
  [option: string]: unknown
}

export interface Description {
  dev: { ids: string[]; name: string; mf: string; mdl: string; sw: string; cu?: string }
  o: { name: string; sw: string }
  availability: { topic: string }[]
  state_topic: string
  qos: 1
  cmps: Record<string, Component>
}

export interface DescribeOptions {
  base: string
  version: string
  /** the address of the dashboard; null: unknown */
  publicUrl: string | null
  mayOpenValves: boolean
}

// a field is published at least every half hour
const EXPIRE_AFTER_S = 7200

/** The key of the moisture of one probe at one depth, in the state and among the components. */
export const moistureKey = ({ deviceId, depthCm }: { deviceId: string; depthCm: number | null }): string =>
  slug(`moisture_${deviceId}_${depthCm ?? 'any'}`)

/** Describes a field. The same field gives the same text. */
export function describeField(field: FieldSummary, options: DescribeOptions): Description {
  const { base, version, publicUrl } = options
  return {
    dev: {
      ids: [`tilth_${field.id}`],
      name: field.name,
      mf: 'Tilth',
      mdl: field.kind === 'paddy' ? 'Paddy' : 'Field',
      sw: version,
      ...(publicUrl === null ? {} : { cu: `${publicUrl}/field/${field.id}` }),
    },
    o: { name: 'Tilth', sw: version },
    availability: [{ topic: availabilityTopic(base) }],
    state_topic: fieldTopic(base, field.id),
    qos: 1,
    cmps: { ...sensorsOf(field), ...valvesOf(field, options) },
  }
}

function sensorsOf(field: FieldSummary): Record<string, Component> {
  const component = (key: string, name: string, p: Component['p'], options: object): [string, Component] => [
    key,
    {
      p,
      ...identity(field, p, key),
      name,
      value_template: `{{ value_json.${key} }}`,
      ...options,
    },
  ]
  const millimetres = { unit_of_measurement: 'mm', state_class: 'measurement' }
  const water =
    field.kind === 'paddy'
      ? component('water_level', 'Water level', 'sensor', { ...millimetres, device_class: 'distance' })
      : component('water_left', 'Water left', 'sensor', millimetres)
  return Object.fromEntries([
    water,
    component('next_run', 'Next run', 'sensor', { device_class: 'timestamp' }),
    component('next_mm', 'Next run depth', 'sensor', millimetres),
    component('status', 'Status', 'sensor', {
      device_class: 'enum',
      options: ['act', 'soon', 'ok', 'wet', 'unknown'],
    }),
    component('problem', 'Problem', 'binary_sensor', { device_class: 'problem' }),
    ...field.moisture.map((reading) =>
      component(
        moistureKey(reading),
        reading.depthCm === null ? 'Moisture' : `Moisture ${reading.depthCm} cm`,
        'sensor',
        {
          device_class: 'moisture',
          unit_of_measurement: '%',
          state_class: 'measurement',
          expire_after: EXPIRE_AFTER_S,
        },
      ),
    ),
  ])
}

function valvesOf(field: FieldSummary, { base, mayOpenValves }: DescribeOptions): Record<string, Component> {
  return Object.fromEntries(
    field.valves.map((valve): [string, Component] => {
      const key = slug(`valve_${valve.controllerId}_${valve.valve}`)
      return [
        key,
        {
          p: 'valve',
          ...identity(field, 'valve', key),
          name: valve.zoneName,
          device_class: 'water',
          state_topic: valveTopic(base, valve),
          value_template: '{{ value_json.pos }}',
          reports_position: false,
          ...(mayOpenValves ? { command_topic: commandTopic(base, valve) } : {}),
        },
      ]
    }),
  )
}

/** What an entity is known by; its entity id begins so that Tilth never reads its own values back from Home Assistant. */
function identity({ id, name }: FieldSummary, platform: Component['p'], key: string) {
  const object = slug(`${OWN_ENTITY_PREFIX}${/[a-z0-9]/i.test(name) ? name : id}_${key}`)
  return {
    unique_id: `tilth_${id}_${key}`,
    object_id: object, // Home Assistant before 2025.10
    default_entity_id: `${platform}.${object}`,
  }
}

/**
 * The description that also removes what an older one had and this one has not: Home Assistant removes a component that is
 * left with its platform alone.
 */
export function withRemovals(
  description: Description,
  previous: Pick<Description, 'cmps'> | null,
): Description {
  const removed = Object.entries(previous?.cmps ?? {})
    .filter(([key]) => description.cmps[key] === undefined)
    .map(([key, { p }]) => [key, { p }] as const)
  return { ...description, cmps: { ...description.cmps, ...Object.fromEntries(removed) } }
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
