/** What an integration reads before any profile: identity, key and time. */
import { describe, expect, it } from 'vitest'
import { readEnvelope } from '../../../services/integrations/envelopes/read-envelope.ts'
import type { Envelope, ForeignMessage } from '../../../services/integrations/foreign-message.ts'
import type { IntegrationKind } from '../../../services/tables/integration.ts'
import {
  chirpstackUplink,
  decodeWith,
  foreignMessage,
  RECEIVED_MS,
  thingsStackUplink,
  valuesOf,
} from './messages.ts'

function read(kind: IntegrationKind, message: ForeignMessage): Envelope {
  const envelope = readEnvelope(kind, message)
  if (!envelope.ok || envelope.value === null) throw new Error('no envelope')
  return envelope.value
}

describe('the key of a message', () => {
  const wll = (ts: number) => ({ data: { did: '001D0A700002', ts, conditions: [] } })
  it.each<[string, IntegrationKind, (receivedMs: number) => ForeignMessage]>([
    [
      'Time',
      'tasmota',
      (receivedMs) => foreignMessage('tele/hut/SENSOR', { Time: '1970-01-01T00:05:10' }, { receivedMs }),
    ],
    ['Epoch', 'tasmota', (receivedMs) => foreignMessage('tele/hut/SENSOR', { Epoch: 310 }, { receivedMs })],
    [
      'dateutc',
      'ecowitt',
      (receivedMs) =>
        foreignMessage('POST /ecowitt', 'PASSKEY=A&dateutc=2000-01-01+00:01:00', { receivedMs }),
    ],
    [
      'ts',
      'weatherlink-live',
      (receivedMs) => foreignMessage('GET http://s/v1/current_conditions', wll(60), { receivedMs }),
    ],
    [
      'devt',
      'opensprinkler',
      (receivedMs) => foreignMessage('GET /jc', { devt: 60, sbits: [0], ps: [] }, { receivedMs }),
    ],
  ])(
    'is its arrival while the clock behind its %s has not been set, or two starts would be one message',
    (_field, kind, message) => {
      const first = read(kind, message(RECEIVED_MS))
      const next = read(kind, message(RECEIVED_MS + 60_000))
      expect(first.atMs).toBe(RECEIVED_MS)
      expect(next.dedupeKey).not.toBe(first.dedupeKey)
      expect(read(kind, message(RECEIVED_MS)).dedupeKey).toBe(first.dedupeKey)
    },
  )

  it('has a device address of LoRaWAN or none: no device can fill the store with its keys', () => {
    const message = chirpstackUplink('24e124126a148401', { devAddr: 'a'.repeat(10_000) })
    expect(readEnvelope('chirpstack', message)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^devAddr: expected 8 hex digits, got "a+$/) as string,
    })
  })
})

describe('the place of a device', () => {
  const at = { latitude: 36.4, longitude: 140.2, altitude: 90 }
  const locationEvent = (location: unknown) =>
    foreignMessage('application/a/device/24e124126a148401/event/location', {
      deduplicationId: 'd-2',
      deviceInfo: { devEui: '24e124126a148401' },
      location,
    })

  it('is that of a location event of ChirpStack', () => {
    expect(read('chirpstack', locationEvent(at)).place).toEqual({ latDeg: 36.4, lonDeg: 140.2 })
    expect(read('chirpstack', locationEvent({ latitude: 95, longitude: 140.2 })).place).toBeNull()
    expect(read('chirpstack', chirpstackUplink('24e124126a148401')).place).toBeNull()
  })

  it('is the one that a person has entered at The Things Stack, before one that the device has sent', () => {
    const locations = { 'frm-payload': { ...at, latitude: 36.5 }, user: at }
    expect(read('the-things-stack', thingsStackUplink('probe-1', { locations })).place).toEqual({
      latDeg: 36.4,
      lonDeg: 140.2,
    })
  })
})

describe('the time of a message', () => {
  it('is a whole millisecond', () => {
    const message = foreignMessage('tele/hut/SENSOR', { Epoch: RECEIVED_MS / 1000 - 0.0004 })
    expect(read('tasmota', message).atMs).toBe(RECEIVED_MS)
  })
})

describe('names that every object has', () => {
  it('are no position of a valve', () => {
    expect(read('esphome', foreignMessage('garden/valve/bed/state', 'constructor')).valves).toEqual([])
  })

  it('are no size of a rain gauge', () => {
    const conditions = [{ data_structure_type: 1, rain_size: 'constructor', rainfall_year: 63 }]
    const message = foreignMessage('GET http://s/v1/current_conditions', {
      data: { did: '001D0A700002', ts: 1, conditions },
    })
    expect(read('weatherlink-live', message).fields).not.toHaveProperty('rainfall_year_mm')
  })

  it('are no fields of an object whose text cannot be made', () => {
    const conditions = [{ data_structure_type: 2, txid: { toString: 1, valueOf: 1 }, moist_soil_1: 10 }]
    const message = foreignMessage('GET http://s/v1/current_conditions', {
      data: { did: '001D0A700002', ts: 1, conditions },
    })
    expect(Object.keys(read('weatherlink-live', message).fields!)).toEqual([])
  })
})

describe('a number that no unit can hold', () => {
  it('is a dead letter that names its field', () => {
    const message = chirpstackUplink('70b3d57ba0001004', {
      data: undefined,
      object: { volumetric_water_content: { value: 1e307 }, battery_voltage: { value: 3 } },
    })
    expect(valuesOf(decodeWith('chirpstack', 'decentlab-dl-5tm', message))).toEqual([
      expect.stringMatching(
        /^profile decentlab-dl-5tm@1: volumetric_water_content: expected a number that can be true/,
      ),
    ])
  })
})
