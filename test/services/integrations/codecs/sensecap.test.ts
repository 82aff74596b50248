import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const messages = (model: string, hex: string) => {
  const object = decodeHex('sensecap', model, 2, hex)
  return typeof object === 'string' ? object : (object as { messages: unknown }).messages
}

describe('S210x', () => {
  it('sends measurements', () => {
    expect(decodeHex('sensecap', 'S2101', 2, '01011098530000010210a87a0000af51')).toEqual({
      valid: true,
      err: 0,
      payload: '01011098530000010210A87A0000AF51',
      messages: [
        { type: 'report_telemetry', measurementId: 4097, measurementValue: 21.4 },
        { type: 'report_telemetry', measurementId: 4098, measurementValue: 31.4 },
      ],
    })
    expect(messages('S2105', '010610 E8FCFFFF 010710 A87A0000 010810 C8000000 0000')).toEqual([
      { type: 'report_telemetry', measurementId: 4102, measurementValue: -0.792 },
      { type: 'report_telemetry', measurementId: 4103, measurementValue: 31.4 },
      { type: 'report_telemetry', measurementId: 4104, measurementValue: 0.2 },
    ])
  })

  it('sends version, battery and interval', () => {
    expect(messages('S2104', '0000000101000100070064003c00012001000000002890')).toEqual([
      { type: 'upload_version', hardwareVersion: '1.0', softwareVersion: '1.1' },
      { type: 'upload_battery', battery: 100 },
      { type: 'upload_interval', interval: 3600 },
      { type: 'report_remove_sensor', channel: 1 },
    ])
  })

  it('sends the number of the sensor in two blocks', () => {
    expect(
      messages(
        'S2101',
        '010100010100010102006A01001501030030F1F72C010400090C13140105007F4D0000010600000000004CBE',
      ),
    ).toEqual([{ type: 'upload_sensor_id', channel: 1, sensorId: '2CF7F1301500016A' }])
  })

  it('names the byte at fault', () => {
    expect(messages('S2101', '0101109853000001021000')).toBe('byte 7: 4 left over (01 02 10 00)')
    expect(messages('S2101', '010110985300')).toBe(
      'byte 0: a block and its check sum: size 9, but 6 left (01 01 10 98 53 00)',
    )
    expect(messages('S2101', '01011098530000 01080010000000 0000')).toBe(
      'byte 7: channel 1 has the unknown id 8',
    )
    expect(messages('S2199', '00')).toBe('model: expected one that the codec sensecap knows, got S2199')
  })
})

describe('S2120', () => {
  const air = (temperature: number) => [
    { measurementValue: temperature, measurementId: '4097', type: 'Air Temperature' },
    { measurementValue: 55, measurementId: '4098', type: 'Air Humidity' },
    { measurementValue: 24_000, measurementId: '4099', type: 'Light Intensity' },
    { measurementValue: 0.5, measurementId: '4190', type: 'UV Index' },
    { measurementValue: 1.2, measurementId: '4105', type: 'Wind Speed' },
  ]
  const wind = [
    { measurementValue: 270, measurementId: '4104', type: 'Wind Direction Sensor' },
    { measurementValue: 2.4, measurementId: '4113', type: 'Rain Gauge' },
    { measurementValue: 101_320, measurementId: '4101', type: 'Barometric Pressure' },
  ]

  it('sends a list for each block', () => {
    expect(decodeHex('sensecap', 'S2120', 3, '0100f43700005dc005000c02010e0000096027940364')).toEqual({
      err: 0,
      payload: '0100F43700005DC005000C02010E0000096027940364',
      valid: true,
      messages: [air(24.4), wind, [{ 'Battery(%)': 100 }]],
    })
  })

  it('sends gust and rain total with newer firmware', () => {
    expect(messages('S2120', '4Aff9c3700005dc005000c 4B010e000009602794 4C 0037 00004E20')).toEqual([
      air(-10),
      wind,
      [
        { measurementValue: 5.5, measurementId: '4191', type: 'Peak Wind Gust' },
        { measurementValue: 20, measurementId: '4213', type: 'Rain Accumulation' },
      ],
    ])
  })

  it('sends versions, intervals, faults and its sensor', () => {
    expect(messages('S2120', '04 64 0103 0205 000F 0000 05 000F 05A0 06 02 10 0B 2CF7F14410600012')).toEqual([
      [
        {
          'Battery(%)': 100,
          'Hardware Version': '1.3',
          'Firmware Version': '2.5',
          measureInterval: 900,
          gpsInterval: 0,
        },
      ],
      [{ measureInterval: 900, gpsInterval: 86_400 }],
      [
        {
          measurementId: '4101',
          type: 'sensor_error_event',
          errCode: '02',
          descZh: 'CCL_SENSOR_WAKEUP_ERROR',
        },
      ],
      [{ status: 1, channelType: 3, sensorEui: '2CF7F14410600012' }],
    ])
    expect(messages('S2120', '06 FF 06 7F')).toMatchObject([
      [{ descZh: 'CCL_SENSOR_DATA_ERROR_UNKONW' }],
      [{ descZh: 'CC_OTHER_FAILED' }],
    ])
  })

  it('names the byte at fault', () => {
    expect(messages('S2120', '0364 7F00')).toBe('byte 2: block 7f is unknown')
    expect(messages('S2120', '0364 02010e')).toBe('byte 2: block 02: size 8, but 2 left (01 0e)')
  })
})
