import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const decode = (hex: string) => decodeHex('milesight', 'UC511', 85, hex)

describe('a valve controller', () => {
  it('reports positions, pulses and switches', () => {
    expect(decode('01755C 030100 04C805000000')).toEqual({
      battery: 92,
      valve_1: 'close',
      valve_1_pulse: 5,
    })
    expect(decodeHex('milesight', 'UC512', 85, '050101 06C800000080 070101 080100 097B2C01')).toEqual({
      valve_2: 'open',
      valve_2_pulse: 2_147_483_648,
      gpio_1: 'on',
      gpio_2: 'off',
      pressure: 300,
    })
  })

  it('says that an order failed, without a position', () => {
    expect(decode('0301FF 050101')).toEqual({ valve_1_result: 'failed', valve_2: 'open' })
    expect(decode('B97B01')).toEqual({ pressure_sensor_status: 'sensor error' })
    expect(decode('030107')).toEqual({ valve_1: 'unknown' })
  })

  it('stores states of a switch and of a counter', () => {
    expect(decode('20CE3FA109641700000000')).toEqual({
      history: [{ gpio_2: 'on', mode: 'gpio', timestamp: 1678352703, valve_2: 'open' }],
    })
    expect(decode('20CE 3FA10964 01 20030000 21CE 3FA10964 2C01')).toEqual({
      history: [
        { timestamp: 1678352703, mode: 'counter', valve_1: 'open', valve_1_pulse: 800 },
        { timestamp: 1678352703, pressure: 300 },
      ],
    })
  })

  it('alarms on pressure and tells what a valve does', () => {
    expect(decode('0BF5 01 01 6400 0000 5000 01 0EAF 04 01 01')).toEqual({
      pressure_threshold_alarm: {
        valve_strategy: 'valve 1 open',
        threshold_type: 'less than',
        threshold_min: 100,
        threshold_max: 0,
        current_pressure: 80,
        alarm_status: 'trigger alarm',
      },
      valve_1_task_status: {
        task_status: 'IPSO temporary control plan',
        real_status: 'valve is currently open',
        cmd_status: 'valve is currently commanded to open',
      },
    })
    expect(decode('FF12 6C65616B000000 00')).toEqual({ custom_message: 'leak' })
    expect(decode('FE92 02 20030000')).toEqual({ valve_2_pulse: 800 })
  })
})

describe('the task that a valve controller repeats', () => {
  it('has seconds and pulses, of which the control byte says what counts', () => {
    expect(decode('FE1D A0 07 580200 00000000')).toEqual({
      valve_1_task: {
        time_rule_enable: 'enable',
        pulse_rule_enable: 'disable',
        valve_status: 'open',
        sequence_id: 7,
        duration: 600,
      },
    })
    expect(decode('FE1D E1 08 580200 20030000')).toEqual({
      valve_2_task: {
        time_rule_enable: 'enable',
        pulse_rule_enable: 'enable',
        valve_status: 'open',
        sequence_id: 8,
        duration: 600,
        valve_pulse: 800,
      },
    })
    expect(decode('030100 FE1D 00 00 000000 00000000')).toEqual({
      valve_1: 'close',
      valve_1_task: {
        time_rule_enable: 'disable',
        pulse_rule_enable: 'disable',
        valve_status: 'close',
        sequence_id: 0,
      },
    })
  })

  it.each([
    ['FE1D A0 07 580200', { duration: 600 }],
    ['FE1D A0 07 58020000', { duration: 600 }],
    ['FE1D 60 07 20030000', { valve_pulse: 800 }],
    ['FE1D 00 07', { valve_status: 'close' }],
    ['FE1D A8 07 58020000 3FA10964', { duration: 600, start_time: 1678352703 }],
  ])('has the short form %s', (hex, bounds) => {
    expect(decode(hex)).toMatchObject({ valve_1_task: bounds })
  })

  it.each([
    [
      'FE1D A0 07 5802',
      'byte 0: channel fe 1d of UC511: a valve task does not end with 2 bytes after its sequence',
    ],
    [
      'FE1D A0 07 580200 00000000 030101',
      'byte 0: channel fe 1d of UC511: a valve task does not end with 10 bytes after its sequence',
    ],
    [
      'FE1D A0 07 58020000 030101',
      'byte 0: channel fe 1d of UC511: a valve task does not end with 7 bytes after its sequence',
    ],
    [
      'FE1D A8 07 580200 00000000',
      'byte 0: channel fe 1d of UC511: a valve task does not end with 7 bytes after its sequence',
    ],
    ['FE1D A0', 'byte 0: channel fe 1d of UC511: size 2, but 1 left (a0)'],
  ])('is not guessed from %s', (hex, fault) => {
    expect(decode(hex)).toBe(fault)
  })
})
