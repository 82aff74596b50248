/** What the stores need every ten minutes: roll-ups, and the end of what is kept for a time only. */
import { MINUTE_MS } from '../../broker/contract/time.ts'
import { dropExpiredStored } from '../ingest/foreign/stored-messages.ts'
import { dropExpiredUnassigned } from '../ingest/foreign/unassigned-messages.ts'
import type { Job, SeriesStore, State } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'
import type { createReportService } from '../report/jobs/report-service.ts'

const EVERY_MS = 10 * MINUTE_MS

/** The job `maintenance`; safe to repeat. */
export const maintenanceJob = (deps: {
  series: Pick<SeriesStore, 'maintain'>
  state: State
  journal: Pick<Journal, 'trim'>
  reports: Pick<ReturnType<typeof createReportService>, 'orders'>
}): Job => ({
  name: 'maintenance',
  lastDue: (nowMs) => Math.floor(nowMs / EVERY_MS) * EVERY_MS,
  run: async (dueAtMs) => {
    await deps.series.maintain(dueAtMs)
    await dropExpiredUnassigned(deps.state, dueAtMs)
    await dropExpiredStored(deps.state, dueAtMs)
    deps.journal.trim()
    await deps.reports.orders.deleteExpired()
  },
})
