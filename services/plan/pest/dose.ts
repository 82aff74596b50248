/**
 * The amount of product for an area: any two of dilution, spray volume and amount determine the third. Dilution
 * follows labels in Japan: 1000 times is 1 mL, or 1 g, in 1 L of spray. Pure.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { Dose } from '../../tables.ts'

/** Each unit in mL or g on 10 a (1,000 m²). */
export const doseUnits = {
  'mL/10a': { kind: 'volume', of10a: 1, base: 'mL' },
  'L/10a': { kind: 'volume', of10a: 1000, base: 'L' },
  'mL/ha': { kind: 'volume', of10a: 0.1, base: 'mL' },
  'L/ha': { kind: 'volume', of10a: 100, base: 'L' },
  'g/10a': { kind: 'mass', of10a: 1, base: 'g' },
  'kg/10a': { kind: 'mass', of10a: 1000, base: 'kg' },
  'g/ha': { kind: 'mass', of10a: 0.1, base: 'g' },
  'kg/ha': { kind: 'mass', of10a: 100, base: 'kg' },
} as const satisfies Record<string, { kind: 'volume' | 'mass'; of10a: number; base: string }>
type DoseUnit = keyof typeof doseUnits

/** Exact spelling, as in the keys of `doseUnits`. */
export const isDoseUnit = (text: string): text is DoseUnit => Object.hasOwn(doseUnits, text)

const AREA_10A_M2 = 1000
/** Tolerance of readings from a measuring cup and a tank. */
const ROUNDING = 0.02

export interface DoseEntry {
  amount?: number | null
  unit: string
  dilution?: number | null
  volumeL10a?: number | null
  areaM2: number
}

/** The complete dose from the entered values. The error names the missing or inconsistent value. */
export function computeDose(entry: DoseEntry): Result<Dose> {
  const { unit, areaM2 } = entry
  if (!isDoseUnit(unit)) return err(`unit: must be one of ${Object.keys(doseUnits).join(', ')}, got ${unit}`)
  if (!(areaM2 > 0)) return err(`areaM2: must be above 0, got ${areaM2}`)
  for (const name of ['amount', 'dilution', 'volumeL10a'] as const) {
    const value = entry[name] ?? null
    if (value !== null && !(value > 0 && Number.isFinite(value)))
      return err(`${name}: must be above 0, got ${value}`)
  }
  const { of10a } = doseUnits[unit]
  const entered = {
    amount: entry.amount ?? null,
    dilution: entry.dilution ?? null,
    volumeL10a: entry.volumeL10a ?? null,
  }
  const complete = completeDose(entered, of10a)
  if (!complete.ok) return complete
  const { amount, dilution, volumeL10a } = complete.value
  const shares = areaM2 / AREA_10A_M2
  return ok({
    amount,
    unit,
    dilution,
    volumeL10a,
    areaM2,
    totalProduct: (amount * of10a * shares) / inBase(unit),
    totalSprayL: volumeL10a === null ? null : volumeL10a * shares,
  })
}

interface DoseParts {
  amount: number | null
  dilution: number | null
  volumeL10a: number | null
}

function completeDose(
  { amount, dilution, volumeL10a }: DoseParts,
  of10a: number,
): Result<{ amount: number; dilution: number | null; volumeL10a: number | null }> {
  if (amount === null) {
    if (dilution === null || volumeL10a === null)
      return err(
        'amount: two of amount, dilution and volumeL10a are needed, or the amount alone where it is spread undiluted',
      )
    return ok({ amount: (1000 * volumeL10a) / dilution / of10a, dilution, volumeL10a })
  }
  const ml = amount * of10a
  if (dilution === null)
    return ok({ amount, volumeL10a, dilution: volumeL10a === null ? null : (1000 * volumeL10a) / ml })
  if (volumeL10a === null) return ok({ amount, dilution, volumeL10a: (ml * dilution) / 1000 })
  const expectedMl = (1000 * volumeL10a) / dilution
  return Math.abs(expectedMl - ml) <= ROUNDING * ml
    ? ok({ amount, dilution, volumeL10a })
    : err(
        `dilution: ${volumeL10a} L at ${dilution} times is ${expectedMl / of10a}, but the amount is ${amount}`,
      )
}

/** mL or g per unit, without its area. */
const inBase = (unit: DoseUnit): number => (['kg', 'L'].includes(doseUnits[unit].base) ? 1000 : 1)

/** An amount in another unit; null where one is a mass and the other a volume, or a unit is unknown. */
export function inUnit(amount: number, from: string, to: string): number | null {
  if (!isDoseUnit(from) || !isDoseUnit(to)) return null
  const [a, b] = [doseUnits[from], doseUnits[to]]
  return a.kind === b.kind ? (amount * a.of10a) / b.of10a : null
}
