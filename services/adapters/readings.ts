/** Validation of readings and the result order, common to all series stores. */
import { flags, type Origin } from '../../broker/contract/quantities.ts'
import type { Reading, SeriesQuery } from '../ports.ts'
import { fail } from '../errors.ts'

/** Origins by their number in the stores. Append only. */
export const origins: readonly Origin[] = ['measured', 'estimated', 'interpolated', 'entered']

const knownFlags = new Set<number>(Object.values(flags))
// line protocol has no escape for a line break, and no name of a farm needs one
const CONTROL = /[\u0000-\u001f\u007f]/

/** STORE_REFUSED when one reading can never be stored; then none is stored. */
export function checkReadings(readings: readonly Reading[]): void {
  for (const [index, reading] of readings.entries()) {
    const fault = faultOf(reading)
    if (fault !== null) fail('STORE_REFUSED', `reading ${index} of ${readings.length}: ${fault}`)
  }
}

function faultOf(r: Reading): string | null {
  for (const name of ['org', 'farm', 'field', 'device', 'quantity'] as const) {
    const text = r[name]
    if (typeof text !== 'string' || text === '' || CONTROL.test(text))
      return `${name} must be a text without control characters, got ${JSON.stringify(text)}`
  }
  if (!Number.isSafeInteger(r.atMs) || r.atMs < 0)
    return `atMs must be whole milliseconds since 1970, got ${r.atMs}`
  if (r.value !== null && !Number.isFinite(r.value)) return `value must be a number or null, got ${r.value}`
  if (r.depthCm !== null && !Number.isFinite(r.depthCm))
    return `depthCm must be a number or null, got ${r.depthCm}`
  if (!knownFlags.has(r.flag)) return `flag must be one of ${[...knownFlags].join(', ')}, got ${r.flag}`
  if (!origins.includes(r.origin)) return `origin must be one of ${origins.join(', ')}, got ${r.origin}`
  return null
}

/** The name of a series: its place and what it measures. */
export interface SeriesName {
  farm: string
  field: string
  device: string
  quantity: string
  depthCm: number | null
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** By farm, field, device, quantity, then depth from the surface down; series without a depth first. */
export const compareSeriesNames = (a: SeriesName, b: SeriesName): number =>
  compareText(a.farm, b.farm) ||
  compareText(a.field, b.field) ||
  compareText(a.device, b.device) ||
  compareText(a.quantity, b.quantity) ||
  (a.depthCm ?? -Infinity) - (b.depthCm ?? -Infinity) ||
  0

/** The part before the star of `trap.count/*`, or null for an exact quantity. */
export const instancePrefix = (quantity: string): string | null =>
  quantity.endsWith('/*') ? quantity.slice(0, -1) : null

/** Tells which quantities a query selects. */
export function quantityFilter(selected: SeriesQuery['quantity']): (quantity: string) => boolean {
  if (typeof selected === 'object') return (quantity) => selected.includes(quantity)
  const prefix = instancePrefix(selected)
  return (quantity) => (prefix === null ? quantity === selected : quantity.startsWith(prefix))
}
