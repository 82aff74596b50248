import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const decode = (model: string, hex: string) => decodeHex('decentlab', model, 1, hex)

/** Values by name; the device and the protocol are left out. */
function valuesOf(model: string, hex: string): Record<string, number> {
  const fields = decode(model, hex) as Record<string, { value: number }>
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => typeof field === 'object')
      .map(([name, { value }]) => [name, Number(value.toPrecision(12))]),
  )
}

describe('a Decentlab frame', () => {
  it('has a name, a unit and a value for each quantity', () => {
    expect(decode('DL-TRS12', '0210d3000346be813d00000c80')).toEqual({
      protocol_version: 2,
      device_id: 4307,
      dielectric_permittivity: {
        displayName: 'Dielectric permittivity',
        value: expect.closeTo(1.1831248966814998, 9),
      },
      volumetric_water_content: {
        displayName: 'Volumetric water content',
        value: expect.closeTo(0.006886900000000029, 9),
        unit: 'm³⋅m⁻³',
      },
      soil_temperature: { displayName: 'Soil temperature', value: 31.7, unit: '°C' },
      electrical_conductivity: { displayName: 'Electrical conductivity', value: 0, unit: 'µS⋅cm⁻¹' },
      battery_voltage: { displayName: 'Battery voltage', value: 3.2, unit: 'V' },
    })
  })

  it('has the battery alone where the sensor gave nothing', () => {
    expect(decode('dl-trs12', '0210d300020c80')).toEqual({
      protocol_version: 2,
      device_id: 4307,
      battery_voltage: { displayName: 'Battery voltage', value: 3.2, unit: 'V' },
    })
  })

  it('names the byte at fault', () => {
    expect(decode('DL-TRS12', '0110d300020c80')).toBe('byte 0: protocol version 2 expected, 1 came')
    expect(decode('DL-TRS12', '0210d300060c80')).toBe('byte 3: DL-TRS12 has 2 sensors, the flags 6 name more')
    expect(decode('DL-TRS12', '0210d3000346be81')).toBe(
      'byte 5: sensor 0 (dielectric_permittivity): size 6, but 3 left (46 be 81)',
    )
    expect(decode('DL-TRS12', '0210d300020c8000')).toBe('byte 7: 1 left over (00)')
    expect(decode('DL-TRS12', '0210')).toBe(
      'byte 0: version, device id and flags: size 5, but 2 left (02 10)',
    )
    expect(decode('DL-XYZ', '0210d300020c80')).toBe(
      'model: expected one that the codec decentlab knows, got DL-XYZ',
    )
  })
})

describe('Decentlab sensors', () => {
  it('DL-SMTP: eight depths, of which two are empty', () => {
    const values = valuesOf(
      'DL-SMTP',
      '020b50000309018a8c09438a9809278a920b3c8aa50c9c8a8c11e08aa500000000000000000b3b',
    )
    expect(Object.keys(values)).toHaveLength(17)
    expect(values).toMatchObject({
      soil_moisture_at_depth_0: -0.39,
      soil_temperature_at_depth_0: 27,
      soil_moisture_at_depth_5: 4.152,
      soil_temperature_at_depth_5: 27.25,
      soil_moisture_at_depth_7: -5,
      soil_temperature_at_depth_7: -327.68,
      battery_voltage: 2.875,
    })
  })

  it('DL-ATM41: weather, with rain since the frame before', () => {
    expect(
      valuesOf(
        'DL-ATM41',
        '02035a0003800a8000800080008009812b8014810880b4a57c820c810980027fe88056800880040bf5',
      ),
    ).toEqual({
      solar_radiation: 10,
      precipitation: 0,
      lightning_strike_count: 0,
      lightning_average_distance: 0,
      wind_speed: 0.09,
      wind_direction: 29.9,
      maximum_wind_speed: 0.2,
      air_temperature: 26.4,
      vapor_pressure: 1.8,
      atmospheric_pressure: 95.96,
      relative_humidity: 52.4,
      sensor_temperature_internal: 26.5,
      x_orientation_angle: 0.2,
      y_orientation_angle: -2.4,
      compass_heading: 86,
      north_wind_speed: 0.08,
      east_wind_speed: 0.04,
      battery_voltage: 3.061,
    })
  })

  it('DL-ATM41G2: weather, with rain in total', () => {
    expect(
      valuesOf(
        'DL-ATM41G2',
        '025ef80003805c000080008000803484b3803680e78086a60181d680ed81c9809f8000117000010adc',
      ),
    ).toEqual({
      solar_radiation: 9.2,
      precipitation: 0,
      lightning_strike_count: 0,
      lightning_average_distance: 0,
      wind_speed: 0.52,
      wind_direction: 120.3,
      maximum_wind_speed: 0.54,
      air_temperature: 23.1,
      vapor_pressure: 1.34,
      barometric_pressure: 97.29,
      relative_humidity: 47,
      internal_temperature: 23.7,
      tilt_angle_x_orientation: 45.7,
      tilt_angle_y_orientation: 15.9,
      precipitation_electrical_conductivity: 0,
      cumulative_precipitation: 70,
      battery_voltage: 2.78,
    })
  })

  it.each([
    [
      'DL-TRS11',
      '0210d50003463f810b0c79',
      {
        dielectric_permittivity: 1.02590186971,
        volumetric_water_content: 0.00196057,
        soil_temperature: 26.7,
        battery_voltage: 3.193,
      },
    ],
    [
      'DL-TRS21',
      '0201920003007580a10c25',
      { water_potential: -11.7, soil_temperature: 16.1, battery_voltage: 3.109 },
    ],
    [
      'DL-5TM',
      '02023b0003003702710c60',
      {
        dielectric_permittivity: 1.1,
        volumetric_water_content: -0.0215397767,
        soil_temperature: 22.5,
        battery_voltage: 3.168,
      },
    ],
    [
      'DL-10HS',
      '0202df000393710c60',
      {
        raw_sensor_reading: 455.657958984,
        volumetric_water_content: -0.120859772455,
        battery_voltage: 3.168,
      },
    ],
    [
      'DL-ATM22',
      '0208c900038009812b8014810880027fe8800880040bf5',
      {
        wind_speed: 0.09,
        wind_direction: 29.9,
        maximum_wind_speed: 0.2,
        air_temperature: 26.4,
        x_orientation_angle: 0.2,
        y_orientation_angle: -2.4,
        north_wind_speed: 0.08,
        east_wind_speed: 0.04,
        battery_voltage: 3.061,
      },
    ],
    [
      'DL-TBRG',
      '0202f8000300040258409a00000c54',
      {
        precipitation: 0.4,
        precipitation_interval: 600,
        cumulative_precipitation: 1653.8,
        battery_voltage: 3.156,
      },
    ],
    ['DL-LWS', '0211110003409a00860c54', { leaf_wetness_index: 0.0488464832306, battery_voltage: 3.156 }],
    [
      'DL-MBX',
      '02012f000304d200010bb1',
      { distance: 1234, number_of_valid_samples: 1, battery_voltage: 2.993 },
    ],
    ['DL-PYR', '020291000380690c60', { total_solar_radiation: 48.0651855469, battery_voltage: 3.168 }],
  ])('%s', (model, hex, values) => {
    expect(valuesOf(model, hex)).toEqual(values)
  })

  it('no water potential is 0, never -0', () => {
    expect(valuesOf('DL-TRS21', '0201920003000080a10c25')).toMatchObject({ water_potential: 0 })
  })
})
