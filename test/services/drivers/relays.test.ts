/** Relays and controllers on the farm's network: Tasmota, ESPHome, Shelly, OpenSprinkler. */
import { describe, expect, it } from 'vitest'
import { open, planOf, request, sent, setup, valves } from './valves.ts'

describe('a Tasmota relay', () => {
  const valve = valves.tasmota
  it('gets PulseTime as seconds + 100, its answer, then ON (Tasmota docs, Commands)', () => {
    expect(sent('tasmota-relay', valve, open(5))).toEqual([
      'cmnd/pump_house/PulseTime2 400',
      'wait stat/pump_house/RESULT {"fields":{"PulseTime2.Set":400}}',
      'cmnd/pump_house/Power2 ON',
    ])
  })
  it('below 12 s counts tenths of a second: refused', () => {
    expect(sent('tasmota-relay', valve, open(11.9 / 60))).toBe('VALVE_RUN_TOO_SHORT')
    expect(sent('tasmota-relay', valve, open(12.9 / 60))[0]).toBe('cmnd/pump_house/PulseTime2 112')
  })
  it('starts closed after a power cut, keeps no command, and ends every run after its cap', () => {
    expect(sent('tasmota-relay', valve, setup(30))).toEqual([
      'cmnd/pump_house/Backlog PowerOnState 0; PowerRetain 0; PulseTime2 1900; SetOption0 0',
    ])
  })
  it('is asked without a value, and closed by OFF each 5 s', () => {
    expect(sent('tasmota-relay', valve, request('query'))).toEqual([
      'cmnd/pump_house/PulseTime2 ',
      'cmnd/pump_house/Power2 ',
    ])
    expect(planOf('tasmota-relay', valve, request('close'))).toMatchObject({
      steps: [{ topic: 'cmnd/pump_house/Power2', payload: 'OFF', isOpening: false }],
      repeatEveryMs: 5_000,
    })
  })
})

describe('ESPHome', () => {
  const valve = valves.esphome
  it('sprinkler gets its run time in seconds, says it back, then ON', () => {
    expect(sent('esphome-sprinkler', valve, open(5))).toEqual([
      'garden/number/south_run_duration/command 300',
      'wait garden/number/south_run_duration/state {"equals":"300"}',
      'garden/switch/south/command ON',
    ])
    expect(sent('esphome-sprinkler', valve, request('close'))).toEqual(['garden/switch/south/command OFF'])
  })
  it('valve and switch know no time: refused, and closed', () => {
    expect(sent('esphome-valve', valve, open(5))).toBe('VALVE_UNBOUNDED')
    expect(sent('esphome-switch', valve, open(5))).toBe('VALVE_UNBOUNDED')
    expect(sent('esphome-valve', valve, request('close'))).toEqual(['garden/valve/south/command CLOSE'])
    expect(sent('esphome-switch', valve, request('close'))).toEqual(['garden/switch/south/command OFF'])
  })
})

describe('a Shelly switch', () => {
  const valve = valves.shelly
  const rpc = (method: string, params: string) => [
    `${valve.id}/rpc {"id":7,"src":"${valve.id}/tilth","method":"${method}","params":${params}}`,
  ]
  it('is switched on with toggle_after in seconds (shelly-api-docs, Switch)', () =>
    expect(sent('shelly-gen2', valve, open(5))).toEqual(
      rpc('Switch.Set', '{"id":0,"on":true,"toggle_after":300}'),
    ))
  it('is switched off without toggle_after, which would open it again', () =>
    expect(sent('shelly-gen2', valve, request('close'))).toEqual(rpc('Switch.Set', '{"id":0,"on":false}')))
  it('is asked for its status, and gets a second bound at its setup', () => {
    expect(sent('shelly-gen2', valve, request('query'))).toEqual(rpc('Switch.GetStatus', '{"id":0}'))
    expect(sent('shelly-gen2', valve, setup(30))).toEqual(
      rpc(
        'Switch.SetConfig',
        '{"id":0,"config":{"initial_state":"off","auto_on":false,"auto_off":true,"auto_off_delay":1800}}',
      ),
    )
  })
})

describe('OpenSprinkler', () => {
  const valve = valves.openSprinkler
  const url = (path: string) => `GET http://192.168.1.20/${path}`
  const pw = `pw=${valve.passwordDigest}`
  it('opens a station for seconds by HTTP, and only into an empty queue', () => {
    expect(sent('opensprinkler', valve, open(5))).toEqual([url(`cm?${pw}&sid=10&en=1&t=300`)])
    expect(planOf('opensprinkler', valve, open(5)).before).toMatchObject([
      { url: `http://192.168.1.20/jc?${pw}` },
      { message: { match: { fields: { nq: 0 } } } },
    ])
  })
  it('of a parallel group waits for no other station', () =>
    expect(planOf('opensprinkler', { ...valve, isParallel: true }, open(5)).before).toEqual([]))
  it('runs when the bit of its station is set: station 10 is bit 2 of the second byte', () => {
    const running = planOf('opensprinkler', valve, open(5)).acknowledgements.find(
      ({ means }) => means === 'running',
    )
    expect(running?.message.match).toEqual({ fields: { 'sbits[1]&4': 4, 'ps[10][0]': 99 } })
  })
  it('is closed, asked, and stopped as a whole', () => {
    expect(sent('opensprinkler', valve, request('close'))).toEqual([url(`cm?${pw}&sid=10&en=0`)])
    expect(sent('opensprinkler', valve, request('query'))).toEqual([url(`jc?${pw}`)])
    expect(sent('opensprinkler', valve, request('stop-all'))).toEqual([url(`cv?${pw}&rsn=1`)])
  })
  it('by MQTT gets the same words on the topic that it subscribes to, at QoS 0', () => {
    const { steps } = planOf('opensprinkler-mqtt', valves.openSprinklerMqtt, open(5))
    expect(steps).toEqual([
      {
        type: 'publish',
        topic: 'os/cmd',
        qos: 0,
        retain: false,
        payload: `cm?${pw}&sid=10&en=1&t=300`,
        isOpening: true,
      },
    ])
  })
})
