import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const decode = (model: string, fPort: number, hex: string) => decodeHex('dragino', model, fPort, hex)

describe('soil probes', () => {
  it('measure water, temperature and conductivity', () => {
    expect(decode('LSE01', 2, 'CE29 00F1 07A5 099B 00C8 10')).toEqual({
      BatV: 3.625,
      temp_DS18B20: '24.10',
      temp_SOIL: '24.59',
      water_SOIL: '19.57',
      conduct_SOIL: 200,
      s_flag: 1,
      i_flag: 0,
      Mod: 0,
      Node_type: 'LSE01',
    })
    expect(decode('SE01-LB', 2, '0E12 0000 0957 0898 00B4 00')).toEqual({
      BatV: 3.602,
      temp_DS18B20: '0.00',
      temp_SOIL: '22.00',
      water_SOIL: '23.91',
      conduct_SOIL: 180,
      s_flag: 0,
      i_flag: 0,
      Mod: 0,
      Node_type: 'SE01-LB',
    })
  })

  it('read below zero as the data sheet says, and a missing probe as 3276.7', () => {
    expect(decode('LSE01', 2, 'CE29 7FFF 07A5 FF7E 00C8 11')).toMatchObject({
      temp_DS18B20: '3276.70',
      temp_SOIL: '-1.29',
      i_flag: 1,
    })
    expect(decode('LSE01', 2, 'CE29 FF3F 07A5 099B 00C8 10')).toMatchObject({ temp_DS18B20: '-19.30' })
  })

  it('send raw counts in mode 1', () => {
    expect(decode('LSE01', 2, 'CE29 00F1 00D2 0898 0064 90')).toEqual({
      BatV: 3.625,
      temp_DS18B20: '24.10',
      Soil_dielectric_constant: '21.0',
      Raw_water_SOIL: 2200,
      Raw_conduct_SOIL: 100,
      s_flag: 1,
      i_flag: 0,
      Mod: 1,
      Node_type: 'LSE01',
    })
  })

  it('name the datalog, and a port without a frame', () => {
    expect(decode('SE01-LB', 3, '0957 0898 00B4 00 6A4B3C00')).toBe(
      'fPort 3: the datalog of SE01-LB is not read',
    )
    expect(decode('LSE01', 42, 'CE29 00F1 07A5 099B 00C8 10')).toBe(
      'fPort 42: LSE01 has no documented frame on this port',
    )
    expect(decode('LSE01', 2, 'CE29 00F1 07A5')).toBe(
      'byte 0: soil frame: size 11, but 6 left (ce 29 00 f1 07 a5)',
    )
    expect(decode('LSE01', 2, 'CE29 00F1 07A5 099B 00C8 10 05')).toBe('byte 11: 1 left over (05)')
  })

  it('tell firmware and battery', () => {
    expect(decode('SE01-LB', 5, '26 0123 01 FF 0E12')).toEqual({
      SENSOR_MODEL: 'SE01-LB',
      FIRMWARE_VERSION: '1.2.3',
      FREQUENCY_BAND: 'EU868',
      SUB_BAND: 'NULL',
      BAT: 3.602,
    })
    expect(decode('LSN50v2', 5, '02 02 0180 0004B0')).toEqual({
      FIRMWARE_VERSION: '1.8.0',
      FREQUENCY_BAND: 'US915',
      SUB_BAND: 2,
      TDC_sec: 1200,
    })
  })
})

