import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import type { FieldSummary } from '../../../services/domain/field-summary.ts'
import { describeField, moistureKey, withRemovals } from '../../../services/home-assistant/describe-field.ts'
import { fieldMessages } from '../../../services/home-assistant/field-messages.ts'
import { readHomeAssistant } from '../../../services/integrations/envelopes/home-assistant.ts'
import { fieldSummary } from './field-summary.ts'

// what Home Assistant requires: core mqtt/schemas.py and const.py; an unknown key would be refused there
const Shared = {
  name: Type.String(),
  unique_id: Type.String(),
  object_id: Type.String({ pattern: '^tilth_[a-z0-9_]+$' }),
  default_entity_id: Type.String({ pattern: '^(sensor|binary_sensor|valve)\\.tilth_[a-z0-9_]+$' }),
  value_template: Type.String(),
}
const Sensor = Type.Object(
  {
    p: Type.Literal('sensor'),
    ...Shared,
    unit_of_measurement: Type.Optional(Type.Enum(['mm', '%'])),
    state_class: Type.Optional(Type.Literal('measurement')),
    device_class: Type.Optional(Type.Enum(['timestamp', 'enum', 'moisture', 'distance'])),
    options: Type.Optional(Type.Array(Type.String())),
    expire_after: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)
const Problem = Type.Object(
  { p: Type.Literal('binary_sensor'), ...Shared, device_class: Type.Literal('problem') },
  { additionalProperties: false },
)
const Valve = Type.Object(
  {
    p: Type.Literal('valve'),
    ...Shared,
    device_class: Type.Literal('water'),
    state_topic: Type.String(),
    command_topic: Type.Optional(Type.String()),
    reports_position: Type.Literal(false),
  },
  { additionalProperties: false },
)
const Discovery = Compile(
  Type.Object(
    {
      dev: Type.Object(
        {
          ids: Type.Array(Type.String(), { minItems: 1 }),
          name: Type.String(),
          mf: Type.String(),
          mdl: Type.String(),
          sw: Type.String(),
          cu: Type.Optional(Type.String({ pattern: '^https?://' })),
        },
        { additionalProperties: false },
      ),
      o: Type.Object({ name: Type.String(), sw: Type.String() }, { additionalProperties: false }),
      availability: Type.Array(Type.Object({ topic: Type.String() }), { minItems: 1 }),
      state_topic: Type.String(),
      qos: Type.Literal(1),
      cmps: Type.Record(Type.String({ pattern: '^[a-z0-9_]+$' }), Type.Union([Sensor, Problem, Valve])),
    },
    { additionalProperties: false },
  ),
)

const options = {
  base: 'tilth-ha',
  version: '1.3.0',
  publicUrl: 'https://farm.example',
  mayOpenValves: false,
}
const paddy: FieldSummary = { ...fieldSummary, kind: 'paddy', waterLeftMm: null, levelMm: 42 }

describe('a field as Home Assistant discovers it', () => {
  it.each([
    ['an upland field', fieldSummary],
    ['a paddy', paddy],
  ])('%s fits the schema of a device', (_name, field) => {
    for (const mayOpenValves of [false, true]) {
      const described = describeField(field, { ...options, mayOpenValves })
      expect([...Discovery.Errors(described)]).toEqual([])
    }
  })

  it('each component reads a value that the state has, and is unique', () => {
    const { cmps } = describeField(fieldSummary, options)
    const messages = fieldMessages(fieldSummary, { base: 'tilth-ha', nowMs: 0 })
    for (const [key, component] of Object.entries(cmps)) {
      const topic = (component.state_topic as string | undefined) ?? `tilth-ha/field/${fieldSummary.id}`
      const path = /value_json\.(\w+)/.exec(component.value_template as string)![1]!
      expect(JSON.parse(messages.get(topic)!) as object, key).toHaveProperty(path)
    }
    const ids = Object.values(cmps).map(({ unique_id }) => unique_id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has entity ids that Tilth does not read back from Home Assistant', () => {
    for (const name of ['North field', '北の畑']) {
      const { cmps } = describeField({ ...fieldSummary, name }, options)
      for (const component of Object.values(cmps)) {
        const [domain, entity] = (component.default_entity_id as string).split('.')
        const topic = `homeassistant/${domain}/${entity}/state`
        const message = { topic, payload: Buffer.from('12.3'), isRetained: true, receivedMs: 0 }
        expect(readHomeAssistant(message), topic).toEqual({ ok: true, value: null })
      }
    }
  })

  it('has no command topic unless an administrator allows it', () => {
    expect(JSON.stringify(describeField(fieldSummary, options))).not.toContain('command_topic')
    expect(JSON.stringify(describeField(fieldSummary, { ...options, mayOpenValves: true }))).toContain(
      '"command_topic":"tilth-ha/valve/ctl-one/V1/set"',
    )
  })

  it('leaves a component that is gone with its platform alone, once', () => {
    const before = describeField(fieldSummary, options)
    const now = describeField({ ...fieldSummary, valves: [], moisture: [] }, options)
    const { cmps } = withRemovals(now, before)
    expect(cmps[moistureKey(fieldSummary.moisture[0]!)]).toEqual({ p: 'sensor' })
    expect(cmps.valve_ctl_one_v1).toEqual({ p: 'valve' })
    expect(withRemovals(now, now)).toEqual(now)
  })
})

describe('the state of a field', () => {
  const stateOf = (field: FieldSummary, nowMs = 0) => {
    const messages = fieldMessages(field, { base: 'tilth-ha', nowMs })
    return JSON.parse(messages.get(`tilth-ha/field/${field.id}`)!) as Record<string, unknown>
  }
  it('has water in mm, the next run as an instant, and ON for a problem', () => {
    expect(stateOf(fieldSummary)).toMatchObject({
      water_left: 12.3,
      next_run: '2026-07-06T20:00:00.000Z',
      next_mm: 18,
      status: 'soon',
      problem: 'OFF',
      [moistureKey(fieldSummary.moisture[0]!)]: 24.6,
    })
    expect(stateOf({ ...fieldSummary, hasProblem: true })).toMatchObject({ problem: 'ON' })
    expect(stateOf(paddy)).toMatchObject({ water_level: 42 })
  })

  it('says null for what is unknown, and for moisture older than six hours', () => {
    const unknown = { ...fieldSummary, waterLeftMm: null, nextRun: null }
    expect(stateOf(unknown)).toMatchObject({ water_left: null, next_run: null, next_mm: null })
    const later = fieldSummary.moisture[0]!.atMs + 6 * 3_600_000 + 1
    expect(stateOf(fieldSummary, later)).toMatchObject({ [moistureKey(fieldSummary.moisture[0]!)]: null })
    const valves = fieldSummary.valves.map((valve) => ({ ...valve, position: null }))
    const messages = fieldMessages({ ...fieldSummary, valves }, { base: 'tilth-ha', nowMs: 0 })
    expect(messages.get('tilth-ha/valve/ctl-one/V1')).toBe('{"pos":null}')
  })
})
