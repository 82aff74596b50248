/**
 * Converts raw values of soil sensors to soil moisture with the calibration of the device. The raw value is kept as
 * well. Pure.
 */
import { quantities } from '../../broker/contract/quantities.ts'
import {
  atReferenceTemp,
  decagon10hsVwc,
  decagonEc5Vwc,
  hydraProbeVwc,
  toppVwc,
  twoPointVwc,
} from '../agronomy/water/sensor-conversion.ts'
import { readCalibration, type Calibration, type DeviceRow } from '../tables.ts'
import type { MessageValue } from './message-values.ts'

/**
 * The values of a message plus the moistures derived from them; a moisture reported by the device itself takes
 * precedence.
 */
export function withMoisture(
  values: MessageValue[],
  { calibration }: Pick<DeviceRow, 'calibration'>,
): MessageValue[] {
  if (calibration === null) return values
  const byQuantity = readCalibration(calibration)
  const valueAt = (quantity: string, depthCm: number | null) =>
    values.find((value) => value.quantity === quantity && value.depthCm === depthCm)
  const derived = values.flatMap(({ quantity, depthCm, value }) => {
    // a depth may have its own calibration: 'soil.raw@30'
    const how = byQuantity[`${quantity}@${depthCm ?? ''}`] ?? byQuantity[quantity]
    if (how === undefined || valueAt('soil.moisture', depthCm) !== undefined) return []
    const tempC = valueAt('soil.temperature', depthCm)?.value ?? null
    const vwc = value === null ? null : vwcOf(how, value, tempC)
    return [{ ...soilMoisture, depthCm, value: vwc === null ? null : 100 * vwc }]
  })
  return [
    ...values,
    ...derived.filter((item, i) => derived.findIndex((d) => d.depthCm === item.depthCm) === i),
  ]
}

const soilMoisture = { quantity: 'soil.moisture', kind: quantities['soil.moisture'] }

/** m³/m³. Without a temperature at the same depth there is no temperature correction. */
function vwcOf(how: Calibration, raw: number, tempC: number | null): number | null {
  const vwc = converted(how, raw)
  return vwc === null || how.temp === undefined || tempC === null
    ? vwc
    : atReferenceTemp(vwc, tempC, how.temp)
}

function converted(how: Calibration, raw: number): number | null {
  switch (how.kind) {
    case 'topp':
      return toppVwc(raw)
    case 'hydra':
      return hydraProbeVwc(raw)
    case '10hs':
      return decagon10hsVwc(raw)
    case 'ec5':
      return decagonEc5Vwc(raw)
    case 'two-point':
      return twoPointVwc(raw, how)
  }
}
