import { describe, expect, it } from 'vitest'
import { decodeHex } from './decode-hex.ts'

const decode = (hex: string) => decodeHex('cayenne-lpp', 'any', 1, hex)

describe('Cayenne LPP', () => {
  it('has a field for each type and channel', () => {
    expect(decode('03 67 0110 05 67 00FF')).toEqual({ temperature_3: 27.2, temperature_5: 25.5 })
    expect(decode('00 73 27BF 00 67 00DE')).toEqual({ barometric_pressure_0: 1017.5, temperature_0: 22.2 })
    expect(
      decode(
        '01 00 FF 02 01 64 03 02 154A 04 03 EAB6 05 65 01F4 06 66 32 07 67 FF64 08 68 63 09 71 FE58 000F 0682 0A 73 29EF 0B 86 0163 0231 FE66 0C 88 07FD87 00BEF5 00086A',
      ),
    ).toEqual({
      digital_in_1: 255,
      digital_out_2: 100,
      analog_in_3: 54.5,
      analog_out_4: -54.5,
      luminosity_5: 500,
      presence_6: 50,
      temperature_7: -15.6,
      relative_humidity_8: 49.5,
      accelerometer_9: { x: -0.424, y: 0.015, z: 1.666 },
      barometric_pressure_10: 1073.5,
      gyrometer_11: { x: 3.55, y: 5.61, z: -4.1 },
      gps_12: { latitude: 52.3655, longitude: 4.8885, altitude: 21.54 },
    })
    expect(decode('01 88 06765F F2960A 0003E8')).toEqual({
      gps_1: { latitude: 42.3519, longitude: -87.9094, altitude: 10 },
    })
  })

  it('names the byte at fault', () => {
    expect(decode('03 67 0110 05 FF 00')).toBe('byte 4: channel 5 has the unknown type 255')
    expect(decode('03 67 0110 05 67 00')).toBe('byte 4: channel 5 temperature: size 2, but 1 left (00)')
    expect(decode('03 67 0110 05')).toBe('byte 4: 1 left over (05)')
    expect(decode('03 67 0110 03 67 0111')).toBe('byte 4: channel 3 temperature is in the frame twice')
    expect(decode('')).toBe('frame: expected bytes, got none')
  })
})
