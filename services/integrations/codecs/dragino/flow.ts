/** SW3L-LB: pulses of a flow sensor. */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import { wrongLength } from './layout.ts'

/** Pulses a litre by the sensor's flag. Flags above 3 are the owner's own: pulses alone. */
const pulsesPerLitre = [450, 390, 64, 12]

/** Litres and pulses: the total (MOD 0), or those since the message before (MOD 1). `Data_time` is UTC. */
export function readFlow(data: DataView, bytes: Uint8Array): Result<Fields> {
  const fault = wrongLength(bytes, 11, 'flow frame')
  if (fault !== null) return fault
  const [flags, levels] = [data.getUint8(0), data.getUint8(5)]
  const [flag, mode] = [(flags >> 2) & 15, levels & 0x3f]
  const pulses = data.getUint32(1)
  const perLitre = pulsesPerLitre[flag]
  return ok({
    MOD: mode,
    PA4_Level: (levels & 0x80) === 0 ? 'L' : 'H',
    PB15_Level: (levels & 0x40) === 0 ? 'L' : 'H',
    Calculate_flag: flag,
    Alarm: (flags & 2) === 0 ? 'FALSE' : 'TRUE',
    tdc_interval: (flags & 1) === 0 ? 'NO' : 'YES',
    ...(perLitre === undefined ? {} : { Water_flow_value: Number((pulses / perLitre).toFixed(1)) }),
    [mode === 1 ? 'Last_pulse' : 'Total_pulse']: pulses,
    Data_time: new Date(data.getUint32(7) * 1000).toISOString().slice(0, 19).replace('T', ' '),
    Node_type: 'SW3L-LB',
  })
}

/** fPort 4: sending interval and timers. */
export const readFlowSettings = (data: DataView, bytes: Uint8Array): Result<Fields> =>
  wrongLength(bytes, 7, 'flow settings') ??
  ok({
    Node_type: 'SW3L-LB',
    TDC: data.getUint8(0) * 65_536 + data.getUint16(1),
    Stop_Timer: data.getUint8(4),
    Alarm_Timer: data.getUint16(5),
  })
