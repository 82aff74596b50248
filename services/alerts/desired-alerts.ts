/** An alert as it should be now; the alert store makes the rows match. */
import type { AlertRow } from '../tables.ts'

/** Catalogue keys of the alerts that this module raises and clears. */
export const managedCauses = [
  'device-silent',
  'farm-silent', // `n` of `of` devices of `farm` stopped at the same time
  'devices-silent', // the same, for several farms or none
  'integration-silent', // the same, for every device of the integration `name`, which may be connected; `integration`
  'never-seen',
  'devices-never-seen', // `n` of them
  'battery-low', // `v`, or `percent`
  'battery-low-forecast', // low between `fromDay` and `toDay`
  'device-leak', // the device reports it itself, as the next
  'device-tamper',
  'broker-unreachable', // the external broker of BUS
  'engine-away', // raised by a node that serves pages only (app/engine-watch.ts), while no engine is at work
  'integration-down', // `name`; `integration`: no connection to it
  'ingest-backlog', // in the journal, not in the series
  'disk-filling', // `percent`
  'disk-nearly-full', // `percent`, and `dropped`: dropped diagnostics and log lines
  'disk-full',
  'backup-overdue', // none in BACKUP_DIR for two days
  'data-lost', // of the `store`: the person who started the server accepted it
  'frost-ahead', // `tempC` at `atMs`; this one and those below have `farm`, `farmId`
  'storm-ahead', // `rainMm` of a day, `gustMps`: null where the value is not critical
  'pest-window', // `pest` in `n` fields, `fromDay`, `toDay`
  'crop-frost', // `field`, `day`, `tempC`: the night has ended its crop
  'irrigation-needed', // `n` of them need water or an approval
] as const
/** Whether the alert comes from a forecast for a farm. */
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
