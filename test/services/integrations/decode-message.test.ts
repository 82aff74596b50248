import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../../services/integrations/foreign-message.ts'
import { integrationKinds } from '../../../services/tables/integration.ts'
import { decodeMessage, type DecodedMessage } from '../../../services/integrations/decode-message.ts'
import { runs } from '../../support/runs.ts'
import {
  chirpstackUplink,
  decodeWith,
  foreignMessage,
  RECEIVED_MS,
  shipped,
  thingsStackUplink,
  valuesOf,
} from './messages.ts'

const EUI = '24e124126a148401'

function envelopeOf(decoded: DecodedMessage): Envelope {
  if (decoded.kind !== 'read' && decoded.kind !== 'unassigned') throw new Error(JSON.stringify(decoded))
  return decoded.envelope
}
const heard = (kind: Parameters<typeof decodeMessage>[0], message: Parameters<typeof decodeMessage>[1]) =>
  decodeMessage(kind, message, () => null)

describe('a LoRaWAN probe', () => {
  const soil = { assignment: { depthCm: 25 } }

  it('is read from the bytes when the network server does not decode', () => {
    const decoded = decodeWith('chirpstack', 'milesight-em500-smtc', chirpstackUplink(EUI), soil)
    expect(valuesOf(decoded)).toEqual([
      'soil.moisture@25 57.5',
      'soil.temperature@25 28.1',
      'soil.ec@25 0.24',
    ])
    expect(decoded).toMatchObject({ reading: { batteries: [{ value: 100, unit: '%' }] } })
  })

  it('is read from what the network server decoded, whichever names its decoder has', () => {
    const object = { battery: 80, temperature: 12.5, humidity: 31, conductivity: 1200 }
    const decoded = decodeWith('chirpstack', 'milesight-em500-smtc', chirpstackUplink(EUI, { object }), soil)
    expect(valuesOf(decoded)).toEqual(['soil.moisture@25 31', 'soil.temperature@25 12.5', 'soil.ec@25 1.2'])
  })

  it('takes the default depth until a person has said another', () => {
    const decoded = decodeWith('chirpstack', 'milesight-em500-smtc', chirpstackUplink(EUI))
    expect(valuesOf(decoded)[0]).toBe('soil.moisture@30 57.5')
  })

  it('has an address, the strongest signal, and the time of the network server', () => {
    expect(envelopeOf(heard('chirpstack', chirpstackUplink(EUI)))).toMatchObject({
      address: `lw:${EUI}`,
      signal: { rssiDbm: -97, snrDb: 7.5 },
      atMs: RECEIVED_MS - 500,
      timeFrom: 'server',
    })
  })

  it('keeps one key for a repeat, and another for each counter, session and frame', () => {
    const key = (changes: Record<string, unknown>) =>
      envelopeOf(heard('chirpstack', chirpstackUplink(EUI, changes))).dedupeKey
    expect(key({ deduplicationId: 'another' })).toBe(key({}))
    const others = [
      { fCnt: 8 },
      { devAddr: '01ab0002' },
      { data: 'AXVkA2cZAQRocwV/8QA=' },
      { fCnt: undefined },
    ]
    expect(new Set([{}, ...others].map(key)).size).toBe(5)
    expect(key({ fCnt: undefined })).toContain(':0:')
  })

  it('whose payload names another device than the topic becomes a dead letter', () => {
    const decoded = heard('chirpstack', chirpstackUplink(EUI, {}, { devEui: '24e124126a148402' }))
    expect(decoded).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('identity') as string,
    })
  })

  it('with a clock an hour ahead at its gateway counts at its arrival', () => {
    const decoded = heard('chirpstack', chirpstackUplink(EUI, { time: '2026-07-06T06:20:00Z' }))
    expect(envelopeOf(decoded)).toMatchObject({ atMs: RECEIVED_MS, timeFrom: 'received' })
  })

  it('that sends text where a number belongs becomes a dead letter with path and text', () => {
    const object = { temperature: 'ERR', moisture: 3, ec: 2 }
    const decoded = decodeWith('chirpstack', 'milesight-em500-smtc', chirpstackUplink(EUI, { object }))
    expect(valuesOf(decoded)).toEqual([
      'profile milesight-em500-smtc@1: temperature: expected a number, got "ERR"',
    ])
  })

  it('gives a value that the sensor does not have as no value, never as zero', () => {
    const object = { temperature: 3276.7, moisture: null, ec: 'nan' }
    const decoded = decodeWith('chirpstack', 'milesight-em500-smtc', chirpstackUplink(EUI, { object }))
    expect(valuesOf(decoded)).toEqual([
      'soil.moisture@30 null',
      'soil.temperature@30 null',
      'soil.ec@30 null',
    ])
  })

  it('keeps the times of its history, and drops entries of times that cannot be', () => {
    const at = (ms: number) => Math.floor((RECEIVED_MS + ms) / 1000)
    const history = [
      { timestamp: at(-7_200_000), moisture: 20 },
      { timestamp: at(7_200_000), moisture: 21 },
      { timestamp: 12, moisture: 22 },
    ]
    const object = { temperature: 10, moisture: 19, ec: 100, history }
    const decoded = decodeWith('chirpstack', 'milesight-em500-smtc', chirpstackUplink(EUI, { object }))
    if (decoded.kind !== 'read') throw new Error('expected values')
    expect(decoded.reading.values.map(({ value, atMs }) => [value, atMs])).toEqual([
      [19, null],
      [10, null],
      [0.1, null],
      [20, at(-7_200_000) * 1000],
    ])
  })
})

