/** Further messages of shipped models, in the forms that their makers and network servers document. */
import { describe, expect, it } from 'vitest'
import type { ForeignMessage } from '../../../../services/integrations/foreign-message.ts'
import type { IntegrationKind } from '../../../../services/tables/integration.ts'
import { chirpstackUplink, decodeWith, foreignMessage, thingsStackUplink, valuesOf } from '../messages.ts'

const EUI = '24e124126a148401'
const frame = (hex: string, fPort: number): ForeignMessage =>
  chirpstackUplink(EUI, { fPort, data: Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('base64') })
const decoded = (object: Record<string, unknown>): ForeignMessage =>
  chirpstackUplink(EUI, { data: undefined, object })

const cases: [
  what: string,
  IntegrationKind,
  profile: string,
  ForeignMessage,
  string[],
  Record<string, unknown>?,
][] = [
  [
    'EM500-SMTC below zero, in one byte of moisture',
    'chirpstack',
    'milesight-em500-smtc',
    frame('03 67 E7FF 04 68 14 05 7F 6400', 85),
    ['soil.moisture@30 10', 'soil.temperature@30 -2.5', 'soil.ec@30 0.1'],
  ],
  [
    'EM500-SMTC with the moisture in two bytes',
    'chirpstack',
    'milesight-em500-smtc',
    frame('04 CA 7B0A', 85),
    ['soil.moisture@30 26.83'],
  ],
  [
    'EM300-TH',
    'chirpstack',
    'milesight-em300-th',
    frame('01 75 5C 03 67 3401 04 68 65', 85),
    ['air.temperature 30.8', 'air.relativeHumidity 50.5'],
  ],
  [
    'EM500-UDL below its soil level',
    'chirpstack',
    'milesight-em500-udl',
    frame('01 75 64 03 82 2C01', 85),
    ['water.level -100'],
    { sensorAboveSoilMm: 200 },
  ],
  ['EM500-SWL', 'chirpstack', 'milesight-em500-swl', frame('03 77 0200', 85), ['water.level 20']],
  [
    'WTS506 with wind and rain',
    'chirpstack',
    'milesight-wts506',
    decoded({
      temperature: 21.5,
      humidity: 50,
      wind_direction: 270,
      pressure: 1012.4,
      wind_speed: 3.2,
      rainfall_total: 12.6,
    }),
    [
      'air.temperature 21.5',
      'air.relativeHumidity 50',
      'wind.direction 270',
      'air.pressure 1012.4',
      'wind.speed 3.2',
      'rain.cumulative 12.6',
    ],
  ],
  [
    'LSE01 through The Things Stack',
    'the-things-stack',
    'dragino-lse01',
    thingsStackUplink('probe-1', {
      decoded_payload: { Bat: 3.6, conduct_SOIL: 55, temp_SOIL: '-3.20', water_SOIL: '0.00' },
    }),
    ['soil.moisture@30 0', 'soil.temperature@30 -3.2', 'soil.ec@30 0.055'],
  ],
  [
    'SW3L-LB with its volume',
    'chirpstack',
    'dragino-sw3l-lb',
    decoded({ Water_flow_value: '25.5', Total_pulse: 11_475, BatV: 3.5 }),
    ['water.total/V1 25.5'],
    { valve: 'V1' },
  ],
  [
    'WSC2-L, payload version 2',
    'chirpstack',
    'dragino-wsc2-l',
    frame('0E12 02 00000005 00F1 02 0A 00 07 0021 002A 0015 02 01 03 070E 0C 06 02 028C 05 02 FFF0', 2),
    ['air.temperature -1.5', 'air.relativeHumidity 65.2', 'wind.speed 2.1', 'wind.direction 180.6'],
  ],
  [
    'WSC2-L, payload version 1',
    'chirpstack',
    'dragino-wsc2-l',
    frame('0E12 01 00000005 00F1 02 0A', 2),
    ['profile dragino-wsc2-l@1: byte 2: payload version 1 is not read'],
  ],
  [
    'WeatherLink Live in its first ten minutes',
    'weatherlink-live',
    'davis-weatherlink-live',
    foreignMessage('GET http://station/v1/current_conditions', {
      data: {
        did: '001D0A700002',
        ts: 1_783_315_200,
        conditions: [
          {
            data_structure_type: 1,
            temp: 50,
            wind_speed_avg_last_10_min: null,
            wind_speed_avg_last_1_min: 10,
            wind_dir_scalar_avg_last_10_min: null,
            wind_dir_scalar_avg_last_1_min: 90,
          },
        ],
      },
    }),
    ['air.temperature 10', 'wind.speed 4.4704', 'wind.direction 90'],
  ],
  [
    'WeatherLink Live without a thermometer',
    'weatherlink-live',
    'davis-weatherlink-live',
    foreignMessage('GET http://station/v1/current_conditions', {
      data: {
        did: '001D0A700002',
        ts: 1_783_315_200,
        conditions: [{ data_structure_type: 1, temp: null, hum: 40 }],
      },
    }),
    ['air.temperature null', 'air.relativeHumidity 40'],
  ],
  [
    'Ecowitt with a piezo rain gauge',
    'ecowitt',
    'ecowitt',
    foreignMessage(
      'POST /ecowitt',
      'PASSKEY=A&dateutc=2026-07-06+05:19:30&tempf=32&humidity=81&yrain_piezo=2.0&soilmoisture2=47&soilbatt2=1.4',
    ),
    ['air.temperature 0', 'air.relativeHumidity 81', 'rain.cumulative 50.8', 'soil.raw@20 47'],
    { soilmoisture2: { quantity: 'soil.raw', depthCm: 20 } },
  ],
  [
    'Wunderground with a comma of its own',
    'wunderground',
    'wunderground',
    foreignMessage(
      'GET /weatherstation/updateweatherstation.php',
      'ID=FARM1&PASSWORD=x&dateutc=2026-07-06%2005:19:30&tempf=41.0&humidity=60&windspeedmph=10&winddir=180&dailyrainin=0.5&solarradiation=612.4',
    ),
    [
      'air.temperature 5',
      'air.relativeHumidity 60',
      'wind.speed 4.4704',
      'wind.direction 180',
      'rain.cumulative 12.7',
      'solar.radiation 612.4',
    ],
  ],
  [
    'ThirdReality soil probe',
    'zigbee2mqtt',
    'z2m-thirdreality-3rsm0147z',
    foreignMessage('zigbee2mqtt/bed', {
      soil_moisture: 38.2,
      temperature: 17.4,
      battery: 90,
      linkquality: 100,
    }),
    ['soil.raw@30 38.2', 'soil.temperature@30 17.4'],
  ],
  [
    'SWV-ZFE with a flow',
    'zigbee2mqtt',
    'z2m-sonoff-swv-zfe',
    foreignMessage('zigbee2mqtt/north', { state: 'ON', flow: 0.6, battery: 80 }),
    ['water.flow/V1 10'],
  ],
  [
    'Tasmota with two SHT3X on one bus',
    'tasmota',
    'tasmota-sensor',
    foreignMessage('tele/hut/SENSOR', {
      Time: '2026-07-06T05:20:00',
      'SHT3X-0x44': { Temperature: 22.9, Humidity: 46.8, DewPoint: 10.9 },
      TempUnit: 'C',
    }),
    ['air.temperature 22.9', 'air.relativeHumidity 46.8'],
  ],
  [
    'Tasmota with a BMP180 in Fahrenheit',
    'tasmota',
    'tasmota-sensor',
    foreignMessage('tele/hut/SENSOR', {
      Time: '2026-07-06T05:20:00',
      BMP180: { Temperature: 50, Pressure: 1007.4 },
      PressureUnit: 'hPa',
      TempUnit: 'F',
    }),
    ['air.temperature 10', 'air.pressure 1007.4'],
  ],
  [
    'DL-TRS12 with its sensor away',
    'chirpstack',
    'decentlab-dl-trs12',
    decoded({
      protocol_version: 2,
      device_id: 1,
      battery_voltage: { displayName: 'Battery voltage', value: 3.2, unit: 'V' },
    }),
    [],
  ],
  [
    'DL-TRS21 in suction',
    'chirpstack',
    'decentlab-dl-trs21',
    decoded({
      water_potential: { value: -40.5 },
      soil_temperature: { value: 9.5 },
      battery_voltage: { value: 3 },
    }),
    ['soil.tension@30 40.5', 'soil.temperature@30 9.5'],
  ],
  [
    'ESPHome without a value',
    'esphome',
    'esphome',
    foreignMessage('garden/sensor/soil/state', 'nan'),
    ['soil.moisture@30 null'],
    { soil: { quantity: 'soil.moisture', depthCm: 30 } },
  ],
]

describe('a message', () => {
  it.each(cases)('of %s is read', (_what, kind, profile, message, expected, assignment = {}) => {
    expect(valuesOf(decodeWith(kind, profile, message, { assignment }))).toEqual(expected)
  })
})
