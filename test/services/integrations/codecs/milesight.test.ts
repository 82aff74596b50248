import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const decode = (model: string, hex: string) => decodeHex('milesight', model, 85, hex)

describe('EM500-SMTC', () => {
  it('measures soil in one byte or two', () => {
    expect(decode('EM500-SMTC', '017564 03671901 046873 057FF000')).toEqual({
      battery: 100,
      temperature: 28.1,
      moisture: 57.5,
      electricity: 240,
    })
    expect(decode('EM500-SMTC', '01755A 03675AFF 04CAB80B 057F0000')).toEqual({
      battery: 90,
      temperature: -16.6,
      moisture: 30,
      electricity: 0,
    })
    expect(decode('em500-smtc', '017564 03671901 04CA7300 057FF000')).toMatchObject({ moisture: 1.15 })
  })

  it('says that a sensor failed', () => {
    expect(decode('EM500-SMTC', '0367FFFF 04CAFDFF 057FFFFF')).toEqual({
      temperature_error: 'collection failed',
      moisture_error: 'out of range',
      electricity_error: 'collection failed',
    })
  })

  it('stores records with their time', () => {
    expect(decode('EM500-SMTC', '20CE 9E744663 F000 1901 7300 20CE DA784663 FFFF 5AFF B80B 017562')).toEqual({
      battery: 98,
      history: [
        { timestamp: 1665561758, electricity: 240, temperature: 28.1, moisture: 1.15 },
        {
          timestamp: 1665562842,
          electricity_error: 'collection failed',
          temperature: -16.6,
          moisture: 30,
        },
      ],
    })
  })

  it('alarms, and answers about its settings', () => {
    expect(decode('EM500-SMTC', '83D7 1901 3200 02')).toEqual({
      temperature: 28.1,
      temperature_mutation: 5,
      temperature_alarm: 'mutation alarm',
    })
    expect(decode('EM500-SMTC', 'FE03B004 FE06060100020003000000 FF17DDFF FE6A00 3C00 FE28FF')).toEqual({
      report_interval: 1200,
      time_zone: 'UTC-3:30',
      retransmit_interval: 60,
      report_status: 'yes',
    })
  })

  it('introduces itself when it joins', () => {
    expect(
      decode('EM500-SMTC', 'FF0101 FF090110 FF0A0110 FF166126A1018400 0001 FF0F00 FFFF0100 FFFEFF FF0BFF'),
    ).toEqual({
      ipso_version: 'v0.1',
      hardware_version: 'v1.1',
      firmware_version: 'v1.10',
      sn: '6126a10184000001',
      lorawan_class: 'Class A',
      tsl_version: 'v1.0',
      reset_event: 'reset',
      device_status: 'on',
    })
  })
})

describe('EM500 and EM300', () => {
  it('measure level, pressure and air', () => {
    expect(decode('EM500-UDL', '017564 03821E00')).toEqual({ battery: 100, distance: 30 })
    expect(decode('EM500-UDL', '83E9 2C01 0500 01')).toEqual({
      distance: 30,
      distance_mutation: 0.5,
      distance_alarm: 'threshold_alarm',
    })
    expect(decode('EM500-SWL', '017564 03770200 FF1B 02 F401 0000')).toEqual({ battery: 100, depth: 2 })
    expect(decode('EM500-SWL', '20CE 9E744663 FDFF')).toEqual({
      history: [{ timestamp: 1665561758, depth_error: 'out of range' }],
    })
    expect(decode('EM500-PP', '017564 037B0A00 20CE 9E744663 F6FF')).toEqual({
      battery: 100,
      pressure: 10,
      history: [{ timestamp: 1665561758, pressure: -10 }],
    })
    expect(decode('EM300-TH', '01755C 03673401 046865')).toEqual({
      battery: 92,
      temperature: 30.8,
      humidity: 50.5,
    })
    expect(decode('EM300-TH', '20CE9E74466310015D00')).toEqual({
      history: [{ timestamp: 1665561758, temperature: 27.2, humidity: 46.5 }],
    })
  })

  it('the same id and type mean another thing in another model', () => {
    expect(decode('EM300-TH', '046873')).toEqual({ humidity: 57.5 })
    expect(decode('EM500-SMTC', '046873')).toEqual({ moisture: 57.5 })
    expect(decode('EM300-DI', '05C80A000000')).toEqual({ pulse: 10 })
    expect(decode('UC300', '05C80A000000')).toEqual({ gpio_counter_3: 10 })
    expect(decode('EM500-UDL', '046873')).toBe('byte 0: channel 04 68 of EM500-UDL is unknown (73 follows)')
  })
})

