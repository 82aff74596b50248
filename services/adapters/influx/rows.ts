/** What an answer of InfluxDB says, in the words of the port. Pure. */
import type { SeriesName } from '../readings.ts'
import type { InfluxRow } from './client.ts'
import { decodeName, depthFromTag } from './names.ts'

/** A series of an answer by its own name. */
export const nameOf = ({ name, tags }: InfluxRow): SeriesName => ({
  farm: decodeName(tags.farm ?? ''),
  field: decodeName(tags.field ?? ''),
  device: decodeName(tags.device ?? ''),
  quantity: decodeName(name),
  depthCm: depthFromTag(tags.depth),
})

/** The value that belongs to a flag: a missing reading may have had a number before it was replaced. */
export const valueOf = (v: number | string | null | undefined, flag: number): number | null =>
  flag === 9 || v === undefined ? null : (v as number | null)