describe('sensor nodes', () => {
  it('measure air', () => {
    expect(decode('LSN50v2', 2, '0CEE 7FFF 0000 00 00D6 028C')).toEqual({
      Digital_IStatus: 'L',
      BatV: 3.31,
      TempC1: 'NULL',
      ADC_CH0V: 0,
      EXTI_Trigger: 'FALSE',
      Door_status: 'OPEN',
      Work_mode: 'IIC',
      TempC_SHT: 21.4,
      Hum_SHT: 65.2,
      Node_type: 'LSN50',
    })
    expect(decode('LSN50v2', 2, '0B54 0000 0000 00 00FC 0205')).toEqual({
      ADC_CH0V: 0,
      BatV: 2.9,
      Digital_IStatus: 'L',
      Door_status: 'OPEN',
      EXTI_Trigger: 'FALSE',
      Hum_SHT: 51.7,
      TempC1: 0,
      TempC_SHT: 25.2,
      Work_mode: 'IIC',
      Node_type: 'LSN50',
    })
    expect(decode('SN50v3-LB', 2, '0CEE FF9C 03E8 83 FFFF FFFF')).toMatchObject({
      Digital_IStatus: 'H',
      TempC1: -10,
      ADC1_V: 1,
      EXTI_Trigger: 'TRUE',
      Door_status: 'CLOSE',
      TempC_SHT: 'NULL',
      Hum_SHT: 'NULL',
      Node_type: 'SN50_v3-LB',
    })
    expect(decode('LSN50v2', 2, '0CEE 7FFF 0000 00 0190 0000')).toMatchObject({ Illum: 400 })
  })

  it.each([
    [
      'LSN50v2',
      '0CEE 7FFF 0000 04 0FA0 0064',
      { Work_mode: 'Distance', Distance_cm: 400, Distance_signal_strength: 100 },
    ],
    ['LSN50v2', '0CEE 7FFF 0000 04 0000 FFFF', { Distance_cm: 'NULL' }],
    [
      'LSN50v2',
      '03E8 07D0 0BB8 08 00D6 028C 21',
      { BatV: 3.3, ADC_CH0V: 1, ADC_CH1V: 2, ADC_CH4V: 3, TempC_SHT: 21.4 },
    ],
    ['LSN50v2', '0CEE 00FA 0000 0C 7FFF FFF6', { TempC1: 25, TempC2: 'NULL', TempC3: -1 }],
    ['LSN50v2', '0CEE 7FFF 0000 10 0001 0002', { Work_mode: 'Weight', Weight: 131_073 }],
    ['SN50v3-LB', '0CEE 7FFF 0000 14 80000000', { Work_mode: '1Count', Count: 2_147_483_648 }],
    [
      'LSN50v2',
      '0CEE 7FFF 0000 99 10 01 0000',
      {
        EXTI1_Trigger: 'TRUE',
        EXTI1_Status: 'CLOSE',
        EXTI2_Trigger: 'TRUE',
        EXTI2_Status: 'OPEN',
        EXTI3_Trigger: 'FALSE',
        EXTI3_Status: 'CLOSE',
      },
    ],
    ['SN50v3-LB', '0CEE 7FFF 0000 1C 03E8 07D0', { ADC2: 1, ADC3: 2 }],
    [
      'LSN50v2',
      '0CEE 00FA 0064 20 7FFF 0000000A 00000014',
      { TempC1: 25, TempC2: 10, TempC3: 'NULL', Count1: 10, Count2: 20 },
    ],
    [
      'SN50v3-LB',
      '0CEE 7FFF 0000 26 000A 0005',
      { Work_mode: 'PWM', pwm_mode: 'ms', Frequency: 100, Dutycycle: 50 },
    ],
    ['SN50v3-LB', '0CEE 7FFF 0000 28 09C4', { Work_mode: 'TMP117', TempC_tmp117: 25 }],
    ['SN50v3-LB', '0CEE 00D6 028C 2C 0000000A', { BatV: 3.31, TempC_SHT: 21.4, Hum_SHT: 65.2, Count: 10 }],
  ])('%s reads %s', (model, hex, fields) => {
    expect(decode(model, 2, hex)).toMatchObject(fields)
  })

  it('refuse a mode and a length that are not documented', () => {
    expect(decode('LSN50v2', 2, '0CEE 7FFF 0000 24 0000 0000')).toBe(
      'byte 6: LSN50 has no documented work mode 9',
    )
    expect(decode('LSN50v2', 2, '0CEE 7FFF 0000 08 00D6 028C')).toBe(
      'byte 0: mode 3ADC+IIC: size 12, but 11 left (0c ee 7f ff 00 00 08 00 d6 02 8c)',
    )
  })
})

