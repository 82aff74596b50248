import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const uc501 = (hex: string) => decodeHex('milesight', 'UC501', 85, hex)
const uc300 = (hex: string) => decodeHex('milesight', 'UC300', 85, hex)

describe('UC501', () => {
  it('has switches, outputs and counters', () => {
    expect(uc501('017564 030001 040101')).toEqual({
      battery: 100,
      gpio_input_1: 'on',
      gpio_output_2: 'on',
    })
    expect(uc501('03C870170000')).toEqual({ gpio_counter_1: 6000 })
  })

  it('has analogue inputs in thousandths or as short floats', () => {
    expect(uc501('0502983A000000000000')).toEqual({
      analog_input_1: 15,
      analog_input_1_min: 0,
      analog_input_1_max: 0,
      analog_input_1_avg: 0,
    })
    expect(uc501('FF1421 86E2 0044 5C42 00C4 007C 01')).toEqual({
      analog_input_2_type: 'voltage',
      analog_input_2: 4,
      analog_input_2_min: 3.1796875,
      analog_input_2_max: -4,
      analog_input_2_avg: null,
      analog_input_2_alarm: 'threshold alarm',
    })
  })

  it('has Modbus and SDI-12', () => {
    expect(uc501('FF0E092610270000')).toEqual({ modbus_chn_3: 10_000 })
    expect(uc501('FF1507 FF0E0700 01 800E08 05 0000C83F 02')).toEqual({
      modbus_chn_1_alarm: 'read error',
      modbus_chn_1: 'on',
      modbus_chn_2: 1.5625,
      modbus_chn_2_alarm: 'value change alarm',
    })
    expect(uc501('08DB02612B312E362B302B32352E370D0A00000000000000000000000000000000000000000000')).toEqual({
      sdi12_3: 'a+1.6+0+25.7\r\n',
    })
  })

  it('stores records of each kind', () => {
    const time = '3FA10964'
    expect(uc501(`20DC ${time} 00 01000000 02 70170000 983A0000 18FCFFFF`)).toEqual({
      history: [
        {
          timestamp: 1678352703,
          gpio_input_1: 'on',
          gpio_counter_2: 6000,
          analog_input_1: 15,
          analog_input_2: -1,
        },
      ],
    })
    expect(uc501(`20DD ${time} 0500 05 0000C83F 03 10270000`)).toEqual({
      history: [{ timestamp: 1678352703, modbus_chn_1: 1.5625, modbus_chn_3: 10_000 }],
    })
    expect(uc501(`20E0 ${time} 0200 ${'302B312E35'}${'00'.repeat(31)}`)).toEqual({
      history: [{ timestamp: 1678352703, sdi12_2: '0+1.5' }],
    })
    expect(uc501(`20DD ${time} 0500 05 0000C83F 03 1027`)).toBe(
      'byte 0: channel 20 dd of UC501: size 16, but 14 left (3f a1 09 64 05 00 05 00 00 c8 3f 03 10 27)',
    )
  })
})

describe('UC300', () => {
  it('has inputs and outputs', () => {
    expect(uc300('03C80A000000 04C814000000 050000 060000 070101 080101')).toEqual({
      gpio_counter_1: 10,
      gpio_counter_2: 20,
      gpio_input_3: 'off',
      gpio_input_4: 'off',
      gpio_output_1: 'on',
      gpio_output_2: 'on',
    })
    expect(uc300('0B0290010000 0C0290010000')).toEqual({ adc_1: 4, adc_2: 4 })
    expect(uc300('0D0248010000 0E0249010000')).toEqual({ adv_1: 3.28, adv_2: 3.29 })
    expect(uc300('09670201 0A670201')).toEqual({ pt100_1: 25.8, pt100_2: 25.8 })
    expect(uc300('FE93 01 01 58020000')).toEqual({
      gpio_output_1_control: { status: 'on', duration: 600 },
    })
  })

  it('has statistics', () => {
    expect(uc300('0BE20044004400440044')).toEqual({ adc_1: 4, adc_1_max: 4, adc_1_min: 4, adc_1_avg: 4 })
    expect(uc300('0DE28F425C428F428D42')).toEqual({
      adv_1: 3.28,
      adv_1_max: 3.18,
      adv_1_min: 3.28,
      adv_1_avg: 3.28,
    })
  })

  it('has Modbus values of each type', () => {
    expect(uc300('ff190002020b00 ff190102020200 ff191f02020900')).toEqual({
      modbus_chn_1: 11,
      modbus_chn_2: 2,
      modbus_chn_32: 9,
    })
    expect(
      uc300(
        'FF19000100 01 FF19010181 FE FF19020282 FEFF FF19030484 FEFFFFFF FF19040405 0000C83F FF19050408 01000200 FF19060489 0100FEFF FF1507',
      ),
    ).toEqual({
      modbus_chn_1: 'on',
      modbus_chn_2: -2,
      modbus_chn_3: -2,
      modbus_chn_4: -2,
      modbus_chn_5: 1.56,
      modbus_chn_6: 1,
      modbus_chn_7: -2,
      modbus_chn_8_alarm: 'read error',
    })
    expect(uc300('FF1900020C0000')).toBe('byte 0: channel ff 19 of UC300: unknown Modbus type 12')
  })

  it('stores records of channels and of Modbus', () => {
    const time = '3FA10964'
    expect(uc300(`20DC ${time} 5101 02 0A000000 01 7342 0044 0044 0044 0044`)).toEqual({
      channel_history: [
        {
          timestamp: 1678352703,
          gpio_counter_1: 10,
          gpio_output_1: 'on',
          pt100_1: 3.22,
          adc_1: 4,
          adc_1_max: 4,
          adc_1_min: 4,
          adc_1_avg: 4,
        },
      ],
    })
    expect(uc300(`20DD ${time} 01000080 82 FEFF0000 00 01000000`)).toEqual({
      modbus_history: [{ timestamp: 1678352703, modbus_chn_1: -2, modbus_chn_32: 'on' }],
    })
    expect(uc300(`20DC ${time} 0080`)).toBe(
      'byte 0: channel 20 dc of UC300: the mask 32768 names an unknown channel',
    )
    expect(uc300(`20DD ${time} 01000000 0F 00000000`)).toBe(
      'byte 0: channel 20 dd of UC300: unknown Modbus type 15',
    )
  })
})
