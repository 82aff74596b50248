/** The log of a field, newest first, as catalogue texts (message-keys.ts). */
import { addDays, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { AlertRow, FieldDayRow, IrrigationRow, RunRow, ScoutingCountRow } from '../../tables.ts'
import type { ApiKey } from '../http/message-keys.ts'
import type { FieldRecords } from '../records/record-queries.ts'
import type { RecordPhoto } from '../photos/photo-schemas.ts'
import type { FieldDetail } from './field-schemas.ts'
import { effectiveRainMm } from './effective-rain.ts'
import { rainSkipView } from './field-card-view.ts'
import { recordLines } from './record-lines-view.ts'

const MAX_LINES = 50
// less rain only wets the leaves
const MIN_RAIN_MM = 1

type Line = FieldDetail['log'][number]
type Params = Line['message']['params']

/** At most 50 lines. Rain is one line at the end of its day in `timeZone`, from 1 mm on. */
export function fieldLog(
  rows: FieldRecords & {
    irrigations: readonly IrrigationRow[]
    runs: readonly RunRow[]
    days: readonly Pick<FieldDayRow, 'day' | 'rainMm' | 'irrigationMm' | 'runoffMm' | 'deepPercolationMm'>[]
    alerts: readonly AlertRow[]
    sightings: readonly ScoutingCountRow[]
    notePhotos: ReadonlyMap<string, RecordPhoto[]> // by note
    timeZone: string
  },
): Line[] {
  const line = (atMs: AtMs, key: ApiKey, params: Params): Line => ({ atMs, message: { key, params } })
  const photosOf = (note: string): Pick<Line, 'photos'> => {
    const photos = rows.notePhotos.get(note)
    return photos ? { photos } : {}
  }
  const skipped = (run: RunRow): Line => {
    const condition = rainSkipView(run)
    if (condition?.key !== 'rain-fell') return line(run.startMs, 'log-skipped', { reason: run.endReason })
    const { mm, measuredMm, byMs } = condition
    return line(run.startMs, 'log-skipped-rain', { mm, measuredMm, byMs })
  }
  const lines = [
    ...recordLines(rows, rows.timeZone).map(({ atMs, day, message }): Line => {
      return day === null ? { atMs, message } : { atMs, day, message }
    }),
    ...rows.runs.filter(({ state }) => state === 'skipped').map((run) => skipped(run)),
    ...rows.days
      .filter(({ rainMm }) => rainMm !== null && rainMm >= MIN_RAIN_MM)
      .map((day): Line => {
        const params = { mm: day.rainMm, countedMm: effectiveRainMm(day) }
        const dayEndMs = startOfDay(addDays(day.day, 1), rows.timeZone)
        return { ...line(dayEndMs - 1, 'log-rain', params), day: day.day }
      }),
    ...rows.sightings.map(({ id, kind, atMs, subject, count, text }) =>
      kind === 'note'
        ? { ...line(atMs, 'log-note', { text }), ...photosOf(id) }
        : line(atMs, kind === 'trap' ? 'log-counted-trap' : 'log-counted-plants', { subject, count }),
    ),
    ...rows.alerts.map((alert) => line(alert.sinceMs, 'log-alert', { cause: alert.cause })),
  ]
  return lines.sort((a, b) => b.atMs - a.atMs).slice(0, MAX_LINES)
}