describe('The Things Stack', () => {
  it('has its normalised payload read first', () => {
    const message = thingsStackUplink('dev1', {
      frm_payload: 'AQID',
      decoded_payload: { temperature: 50 },
      normalized_payload: {
        soil: { moisture: 21, temperature: 12, ec: 0.5, depth: 40 },
        rain: { cumulative: 3.2 },
      },
    })
    expect(valuesOf(decodeWith('the-things-stack', 'tts-normalized', message))).toEqual([
      'soil.moisture@40 21',
      'soil.temperature@40 12',
      'soil.ec@40 0.5',
      'rain.cumulative 3.2',
    ])
  })

  it('gives tension from a negative potential, and pressure in hPa', () => {
    const wrap = (value: number) => ({ value, displayName: '-', unit: '-' })
    const decoded_payload = {
      water_potential: wrap(-11.7),
      soil_temperature: wrap(9),
      battery_voltage: wrap(3.1),
    }
    const message = thingsStackUplink('trs21', { frm_payload: 'AQ==', decoded_payload })
    expect(valuesOf(decodeWith('the-things-stack', 'decentlab-dl-trs21', message))).toEqual([
      'soil.tension@30 11.7',
      'soil.temperature@30 9',
    ])
  })

  it('marks rain that comes as growth since the last message', () => {
    const decoded_payload = { precipitation: { value: 1.5 }, battery_voltage: { value: 3 } }
    const message = thingsStackUplink('atm41', { frm_payload: 'AQ==', decoded_payload })
    expect(decodeWith('the-things-stack', 'decentlab-dl-atm41', message)).toMatchObject({
      reading: { values: [{ quantity: 'rain.cumulative', value: 1.5, isGrowth: true }] },
    })
  })

  it('marks a simulated device', () => {
    const message = thingsStackUplink('dev1', { frm_payload: 'AQ==' }, { simulated: true })
    expect(envelopeOf(heard('the-things-stack', message)).isSimulated).toBe(true)
  })
})

