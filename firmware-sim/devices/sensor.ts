/** One sensor: the true value with a bias and noise, rounded as on the wire. It may fail or stick. */
import { quantities, type QuantityName } from '../../broker/contract/quantities.ts'
import { random } from '../random.ts'

/** dead: no value. stuck: repeats its last value. For a whole quantity or one depth in cm. */
export type SensorFault = 'dead' | 'stuck'

export interface Sensors {
  /** The reading for a true value; null without a reading. `place` distinguishes sensors of one kind. */
  read(quantity: QuantityName, truth: number | null, place?: string): number | null
  /** null repairs it. Without a place: every sensor of the quantity. */
  setFault(quantity: QuantityName, fault: SensorFault | null, place?: string): void
}

/** Standard deviations: of a sensor's lasting bias, and of each reading, in the quantity's unit. */
const ERRORS: Partial<Record<QuantityName, { bias: number; noise: number }>> = {
  'soil.moisture': { bias: 0.8, noise: 0.15 }, // capacitance probes after field calibration
  'soil.temperature': { bias: 0.1, noise: 0.05 },
  'soil.tension': { bias: 0, noise: 0.3 },
  'air.temperature': { bias: 0.08, noise: 0.05 },
  'air.relativeHumidity': { bias: 0.6, noise: 0.3 },
  'air.pressure': { bias: 0.3, noise: 0.1 },
  'wind.speed': { bias: 0, noise: 0.05 },
  'wind.direction': { bias: 2, noise: 4 },
  'solar.radiation': { bias: 0, noise: 1.5 },
  'water.level': { bias: 2, noise: 1 },
}

/** The same seed gives the same biases and noise. A quantity without an entry in `ERRORS` is read exactly. */
export function sensors(seed: string): Sensors {
  const biases = new Map<string, number>()
  const lastValues = new Map<string, number | null>()
  const faults = new Map<string, SensorFault>()
  const chance = random(`${seed}/noise`)

  function biasOf(key: string, spread: number): number {
    let bias = biases.get(key)
    if (bias === undefined) biases.set(key, (bias = random(`${seed}/bias/${key}`).normal() * spread))
    return bias
  }

  return {
    read(quantity, truth, place = '') {
      const key = `${quantity}/${place}`
      const fault = faults.get(key) ?? faults.get(`${quantity}/`)
      if (fault === 'dead') return null
      if (fault === 'stuck' && lastValues.has(key)) return lastValues.get(key)!
      const error = ERRORS[quantity]
      const shaky =
        truth === null || !error ? truth : truth + biasOf(key, error.bias) + chance.normal() * error.noise
      const value = shaky === null ? null : toWireValue(quantity, shaky)
      lastValues.set(key, value)
      return value
    },
    setFault(quantity, fault, place = '') {
      if (fault === null) faults.delete(`${quantity}/${place}`)
      else faults.set(`${quantity}/${place}`, fault)
    },
  }
}

/** Rounds to the decimals of the quantity, never below its physical zero. */
export function toWireValue(quantity: QuantityName, value: number): number {
  const { decimals, min } = quantities[quantity]
  const bounded = min === 0 ? Math.max(0, value) : value
  // a rounded -0 would be written as 0 but compare as different
  return Number(bounded.toFixed(decimals)) + 0
}
