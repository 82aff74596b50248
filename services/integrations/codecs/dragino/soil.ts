/** LSE01 and SE01-LB: soil moisture, temperature and conductivity (Mod 0), or raw counts and permittivity (Mod 1). */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import { batteryVolts, probeText, sheetSigned, wrongLength } from './layout.ts'

export const readSoil =
  (nodeType: string) =>
  (data: DataView, bytes: Uint8Array): Result<Fields> => {
    const fault = wrongLength(bytes, 11, 'soil frame')
    if (fault !== null) return fault
    const flags = data.getUint8(10)
    const mode = flags >> 7
    return ok({
      BatV: batteryVolts(data),
      temp_DS18B20: probeText(data, 2),
      ...(mode === 0
        ? {
            temp_SOIL: (sheetSigned(data, 6) / 100).toFixed(2),
            water_SOIL: (data.getUint16(4) / 100).toFixed(2), // % by volume
            conduct_SOIL: data.getUint16(8), // uS/cm
          }
        : {
            Soil_dielectric_constant: (data.getUint16(4) / 10).toFixed(1),
            Raw_water_SOIL: data.getUint16(6),
            Raw_conduct_SOIL: data.getUint16(8),
          }),
      s_flag: (flags >> 4) & 1,
      i_flag: flags & 15,
      Mod: mode,
      Node_type: nodeType,
    })
  }
