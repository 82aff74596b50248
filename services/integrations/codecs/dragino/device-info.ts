/** The frame of fPort 5: firmware, band and battery. */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import { wrongLength } from './layout.ts'

const bands = [
  'EU868',
  'US915',
  'IN865',
  'AU915',
  'KZ865',
  'RU864',
  'AS923',
  'AS923_1',
  'AS923_2',
  'AS923_3',
  'CN470',
  'EU433',
  'KR920',
  'MA869',
  'AS923_4',
]
const SIZE = 7

/** Version in three digits over two bytes, band from 1, sub-band with ff for none. */
const radio = (data: DataView, version: number, band: number): Fields => {
  const name = bands[data.getUint8(band) - 1]
  const subBand = data.getUint8(band + 1)
  const digits = data.getUint16(version)
  return {
    FIRMWARE_VERSION: `${(digits >> 8) & 15}.${(digits >> 4) & 15}.${digits & 15}`,
    ...(name === undefined ? {} : { FREQUENCY_BAND: name }),
    SUB_BAND: subBand === 0xff ? 'NULL' : subBand,
  }
}

/** `code` is the number of the model; another number gives no SENSOR_MODEL. */
export const readDeviceInfo =
  (model: string, code: number) =>
  (data: DataView, bytes: Uint8Array): Result<Fields> =>
    wrongLength(bytes, SIZE, 'device information') ??
    ok({
      ...(data.getUint8(0) === code ? { SENSOR_MODEL: model } : {}),
      ...radio(data, 1, 3),
      BAT: data.getUint16(5) / 1000,
    })

/** LSN50v2: without a model, and with the sending interval in place of the battery. */
export const readOldDeviceInfo = (data: DataView, bytes: Uint8Array): Result<Fields> =>
  wrongLength(bytes, SIZE, 'device information') ??
  ok({ ...radio(data, 2, 0), TDC_sec: data.getUint8(4) * 65_536 + data.getUint16(5) })