describe('Zigbee2MQTT', () => {
  const options = { definitionOf: () => ({ model: 'SWV', units: { flow: 'L/h' } }) }
  const message = (fields: Record<string, unknown>) => foreignMessage('zigbee2mqtt/north', fields)

  it('gives a flow in the unit that its definition names, not the usual one of the model', () => {
    const decoded = decodeWith('zigbee2mqtt', 'z2m-sonoff-swv', message({ flow: 600 }), { options })
    expect(valuesOf(decoded)).toEqual(['water.flow/V1 10'])
  })

  it('repeats what it heard before: the same value is no new reading, another one is', () => {
    const previous = { flow: 600 }
    const again = decodeWith('zigbee2mqtt', 'z2m-sonoff-swv', message({ flow: 600 }), { options, previous })
    const changed = decodeWith('zigbee2mqtt', 'z2m-sonoff-swv', message({ flow: 0 }), { options, previous })
    expect([valuesOf(again), valuesOf(changed)]).toEqual([[], ['water.flow/V1 0']])
  })

  it('is not read on its own topics, commands and requests', () => {
    for (const topic of ['bridge/devices', 'bridge/info', 'north/set', 'north/set/state', 'north/get'])
      expect(heard('zigbee2mqtt', foreignMessage(`zigbee2mqtt/${topic}`, '{}')).kind).toBe('nothing')
  })

  it('says whether a device is available, in both forms', () => {
    const online = ['online', '{"state":"online"}'].map((payload) =>
      envelopeOf(heard('zigbee2mqtt', foreignMessage('zigbee2mqtt/a/b/availability', payload))),
    )
    expect(online.map(({ address, isOnline }) => [address, isOnline])).toEqual([
      ['z2m:a/b', true],
      ['z2m:a/b', true],
    ])
  })
})

describe('Wi-Fi devices', () => {
  it('of Tasmota give Fahrenheit and mmHg in our units', () => {
    const fields = {
      Time: '2026-07-06T07:20:00',
      BME280: { Temperature: 50, Humidity: 40, Pressure: 750 },
      'DS18B20-1': { Id: '0A1B', Temperature: 68 },
      TempUnit: 'F',
      PressureUnit: 'mmHg',
    }
    const decoded = decodeWith('tasmota', 'tasmota-sensor', foreignMessage('tele/hut/SENSOR', fields), {
      assignment: { byId: { '0A1B': { quantity: 'soil.temperature', depthCm: 15 } } },
    })
    expect(valuesOf(decoded)).toEqual([
      'air.temperature 10',
      'air.relativeHumidity 40',
      'air.pressure 999.9179',
      'soil.temperature@15 20',
    ])
  })

  it('report relays by number, and Shelly who has switched', () => {
    const tasmota = heard('tasmota', foreignMessage('stat/pump/RESULT', { POWER2: 'ON', POWER1: 'OFF' }))
    expect(envelopeOf(tasmota).valves.map(({ valve, position }) => [valve, position])).toEqual([
      ['V2', 'open'],
      ['V1', 'closed'],
    ])
    const event = {
      src: 'shellyplus1-aa',
      method: 'NotifyStatus',
      params: { ts: RECEIVED_MS / 1000 - 2, 'switch:1': { id: 1, output: false, source: 'timer' } },
    }
    const shelly = envelopeOf(heard('shelly', foreignMessage('shellyplus1-aa/events/rpc', event)))
    expect(shelly).toMatchObject({
      atMs: RECEIVED_MS - 2000,
      valves: [{ valve: 'V2', position: 'closed', isLocal: false }],
    })
  })

  it('are never read from a retained message, but their state is', () => {
    const assignment = { moisture: { quantity: 'soil.moisture', depthCm: 10 } }
    const state = (isRetained: boolean, topic: string, payload: string) =>
      decodeWith('esphome', 'esphome', foreignMessage(topic, payload, { isRetained }), { assignment })
    expect(valuesOf(state(false, 'bed/sensor/moisture/state', '23.4'))).toEqual(['soil.moisture@10 23.4'])
    expect(valuesOf(state(true, 'bed/sensor/moisture/state', '23.4'))).toEqual([])
    expect(envelopeOf(state(true, 'bed/switch/north/state', 'ON')).valves).toHaveLength(1)
  })

  it('entities that Tilth itself publishes to Home Assistant are not read: no loop', () => {
    const topic = 'homeassistant/sensor/tilth_7c1e_water_left/state'
    expect(heard('home-assistant', foreignMessage(topic, '30')).kind).toBe('nothing')
  })
})

