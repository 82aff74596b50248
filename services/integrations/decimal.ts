/** Numbers from devices, which may be text. */

/** Texts with which devices say that there is no value. */
const NOTHING = new Set(['', 'null', 'nan', 'none', 'unavailable', 'unknown', 'undefined'])

const DECIMAL = /^[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$/

/**
 * The number that a field holds; null: the device states that there is none; undefined: it is not a number. Text is read
 * only as a whole decimal, so `12 %` and `0x1f` are not numbers.
 */
export function readDecimal(field: unknown): number | null | undefined {
  if (field === null) return null
  if (typeof field === 'number') return Number.isFinite(field) ? field : null
  if (typeof field !== 'string') return undefined
  const text = field.trim()
  if (NOTHING.has(text.toLowerCase())) return null
  return DECIMAL.test(text) ? Number(text) : undefined
}
