/**
 * The units that devices use, and their conversion to the unit of a quantity. A closed table: a profile with another
 * unit is refused, and so is a message that names one.
 */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'

/** value in the quantity's unit = value x factor + offset */
interface Conversion {
  factor: number
  offset?: number
}

/** By the unit of the quantity, then by the unit of the device. */
const conversions: Record<string, Record<string, Conversion>> = {
  '% vol': { '%vol': { factor: 1 }, 'm3/m3': { factor: 100 } },
  '°C': {
    C: { factor: 1 },
    F: { factor: 1 / 1.8, offset: -32 / 1.8 },
    K: { factor: 1, offset: -273.15 },
  },
  'dS/m': {
    'dS/m': { factor: 1 },
    'mS/cm': { factor: 1 },
    'uS/cm': { factor: 0.001 },
    'mS/m': { factor: 0.01 },
    'S/m': { factor: 10 },
  },
  kPa: {
    kPa: { factor: 1 },
    cb: { factor: 1 },
    hPa: { factor: 0.1 },
    mbar: { factor: 0.1 },
    bar: { factor: 100 },
    psi: { factor: 6.894757 },
  },
  ε: { '1': { factor: 1 } },
  raw: { raw: { factor: 1 }, '%': { factor: 1 }, mV: { factor: 1 }, V: { factor: 1000 } },
  '%': { '%': { factor: 1 }, '1': { factor: 100 } },
  hPa: {
    hPa: { factor: 1 },
    mbar: { factor: 1 },
    Pa: { factor: 0.01 },
    kPa: { factor: 10 },
    inHg: { factor: 33.86389 },
    mmHg: { factor: 1.333223874 },
  },
  'm/s': {
    'm/s': { factor: 1 },
    mph: { factor: 0.44704 },
    'km/h': { factor: 1 / 3.6 },
    kn: { factor: 1852 / 3600 },
  },
  '°': { deg: { factor: 1 } },
  'W/m²': { 'W/m2': { factor: 1 } },
  '0-1': { '1': { factor: 1 }, '%': { factor: 0.01 } },
  mm: { mm: { factor: 1 }, cm: { factor: 10 }, m: { factor: 1000 }, in: { factor: 25.4 } },
  L: { L: { factor: 1 }, m3: { factor: 1000 }, gal: { factor: 3.785411784 }, mL: { factor: 0.001 } },
  'L/min': {
    'L/min': { factor: 1 },
    'L/h': { factor: 1 / 60 },
    'm3/h': { factor: 1000 / 60 },
    'gal/min': { factor: 3.785411784 },
  },
  insects: { '1': { factor: 1 } },
  V: { V: { factor: 1 }, mV: { factor: 0.001 } },
}

/** Other spellings of the same unit, as gateways and people write them. */
const spellings: Record<string, string> = {
  celsius: 'C',
  fahrenheit: 'F',
  kelvin: 'K',
  percent: '%',
  'l/min': 'L/min',
  'l/h': 'L/h',
  l: 'L',
  liter: 'L',
  litre: 'L',
  ml: 'mL',
  gpm: 'gal/min',
  kt: 'kn',
  knots: 'kn',
  '°': 'deg',
  inch: 'in',
}

/** Of a unit that is not known, an error shows so much. */
const MAX_UNIT = 20

/** Every unit that a profile may name. */
export const unitNames: readonly string[] = [
  ...new Set(Object.values(conversions).flatMap((table) => Object.keys(table))),
]

/** A unit as a gateway writes it (`m³/h`, `°F`, `µS/cm`), in the spelling of the table. */
export function normaliseUnit(text: string): string {
  const plain = text
    .trim()
    .replaceAll('³', '3')
    .replaceAll('²', '2')
    .replaceAll(/[µμ]/g, 'u')
    .replace(/^°(?=[CFK]$)/, '')
  const known = plain.toLowerCase()
  return Object.hasOwn(spellings, known) ? spellings[known]! : plain.slice(0, MAX_UNIT)
}

/**
 * The conversion from a unit of a device to that of a quantity (name with or without instance). The error names the
 * units that the quantity accepts.
 */
export function converterTo(quantityName: string, unit: string): Result<(value: number) => number> {
  const quantity = quantityOf(quantityName)
  if (quantity === undefined) return err(`expected a quantity that Tilth knows, got ${quantityName}`)
  const table = conversions[quantity.unit] ?? {}
  const conversion = Object.hasOwn(table, unit) ? table[unit] : undefined
  if (conversion === undefined)
    return err(`${quantityName}: expected the unit ${Object.keys(table).join(', ')}, got ${unit}`)
  const { factor, offset = 0 } = conversion
  return ok((value) => value * factor + offset)
}