describe('weather stations', () => {
  it('by the Weather Underground protocol keep their secret out of the fields', () => {
    const query = 'ID=KXX1&PASSWORD=secret&dateutc=2026-07-06+05:19:58&tempf=50&dailyrainin=1&baromin=29.9'
    const decoded = decodeWith('wunderground', 'wunderground', foreignMessage('GET /weatherstation/x', query))
    expect(valuesOf(decoded)).toEqual(['air.temperature 10', 'rain.cumulative 25.4'])
    expect(JSON.stringify(decoded)).not.toContain('secret')
    expect(envelopeOf(decoded)).toMatchObject({ atMs: RECEIVED_MS - 3000, timeFrom: 'payload' })
  })

  it('by Ecowitt count a soil channel only when a person has said where it is', () => {
    const form = 'PASSKEY=ABC&dateutc=2026-07-06+05:20:00&soilmoisture2=41&tempf=50'
    const message = foreignMessage('POST /api/push/ecowitt', form)
    const unassigned = decodeWith('ecowitt', 'ecowitt', message)
    expect(valuesOf(unassigned)).toEqual(['air.temperature 10'])
    expect(unassigned).toMatchObject({ reading: { ignored: ['soilmoisture2'] } })
    const assignment = { soilmoisture2: { depthCm: 20 } }
    expect(valuesOf(decodeWith('ecowitt', 'ecowitt', message, { assignment }))).toContain('soil.raw@20 41')
  })

  it('WeatherLink Live counts rain in tips of its gauge', () => {
    const conditions = [{ data_structure_type: 1, txid: 1, temp: 50, rain_size: 1, rainfall_year: 100 }]
    const payload = { data: { did: '001D0A700002', ts: RECEIVED_MS / 1000, conditions }, error: null }
    const decoded = decodeWith(
      'weatherlink-live',
      'davis-weatherlink-live',
      foreignMessage('GET http://STATION/v1/current_conditions', payload),
    )
    expect(valuesOf(decoded)).toEqual(['air.temperature 10', 'rain.cumulative 25.4'])
  })
})

describe('any message', () => {
  const profiles = [...shipped.profiles.values()]

  it('becomes values, a heard address, a dead letter or nothing: no bytes make decoding fail', () => {
    const topic = fc.constantFrom(
      `application/a/device/${EUI}/event/up`,
      'v3/farm@ttn/devices/dev1/up',
      'zigbee2mqtt/x',
      'tele/x/SENSOR',
      'shelly1/events/rpc',
      'GET /jc',
      'x/sensor/y/state',
      'homeassistant/sensor/y/state',
    )
    const payload = fc.oneof(
      fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.webQueryParameters().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(
        topic,
        payload,
        fc.constantFrom(...integrationKinds),
        fc.constantFrom(...profiles),
        (name, bytes, kind, profile) => {
          const message = foreignMessage(name, '', { payload: bytes })
          const device = { profile, assignment: {}, previous: null }
          expect(['nothing', 'read', 'unreadable']).toContain(decodeMessage(kind, message, () => device).kind)
        },
      ),
      { numRuns: runs(400) },
    )
  })

  it('with hostile fields under real names does not make it fail either', () => {
    const names = profiles.flatMap(({ readings }) =>
      readings.flatMap(({ paths }) => paths.map(({ text }) => text)),
    )
    const fields = fc.dictionary(
      fc.constantFrom(...new Set(names), '__proto__', 'constructor'),
      fc.anything(),
    )
    fc.assert(
      fc.property(fields, fc.constantFrom(...profiles), (object, profile) => {
        const message = chirpstackUplink(EUI, { object })
        const device = { profile, assignment: {}, previous: null }
        expect(['read', 'unreadable']).toContain(decodeMessage('chirpstack', message, () => device).kind)
      }),
      { numRuns: runs(400) },
    )
  })
})
