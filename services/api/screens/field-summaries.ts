/** The fields of an organisation in few words, for other systems: the same cards, valves and alerts as on the screens. */
import { flags } from '../../../broker/contract/quantities.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { FieldSummary, ValveSummary } from '../../domain/field-summary.ts'
import type { Latest, SeriesStore, State } from '../../ports.ts'
import type { ZoneRow } from '../../tables.ts'
import { readFields, type FieldRows } from '../farms/field-queries.ts'
import { readReportedValves, type ReportedValve } from '../farms/reported-valve-queries.ts'
import { zoneView } from '../farms/zone-view.ts'
import { orDefaultAfter } from '../http/with-timeout.ts'
import { fieldsOf } from './alert-view.ts'
import { fieldCard } from './field-card-view.ts'

// a field is summarised without its moisture rather than late
const SERIES_TIMEOUT_MS = 5_000
const MOISTURE = 'soil.moisture'

/** All current fields of an organisation. `heartbeatMs`: the interval of an idle controller. */
export async function readFieldSummaries(
  { state, series }: { state: State; series: Pick<SeriesStore, 'latest'> },
  org: string,
  { nowMs, heartbeatMs }: { nowMs: AtMs; heartbeatMs: number },
): Promise<FieldSummary[]> {
  const [fields, zones, valveStates, alerts, latest] = await Promise.all([
    readFields(state, org, nowMs),
    state.selectFrom('zone').selectAll().where('org', '=', org).orderBy('name').execute(),
    readReportedValves(state, org),
    state
      .selectFrom('alert')
      .selectAll()
      .where('org', '=', org)
      .where('clearedMs', 'is', null)
      .where('severity', '=', 'act')
      .execute(),
    orDefaultAfter(series.latest({ org }), [], SERIES_TIMEOUT_MS),
  ])
  const withProblem = new Set(alerts.flatMap((alert) => fieldsOf(alert, zones)))
  return fields.map((rows) =>
    fieldSummary(rows, {
      valves: zones
        .filter(({ fieldId }) => fieldId === rows.field.id)
        .flatMap((zone) => valveSummary(zone, valveStates, { nowMs, heartbeatMs })),
      hasProblem: withProblem.has(rows.field.id),
      latest: latest.filter(({ field }) => field === rows.field.id),
      nowMs,
    }),
  )
}

function fieldSummary(
  rows: FieldRows,
  {
    valves,
    hasProblem,
    latest,
    nowMs,
  }: { valves: ValveSummary[]; hasProblem: boolean; latest: readonly Latest[]; nowMs: AtMs },
): FieldSummary {
  const { id, name, farmName, kind, crop, areaM2, status, water, level, next } = fieldCard(rows, nowMs)
  return {
    id,
    name,
    farmName,
    kind,
    crop,
    areaM2,
    timeZone: rows.farm.timeZone,
    status,
    waterLeftMm: water === null || water.fresh === 'lost' ? null : water.leftMm,
    levelMm: level === null || level.fresh === 'lost' ? null : level.v,
    nextRun: next && { atMs: next.atMs, mm: next.mm, minutes: next.minutes },
    hasProblem,
    moisture: latest.flatMap(({ device, quantity, depthCm, atMs, value, flag }) =>
      quantity === MOISTURE && value !== null && flag <= flags.notEvaluated
        ? [{ deviceId: device, depthCm, percent: value, atMs }]
        : [],
    ),
    valves,
  }
}

function valveSummary(
  zone: ZoneRow,
  valveStates: readonly ReportedValve[],
  { nowMs, heartbeatMs }: { nowMs: AtMs; heartbeatMs: number },
): ValveSummary[] {
  const { id, name, controllerId, valve } = zone
  if (controllerId === null || valve === null) return []
  const row = valveStates.find((state) => state.deviceId === controllerId && state.valve === valve) ?? null
  const { position, maxMinutes } = zoneView(zone, row, nowMs, heartbeatMs)
  return [
    {
      zoneId: id,
      zoneName: name,
      controllerId,
      valve,
      position: position === 'open' || position === 'closed' ? position : null,
      maxMinutes,
    },
  ]
}
