import { describe, expect, it } from 'vitest'
import { zigbee2mqttDrivers } from '../../../services/drivers/zigbee2mqtt.ts'
import { driver, open, planOf, request, sent, valves } from './valves.ts'

const valve = valves.zigbee
const SET = 'zigbee2mqtt/orchard/set'

describe('a Zigbee valve', () => {
  it('Sonoff SWV gets its seconds with ON, in one message (zigbee2mqtt.io, SWV)', () => {
    expect(sent('z2m-sonoff-swv', valve, open(5))).toEqual([`${SET} {"state":"ON","on_time":300}`])
    const [step] = planOf('z2m-sonoff-swv', valve, open(5)).steps
    expect(step).toMatchObject({ qos: 1, retain: false, isOpening: true })
  })
  it('Sonoff SWV repeats the seconds, and is opened by Zigbee2MQTT 2.6.0 or newer alone (issue 27465)', () => {
    expect(planOf('z2m-sonoff-swv', valve, open(5)).boundProofs).toEqual([
      {
        message: {
          from: { topic: 'zigbee2mqtt/orchard' },
          match: { fields: { 'cyclic_timed_irrigation.irrigation_duration': 300 } },
        },
        withinMs: 30_000,
      },
    ])
    const gates = driver('z2m-sonoff-swv').requirementsOf(valve)
    expect(gates.map(({ path, must }) => [path, must])).toEqual([
      ['version', { atLeast: '2.6.0' }],
      ['definition.model', { equalOneOf: ['SWV'] }],
    ])
  })
  it('Sonoff SWV-ZFE gets whole minutes as its default run, read back before ON', () => {
    expect(sent('z2m-sonoff-swv-zfe', valve, open(5.9))).toEqual([
      `${SET} {"manual_default_settings":{"irrigation_mode":"duration","irrigation_duration":5,"fail_safe":6}}`,
      'wait zigbee2mqtt/orchard {"fields":{"manual_default_settings.irrigation_duration":5}}',
      `${SET} {"state":"ON"}`,
    ])
  })
  it.each([
    ['z2m-giex-qt06-1', 5],
    ['z2m-giex-qt06-2', 300],
  ])('%s: 5 min is irrigation_target %d, read back before ON', (name, target) => {
    expect(sent(name, valve, open(5))).toEqual([
      `${SET} {"mode":"duration"}`,
      `${SET} {"cycle_irrigation_num_times":0}`,
      `${SET} {"irrigation_target":${target}}`,
      `wait zigbee2mqtt/orchard {"fields":{"mode":"duration","irrigation_target":${target}}}`,
      `${SET} {"state":"ON"}`,
    ])
  })
  it('GiEX GX03 has a timer for each outlet', () => {
    expect(sent('z2m-giex-gx03', { ...valve, outlet: 2 }, open(5))).toEqual([
      `${SET} {"timer_2":5}`,
      'wait zigbee2mqtt/orchard {"fields":{"countdown_2":5}}',
      `${SET} {"valve_2":"ON"}`,
    ])
  })
  it('FrankEver FK_V02 opens fully, for minutes', () => {
    expect(sent('z2m-frankever-fk-v02', valve, open(5))).toEqual([
      `${SET} {"threshold":100}`,
      `${SET} {"timer":5}`,
      `${SET} {"state":"ON"}`,
    ])
  })
  it('RTX ZVG1 gets three messages in this order, and 10 min at most (issue 17011)', () => {
    expect(sent('z2m-rtx-zvg1', valve, open(5))).toEqual([
      `${SET} {"timer_state":"enabled"}`,
      `${SET} {"timer":5}`,
      'wait zigbee2mqtt/orchard {"fields":{"timer":5,"timer_state":"enabled"}}',
      `${SET} {"state":"ON"}`,
    ])
    expect(sent('z2m-rtx-zvg1', valve, open(11))).toBe('VALVE_RUN_TOO_LONG')
  })
  it.each(['z2m-woox-r7060', 'z2m-tuya-ts0601-water-valve', 'z2m-tuya-ts0601-water-valve-1', 'z2m-on-off'])(
    '%s has no timer: refused by name, and closed',
    (name) => {
      expect(sent(name, valve, open(5))).toBe('VALVE_UNBOUNDED')
      expect(sent(name, valve, request('close'))).toEqual([`${SET} {"state":"OFF"}`])
      expect(driver(name).refused).toMatchObject({ mayClose: true, mayBeRead: true })
    },
  )
  it('is asked for its state, and the SWV for its plan too', () => {
    expect(sent('z2m-giex-qt06-2', valve, request('query'))).toEqual(['zigbee2mqtt/orchard/get {"state":""}'])
    expect(sent('z2m-sonoff-swv', valve, request('query'))).toEqual([
      'zigbee2mqtt/orchard/get {"state":""}',
      'zigbee2mqtt/orchard/get {"cyclic_timed_irrigation":""}',
    ])
  })
  it('of a make that stayed open while shown closed is not trusted (issues 17784, 13870)', () => {
    const weak = zigbee2mqttDrivers.filter(({ bound }) => bound?.isTrusted === false).map(({ name }) => name)
    expect(weak).toEqual([
      'z2m-giex-qt06-1',
      'z2m-giex-qt06-2',
      'z2m-giex-gx03',
      'z2m-frankever-fk-v02',
      'z2m-rtx-zvg1',
    ])
  })
})