describe('leaf, flow and weather', () => {
  it('a leaf sensor measures moisture and temperature', () => {
    expect(decode('LLMS01', 2, '0D23 0000 0254 00F9 00 00 01')).toEqual({
      Node_type: 'LLMS01',
      Bat: 3.363,
      TempC_DS18B20: '0.00',
      Leaf_Moisture: '59.60',
      Leaf_Temperature: '24.90',
      Interrupt_flag: 0,
      Message_type: 1,
    })
    expect(decode('LMS01-LB', 2, '0D23 0000 0254 FFF0 01 00 01')).toMatchObject({
      Node_type: 'LMS01-LB',
      Leaf_Temperature: '-1.50',
      Interrupt_flag: 1,
    })
  })

  it('a flow sensor counts pulses', () => {
    expect(decode('SW3L-LB', 2, '00 000001C2 80 00 6A4B3C00')).toEqual({
      MOD: 0,
      PA4_Level: 'H',
      PB15_Level: 'L',
      Calculate_flag: 0,
      Alarm: 'FALSE',
      tdc_interval: 'NO',
      Water_flow_value: 1,
      Total_pulse: 450,
      Data_time: '2026-07-06 05:24:16',
      Node_type: 'SW3L-LB',
    })
    expect(decode('SW3L-LB', 2, '0B 00000080 81 00 6A4B3C00')).toMatchObject({
      MOD: 1,
      Calculate_flag: 2,
      Alarm: 'TRUE',
      tdc_interval: 'YES',
      Water_flow_value: 2,
      Last_pulse: 128,
    })
    expect(decode('SW3L-LB', 2, '10 00000080 00 00 6A4B3C00')).not.toHaveProperty('Water_flow_value')
    expect(decode('SW3L-LB', 4, '0004B0 00 05 000A')).toEqual({
      Node_type: 'SW3L-LB',
      TDC: 1200,
      Stop_Timer: 5,
      Alarm_Timer: 10,
    })
  })

  it('a weather station lists its sensors', () => {
    expect(
      decode(
        'WSC2-L',
        2,
        '0E12 02 00000005 00F1 02 0A 00 07 0021 002A 0015 02 01 03 070E 0C 06 02 028C 05 02 FFF0 A1 02 0007',
      ),
    ).toEqual({
      BatV: 3.602,
      Payload_Ver: 2,
      rain: 1,
      temp_DS18B20: '24.10',
      i_flag: 0,
      Mod: 0,
      wind_speed_max: 4.2,
      wind_speed_average: 2.1,
      wind_speed_level: 2,
      wind_direction_angle: 180.6,
      wind_direction: 'W',
      HUM: 65.2,
      TEM: -1.5,
      A1: 7,
    })
    expect(decode('WSC2-L', 2, '0E12 04 00000005 00F1 82 0A 028C FFF6 2794 00005DC0 03 01 01')).toMatchObject(
      {
        Mod: 1,
        WSS_Humidity: '65.2',
        WSS_Temperature: '-1.0',
        WSS_Pressure: '1013.2',
        WSS_illumination: 24_000,
        rain_snow: 1,
      },
    )
  })

  it('a weather station does not guess', () => {
    const header = (version: string, divisor: string) => `0E12 ${version} 00000005 00F1 02 ${divisor}`
    expect(decode('WSC2-L', 2, header('01', '0A'))).toBe('byte 2: payload version 1 is not read')
    expect(decode('WSC2-L', 2, header('02', '00'))).toBe('byte 10: the divisor of the rain is 0')
    expect(decode('WSC2-L', 2, `${header('02', '0A')} 06 02 028C 0D 02 0001`)).toBe(
      'byte 15: sensor 0d is unknown',
    )
    expect(decode('WSC2-L', 2, `${header('02', '0A')} 06 01 02`)).toBe(
      'byte 11: sensor 06: size 2, but 1 left (02)',
    )
  })
})
