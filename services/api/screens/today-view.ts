/** Today: every field by urgency, running commands, the next run, and alerts. */
import type { AlertRow } from '../../tables.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import { needsToday, watchedToday, type PestNeed } from '../../domain/needs-today.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Today } from './today-schemas.ts'
import { alertViews, type AlertPlace } from './alert-view.ts'
import { commandView, type CommandRows } from '../irrigation/command-view.ts'
import { skyView } from './weather-view.ts'
import { byUrgency, fieldCard } from './field-card-view.ts'
import { mostCommonTimeZone, type FieldRows } from '../farms/field-queries.ts'

export interface TodayRows {
  org: { id: string; name: string }
  fields: FieldRows[]
  pests: ReadonlyMap<string, readonly PestNeed[]>
  commands: CommandRows[]
  alerts: AlertRow[]
  zones: AlertPlace['zones']
  devices: AlertPlace['devices']
  unfinished: Today['unfinished']
  forecast: ForecastResponse | null
  spray: Today['spray']
  nowMs: AtMs
  speed: number
}

/**
 * `asOfMs`: the newest state of a field, 0 without one. Alerts that a field needs water are left out, since its card
 * shows it.
 */
export function todayView(rows: TodayRows): Today {
  const { org, zones, devices, nowMs, speed } = rows
  const fields = rows.fields
    .map((field) => fieldCard(field, nowMs, rows.pests.get(field.field.id)))
    .sort(byUrgency)
  const counts = { act: 0, soon: 0, ok: 0, wet: 0, unknown: 0 }
  for (const { status } of fields) counts[status]++
  const coming = fields
    .filter(({ next }) => next !== null)
    .sort((a, b) => a.next!.atMs - b.next!.atMs || (a.id < b.id ? -1 : 1))[0]
  const alerts = alertViews(
    // its fields are on the same page and show it themselves
    rows.alerts.filter(({ cause }) => !shownByFields.has(cause)),
    { fields: rows.fields.map(({ field }) => field), zones, devices },
  )
  const timeZone = mainTimeZone(rows.fields)
  const needs = needsToday(fields, alerts, timeZone)
  return {
    clock: { nowMs, speed },
    asOfMs: Math.max(0, ...rows.fields.map(({ state }) => state?.atMs ?? 0)),
    timeZone,
    org,
    counts,
    fields,
    running: rows.commands.map(commandView),
    nextRun: coming?.next ? { fieldId: coming.id, fieldName: coming.name, run: coming.next } : null,
    needs,
    watched: watchedToday(needs, fields, alerts),
    alerts,
    unfinished: rows.unfinished,
    forecast: rows.forecast && brief(rows.forecast),
    sky: skyView(rows.forecast, timeZone, nowMs),
    spray: rows.spray && rows.spray.map(({ fromMs, toMs, verdict }) => ({ fromMs, toMs, verdict })),
  }
}

const shownByFields = new Set(['irrigation-needed', 'crop-frost'])

/** The time zone of most fields; UTC before the first. */
export const mainTimeZone = (fields: readonly FieldRows[]): string =>
  mostCommonTimeZone(fields.map(({ farm }) => farm.timeZone))

/** The forecast as Today shows it, without its hours, which would outweigh the rest. */
const brief = ({ source, issuedMs, days }: ForecastResponse): NonNullable<Today['forecast']> => ({
  source,
  issuedMs,
  days: days.map(({ day, tempMinC, tempMaxC, rainMm, et0Mm }) => ({
    day,
    tempMinC,
    tempMaxC,
    rainMm,
    et0Mm,
  })),
})