describe('EM300-DI', () => {
  it('counts pulses now and in the past', () => {
    expect(decode('EM300-DI', '01755C 03673401 046865 20CE9E74466310015D020000010000')).toEqual({
      battery: 92,
      temperature: 30.8,
      humidity: 50.5,
      history: [
        { timestamp: 1665561758, temperature: 27.2, humidity: 46.5, gpio_type: 'counter', pulse: 256 },
      ],
    })
    expect(decode('EM300-DI', '20CE 9E744663 1001 5D 01 01 00000000')).toEqual({
      history: [
        { timestamp: 1665561758, temperature: 27.2, humidity: 46.5, gpio_type: 'gpio', gpio: 'high' },
      ],
    })
  })

  it('counts water that it converted itself', () => {
    expect(decode('EM300-DI', '05E1 0A00 6400 9A99 4541')).toEqual({
      water_conv: 1,
      pulse_conv: 10,
      water: 12.35,
    })
    expect(decode('EM300-DI', '85E1 0A00 6400 0000C07F 03 850001 01')).toEqual({
      water_conv: 1,
      pulse_conv: 10,
      water: null,
      water_alarm: 'water flow timeout alarm',
      gpio: 'high',
      gpio_alarm: 'gpio alarm',
    })
    expect(decode('EM300-DI', '21CE 9E744663 1001 5D 03 02 00 0A00 6400 0000 4841')).toEqual({
      history: [
        {
          timestamp: 1665561758,
          temperature: 27.2,
          humidity: 46.5,
          alarm: 'water flow timeout alarm',
          gpio_type: 'counter',
          water_conv: 1,
          pulse_conv: 10,
          water: 12.5,
        },
      ],
    })
  })
})

describe('WTS506', () => {
  it('measures the weather, with rain in two bytes or four', () => {
    expect(decode('WTS506', '017564 0367FF00 046879')).toEqual({
      battery: 100,
      temperature: 25.5,
      humidity: 60.5,
    })
    const weather = {
      wind_direction: 121,
      pressure: 1006.3,
      wind_speed: 0.1,
      rainfall_total: 1.23,
      rainfall_counter: 1,
    }
    expect(decode('WTS506', '0584BA04 06734F27 07920100 08777B0001')).toEqual(weather)
    expect(decode('WTS506', '0584BA04 06734F27 07920100 08EC7B00000001')).toEqual(weather)
  })

  it('alarms', () => {
    expect(decode('WTS506', '8367FF0001')).toEqual({
      temperature: 25.5,
      temperature_alarm: 'threshold alarm',
    })
    expect(decode('WTS506', '86734F2701')).toEqual({ pressure: 1006.3, pressure_alarm: 'threshold alarm' })
    expect(decode('WTS506', '8792320001')).toEqual({ wind_speed: 5, wind_speed_alarm: 'threshold alarm' })
    expect(decode('WTS506', '88EC8D1300000201')).toEqual({
      rainfall_total: 50.05,
      rainfall_counter: 2,
      rainfall_alarm: 'threshold alarm',
    })
  })

  it('stores records', () => {
    const record = {
      timestamp: 1692507109,
      temperature: 25.5,
      humidity: 60.5,
      pressure: 1006.3,
      wind_direction: 121,
      wind_speed: 5,
    }
    expect(decode('WTS506', '20CEE59BE164FF00794F27BA0432008D13')).toEqual({
      history: [{ ...record, rainfall_total: 50.05 }],
    })
    expect(decode('WTS506', '21CEE59BE164FF00794F27BA043200EA840100')).toEqual({
      history: [{ ...record, rainfall_total: 995.62 }],
    })
  })
})
