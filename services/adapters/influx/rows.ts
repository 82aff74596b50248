/** Conversion between the port's types and InfluxDB points and rows. Pure. */
import type { Reading } from '../../ports.ts'
import type { SeriesName } from '../readings.ts'
import type { InfluxPoint, InfluxRow } from './client.ts'
import { decodeName, depthFromTag, depthTag, quantityOf } from './names.ts'
import { dayStartMs } from './queries.ts'

/** All tags of any measurement. */
export const tagNames = ['org', 'farm', 'field', 'device', 'depth', 'quantity'] as const
export const floatFields = [
  'v',
  'mean',
  'min',
  'max',
  'first',
  'last',
  'sum',
  'days',
  'count',
  'until',
  'due',
] as const

/** The names are encoded when the point is written. A null value writes no `v`, so an older number stays stored. */
export const readingPoint = (reading: Reading): InfluxPoint => ({
  measurement: reading.quantity,
  tags: tagsOf(reading.org, reading),
  floats: reading.value === null ? {} : { v: reading.value },
  ints: { qc: reading.flag },
  texts: { origin: reading.origin },
  atMs: reading.atMs,
})

/** In alphabetical order, as InfluxDB recommends; no `depth` tag for a reading without a depth. */
export function tagsOf(
  org: string,
  { farm, field, device, depthCm }: Omit<SeriesName, 'quantity'>,
): Record<string, string> {
  const depth = depthTag(depthCm)
  return { ...(depth === null ? {} : { depth }), device, farm, field, org }
}

/** The series name of a row. */
export const nameOf = ({ name, tags }: InfluxRow): SeriesName => ({
  farm: decodeName(tags.farm ?? ''),
  field: decodeName(tags.field ?? ''),
  device: decodeName(tags.device ?? ''),
  quantity: quantityOf(decodeName(name)),
  depthCm: depthFromTag(tags.depth),
})

/** Rows of `rolledQuery` with instants instead of day numbers. */
export const withDayInstants = (row: InfluxRow): InfluxRow => ({
  ...row,
  values: row.values.map(([number, ...floats]) => [dayStartMs(number as number), ...floats]),
})

/** The value for a flag: a missing reading may have had a number before it was replaced. */
export const valueOf = (v: number | string | null | undefined, flag: number): number | null =>
  flag === 9 || v === undefined ? null : (v as number | null)
