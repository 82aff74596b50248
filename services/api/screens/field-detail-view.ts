/** One field over a span, from its rows and series. Pure. */
import { dayOf, startOfDay, DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { readAdviceWater, readDayNotes, readHeatNext, readSoilUsed } from '../../tables.ts'
import type {
  AdviceWater,
  AlertRow,
  WaterComparisonRow,
  DiseaseDayRow,
  FieldDayRow,
  FieldRow,
  FieldStateRow,
  FixedScheduleRow,
  DegreeDayTrackerRow,
  IrrigationRow,
  PredictionRow,
  RunRow,
  RunState,
  ScoutingCountRow,
  SoilUsed,
  ZoneRow,
} from '../../tables.ts'
import type { PestNeed } from '../../domain/needs-today.ts'
import type { FieldRecords } from '../records/record-queries.ts'
import type { SeasonWater } from '../irrigation/season-water-queries.ts'
import { isTextureDefault } from '../farms/soil-form.ts'
import type { FieldDetail, SoilLimit } from './field-schemas.ts'
import { commandView, type CommandRows } from '../irrigation/command-view.ts'
import { comparisonView } from '../irrigation/comparison-view.ts'
import { effectiveRainMm } from './effective-rain.ts'
import { diseaseViews } from './disease-view.ts'
import { stageBandMm, fieldCard } from './field-card-view.ts'
import type { FieldRows } from '../farms/field-queries.ts'
import { fieldLog } from './log-view.ts'

import type { NewestModel } from '../models/model-queries.ts'
import { modelBrief } from '../models/model-view.ts'
import { pestViews, type Catch } from './pest-view.ts'
import { sensorView, type SensorRows } from './sensor-view.ts'

import type { Columns } from '../http/downsample.ts'
import { waterChart } from './water-chart-view.ts'
import { waterYield } from './water-yield-view.ts'
import type { RecordPhoto } from '../photos/photo-schemas.ts'
import type { ReportedValve } from '../farms/reported-valve-queries.ts'
import { zoneView } from '../farms/zone-view.ts'

/** The columns of a day that the page of its field shows. */
export const detailDayColumns = [
  'day',
  'stage',
  'tawMm',
  'depletionMm',
  'depletionSdMm',
  'rainMm',
  'irrigationMm',
  'runoffMm',
  'deepPercolationMm',
  'notes',
] as const satisfies (keyof FieldDayRow)[]
export type DetailDay = Pick<FieldDayRow, (typeof detailDayColumns)[number]>

export interface FieldDetailRows {
  field: FieldRows
  zones: { zone: ZoneRow; valve: ReportedValve | null }[]
  commands: CommandRows[]
  days: DetailDay[] // in order, from the day before the span
  irrigations: IrrigationRow[] // in order
  runs: RunRow[] // of the span and ahead, in order
  degreeDayTrackers: DegreeDayTrackerRow[]
  catches: Catch[]
  sightings: ScoutingCountRow[] // of the span, in order
  notePhotos: Map<string, RecordPhoto[]> // by note
  records: FieldRecords // of the span
  diseaseDays: DiseaseDayRow[] // of the last fortnight, in order
  seasonWater: SeasonWater | null
  comparison?: WaterComparisonRow | null
  habit?: FixedScheduleRow | null
  models: NewestModel[]
  predictions: PredictionRow[]
  sensors: SensorRows[]
  levels: Columns | null // paddy
  /** the series store did not respond: sensors, levels and catches are unknown, not none */
  isSeriesUnavailable?: boolean
  alerts: AlertRow[]
}
export interface Span {
  fromMs: AtMs
  nowMs: AtMs
  aheadDays: number
  speed: number
  heartbeatMs: number
  pests: readonly PestNeed[] // due now
}

/**
 * A paddy has levels and its own chart in place of the water chart, and its span ends now. Water in mm, instants in
 * UTC epoch ms.
 */
export function fieldDetail(rows: FieldDetailRows, span: Span): FieldDetail {
  const { fromMs, nowMs } = span
  const { farm, season, state, field } = rows.field
  const { timeZone } = farm
  const isPaddy = field.kind === 'paddy'
  const days = rows.days.filter(({ day }) => day >= dayOf(fromMs, timeZone))
  const card = fieldCard(rows.field, nowMs, span.pests)
  return {
    clock: { nowMs, speed: span.speed },
    timeZone,
    field: card,
    variety: season?.variety ?? null,
    plantedDay: season?.plantedDay ?? null,
    zones: rows.zones.map(({ zone, valve }) => zoneView(zone, valve, nowMs, span.heartbeatMs)),
    running: rows.commands.map(commandView),
    fromMs,
    toMs: isPaddy ? nowMs : nowMs + span.aheadDays * DAY_MS,
    water: isPaddy
      ? null
      : waterChart({
          days: rows.days,
          state,
          compared: comparedWater(rows),
          timeZone,
          fromMs,
          nowMs,
          aheadDays: span.aheadDays,
        }),
    levels: isPaddy ? null : levels(rows),
    paddy: isPaddy ? paddyChart(rows, timeZone) : null,
    rain: rainBars(days, state, timeZone, nowMs),
    irrigation: irrigationBars(rows),
    heat: heatView(state),
    pests: pestViews(rows.degreeDayTrackers, [...rows.catches, ...isManual(rows.sightings)], timeZone),
    diseases: diseaseViews(rows.diseaseDays),
    soil: soilView(field, state),
    comparison: comparisonView(rows),
    waterYield: waterYield(season, rows.seasonWater),
    models: rows.models.map(modelBrief),
    sensors: rows.sensors.map((sensor) => sensorView(sensor, rows.predictions, nowMs)),
    ...(rows.isSeriesUnavailable === true ? { seriesUnavailable: true } : {}),
    notes: fieldNotes(days),
    log: fieldLog({ ...rows, ...rows.records, days, timeZone }),
  }
}

const isManual = (sightings: readonly ScoutingCountRow[]): Catch[] =>
  sightings.flatMap(({ kind, subject, atMs, count }) =>
    kind === 'trap' ? [{ subject: subject!, atMs, count: count! }] : [],
  )

/** The lines of the chart, as water above the wilting point, mm: full, and the limit of the decision. */
function levels(rows: FieldDetailRows): FieldDetail['levels'] {
  const compared = comparedWater(rows)
  return compared && { fullMm: compared.tawMm, refillMm: compared.tawMm - compared.ofMm }
}

const comparedWater = ({ field: { advice } }: FieldDetailRows): AdviceWater | null =>
  advice === null || advice.water === null ? null : readAdviceWater(advice.water)

function paddyChart({ levels, field, days }: FieldDetailRows, timeZone: string): FieldDetail['paddy'] {
  if (levels === null) return null
  const stages = new Map(days.map(({ day, stage }) => [day, stage]))
  const bands = levels.atMs.map((atMs) => {
    const day = dayOf(atMs, timeZone)
    return stageBandMm(field.season, day, stages.get(day) ?? field.state?.stage)
  })
  return {
    atMs: levels.atMs,
    levelMm: levels.value,
    targetLoMm: bands.map((band) => band?.[0] ?? null),
    targetHiMm: bands.map((band) => band?.[1] ?? null),
  }
}

/** Rain by day, when known; today's so far, before it is in the daily balance. */
function rainBars(
  days: readonly DetailDay[],
  state: FieldStateRow | null,
  timeZone: string,
  nowMs: AtMs,
): FieldDetail['rain'] {
  const bars = days
    .filter(({ rainMm }) => rainMm !== null)
    .map((day) => ({
      day: day.day,
      atMs: startOfDay(day.day, timeZone),
      mm: day.rainMm!,
      countedMm: effectiveRainMm(day),
    }))
  const today = dayOf(nowMs, timeZone)
  if (state?.rainTodayMm != null && dayOf(state.atMs, timeZone) === today && bars.at(-1)?.day !== today)
    bars.push({ day: today, atMs: startOfDay(today, timeZone), mm: state.rainTodayMm, countedMm: null })
  return bars
}

/** A run that may still give water. One that has ended without a record gave none, or was voided. */
const isAhead = (state: RunState): boolean =>
  state === 'proposed' || state === 'approved' || state === 'sent' || state === 'running'

/** Runs to come as planned, and water as confirmed by the valve and as metered; gross depth, mm. */
function irrigationBars({ irrigations, runs }: FieldDetailRows): FieldDetail['irrigation'] {
  const runById = new Map(runs.map((run) => [run.id, run]))
  const endedRuns = irrigations.map((row) => ({
    atMs: row.openedAtMs ?? row.commandedAtMs,
    runId: row.runId,
    plannedMm: runById.get(row.runId)?.grossMm ?? null,
    confirmedMm: row.volumeSource === 'unknown' ? null : row.grossMm,
    meteredMm: row.volumeSource === 'metered' ? row.grossMm : null,
    minutes: row.ranMs / 60_000,
    state: row.failure === null ? 'done' : 'failed',
  }))
  const existing = new Set(irrigations.map(({ runId }) => runId))
  const others = runs
    .filter(({ id, state }) => !existing.has(id) && isAhead(state))
    .map((run) => ({
      atMs: run.startMs,
      runId: run.id,
      plannedMm: run.grossMm,
      confirmedMm: null,
      meteredMm: null,
      minutes: run.minutes,
      state: run.state,
    }))
  return [...endedRuns, ...others].sort((a, b) => a.atMs - b.atMs)
}

/** The data quality notes of a span: each kind once, in its latest wording, with its number of days. Newest first. */
export function fieldNotes(days: readonly Pick<FieldDayRow, 'day' | 'notes'>[]): FieldDetail['notes'] {
  const match = new Map<string, FieldDetail['notes'][number]>()
  // most days have the notes of the day before
  const parsed = new Map<string, ReturnType<typeof readDayNotes>>()
  for (const { day, notes } of days) {
    const ofDay = parsed.get(notes) ?? readDayNotes(notes)
    parsed.set(notes, ofDay)
    for (const { key, params } of ofDay)
      match.set(key, { message: { key, params }, days: (match.get(key)?.days ?? 0) + 1, lastDay: day })
  }
  return [...match.values()].sort(
    (a, b) => (a.lastDay < b.lastDay ? 1 : a.lastDay > b.lastDay ? -1 : 0) || b.days - a.days,
  )
}

/** The soil limits of a field with the source of each: its texture, a person, or its probes. */
export function soilView(field: FieldRow, state: FieldStateRow | null): FieldDetail['soil'] {
  // no curve of a paddy depends on them
  if (field.kind === 'paddy' || state === null || state.soil === null) return null
  const used = readSoilUsed(state.soil)
  const view = (limit: keyof SoilUsed): SoilLimit => ({
    ...used[limit],
    from: used[limit].from === 'learned' ? 'learned' : isTextureDefault(field, limit) ? 'texture' : 'entered',
  })
  return { fieldCapacity: view('fieldCapacity'), wiltingPoint: view('wiltingPoint') }
}

/** The degree-days that count for the next stage; without one, those since planting. */
function heatView(state: FieldStateRow | null | undefined): FieldDetail['heat'] {
  if (state?.heatNext == null) return state?.heatSumCd == null ? null : { sumCd: state.heatSumCd, next: null }
  const { sumCd, ...next } = readHeatNext(state.heatNext)
  return { sumCd, next }
}
