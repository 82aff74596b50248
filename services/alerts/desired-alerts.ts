/** An alert as it should stand now; the book makes the rows so. */
import type { AlertRow } from '../tables.ts'

/** Catalogue keys of what this module raises and clears. */
export const managedCauses = [
  'device-silent',
  'farm-silent', // `n` of `of` devices of `farm` stopped at one moment
  'devices-silent', // the same, of several farms or of none
  'never-seen',
  'devices-never-heard', // `n` of them
  'battery-low', // `v`
  'battery-ends', // low between `fromDay` and `toDay`
  'broker-unreachable', // the other broker of BUS
  'ingest-backlog', // in the journal, not in the series
  'disk-filling', // `percent`
  'disk-nearly-full', // `percent`, and `shed`: what was not kept of diagnostics
  'disk-full',
  'frost-ahead', // `tempC` at `atMs`; this one and those below of `farm`, `farmId`
  'storm-ahead', // `rainMm` of a day, `gustMps`: null where it is not that
  'pest-window', // `pest` in `n` fields, `fromDay`, `toDay`
  'irrigation-needed', // `n` of them want water or a yes to it
] as const
/** Of a farm, and not of what has happened. */
export const isForecastAlert = (cause: ManagedCause): boolean =>
  cause === 'frost-ahead' || cause === 'storm-ahead' || cause === 'pest-window'

export type ManagedCause = (typeof managedCauses)[number]

export interface DesiredAlert extends Pick<
  AlertRow,
  'org' | 'severity' | 'fieldId' | 'deviceId' | 'sinceMs'
> {
  cause: ManagedCause
  params: Record<string, string | number | null>
}
