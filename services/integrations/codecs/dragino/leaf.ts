/** LLMS01 and LMS01-LB: leaf moisture and temperature. */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import { batteryVolts, probeText, sheetSigned, wrongLength } from './layout.ts'

export const readLeaf =
  (nodeType: string) =>
  (data: DataView, bytes: Uint8Array): Result<Fields> =>
    wrongLength(bytes, 11, 'leaf frame') ??
    ok({
      Node_type: nodeType,
      Bat: batteryVolts(data),
      TempC_DS18B20: probeText(data, 2),
      Leaf_Moisture: (data.getUint16(4) / 10).toFixed(2), // %
      Leaf_Temperature: (sheetSigned(data, 6) / 10).toFixed(2),
      Interrupt_flag: data.getUint8(8),
      Message_type: data.getUint8(10),
    })
