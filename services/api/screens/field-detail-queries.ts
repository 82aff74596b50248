/** Reads all data of one field over a span: rows from the state, columns from the series. */
import { flags, quantities, quantityOf } from '../../../broker/contract/quantities.ts'
import { addDays, dayOf, HOUR_MS, DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Latest, SeriesStore, State } from '../../ports.ts'
import { fieldsOf } from './alert-view.ts'
import { detailDayColumns, type FieldDetailRows } from './field-detail-view.ts'
import type { FieldRows } from '../farms/field-queries.ts'
import { readReportedValves } from '../farms/reported-valve-queries.ts'
import { probeSubject } from '../models/model-queries.ts'
import type { SensorRows } from './sensor-view.ts'
import { usableValues, type Columns } from '../http/downsample.ts'
import { readLiveCommands } from '../irrigation/command-queries.ts'
import { readPhotos } from '../photos/photo-queries.ts'
import { readRecords } from '../records/record-queries.ts'
import { readModels, readPredictions } from '../models/model-queries.ts'
import { readSeasonWater } from '../irrigation/season-water-queries.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { orDefaultAfter } from '../http/with-timeout.ts'

export type Step = 'raw' | 'hour' | 'day'
const stepMs = { hour: HOUR_MS, day: DAY_MS }
// a field is shown without charts rather than late
const SERIES_TIMEOUT_MS = 5_000
const DISEASE_DAYS = 14

interface Stores {
  state: State
  series: SeriesStore
}
interface SpanQuery {
  fromMs: AtMs
  nowMs: AtMs
  aheadMs: number
  step: Step
}

/**
 * `aheadMs`: how long after now runs are included. When the series store does not respond within 5 s, sensors, levels
 * and catches are empty and `isSeriesUnavailable` is true.
 */
export async function readFieldDetail(
  stores: Stores,
  field: FieldRows,
  span: SpanQuery,
): Promise<FieldDetailRows> {
  const { state } = stores
  const { id: fieldId, org } = field.field
  const { fromMs, nowMs } = span
  const tomorrow = addDays(dayOf(nowMs, field.farm.timeZone), 1)
  const dayBefore = addDays(dayOf(fromMs, field.farm.timeZone), -1)
  const ofField = { org, field: fieldId, fromMs, toMs: nowMs + 1 }
  const diseasesFrom = addDays(dayOf(nowMs, field.farm.timeZone), -DISEASE_DAYS)
  const [
    zones,
    valves,
    commands,
    days,
    irrigations,
    runs,
    degreeDayTrackers,
    alerts,
    diseaseDays,
    models,
    seasonWater,
    comparison,
    habit,
    sightings,
    records,
  ] = await Promise.all([
    state
      .selectFrom('zone')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', '=', fieldId)
      .orderBy('name')
      .execute(),
    readReportedValves(state, org),
    readLiveCommands(stores, org, nowMs, fieldId),
    state
      .selectFrom('fieldDay')
      .select(detailDayColumns)
      .where('fieldId', '=', fieldId)
      .where('day', '>=', dayBefore)
      .orderBy('day')
      .execute(),
    state
      .selectFrom('irrigation')
      .selectAll()
      .where('fieldId', '=', fieldId)
      .where('voidedAtMs', 'is', null)
      .where('commandedAtMs', '>=', fromMs)
      .orderBy('commandedAtMs')
      .execute(),
    state
      .selectFrom('run')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', '=', fieldId)
      .where('startMs', '>=', fromMs)
      .where('startMs', '<', nowMs + span.aheadMs)
      .orderBy('startMs')
      .execute(),
    state
      .selectFrom('degreeDayTracker')
      .selectAll()
      .where('fieldId', '=', fieldId)
      .orderBy('subject')
      .execute(),
    state
      .selectFrom('alert')
      .selectAll()
      .where('org', '=', org)
      .where(({ eb, or, selectFrom }) =>
        or([
          eb('fieldId', '=', fieldId),
          eb(
            'deviceId',
            'in',
            selectFrom('zone')
              .select('controllerId')
              .where('fieldId', '=', fieldId)
              .where('controllerId', 'is not', null)
              .$castTo<{ controllerId: string }>(),
          ),
        ]),
      )
      .where('sinceMs', '>=', fromMs)
      .execute(),
    state
      .selectFrom('diseaseDay')
      .selectAll()
      .where('fieldId', '=', fieldId)
      .where('day', '>=', diseasesFrom)
      .orderBy('day')
      .execute(),
    readModels(state, org, { field: field.field }),
    field.season && readSeasonWater(state, field.season),
    state.selectFrom('waterComparison').selectAll().where('fieldId', '=', fieldId).executeTakeFirst(),
    state.selectFrom('fixedSchedule').selectAll().where('fieldId', '=', fieldId).executeTakeFirst(),
    state
      .selectFrom('scoutingCount')
      .selectAll()
      .where('org', '=', org)
      .where('fieldId', '=', fieldId)
      .where('atMs', '>=', fromMs)
      .orderBy('atMs')
      .execute(),
    readRecords(state, fieldId, { fromMs, toMs: nowMs, fromDay: addDays(dayBefore, 1), toDay: tomorrow }),
  ])
  const isPaddy = field.field.kind === 'paddy'
  const charts = Promise.all([
    readSensors(stores, field, span),
    isPaddy ? readLevels(stores.series, ofField, span.step) : null,
    stores.series.range({ ...ofField, quantity: 'trap.count/*' }),
  ])
  const match = await orDefaultAfter(charts, null, SERIES_TIMEOUT_MS)
  const [sensors, levels, traps] = match ?? [[], null, []]
  const probes = sensors.map(({ device, depthCm }) => probeSubject(device, depthCm))
  return {
    field,
    zones: zones.map((zone) => ({
      zone,
      valve:
        valves.find(({ deviceId, valve }) => deviceId === zone.controllerId && valve === zone.valve) ?? null,
    })),
    commands,
    days,
    irrigations,
    runs,
    degreeDayTrackers,
    catches: traps.flatMap(({ quantity, atMs, value, flag }) =>
      atMs.flatMap((at, i) => {
        const count = value[i]
        const isUsable = count != null && (flag[i] ?? flags.missing) <= flags.notEvaluated
        return isUsable ? [{ subject: quantity.slice('trap.count/'.length), atMs: at, count }] : []
      }),
    ),
    sightings,
    notePhotos: await readPhotos(
      state,
      org,
      'note',
      sightings.flatMap(({ id, kind }) => (kind === 'note' ? id : [])),
    ),
    records,
    diseaseDays,
    seasonWater,
    comparison: comparison ?? null,
    habit: habit ?? null,
    models,
    predictions: await readPredictions(state, org, 'soil-moisture', probes, nowMs),
    sensors,
    levels,
    isSeriesUnavailable: match === null,
    alerts: alerts.filter((alert) => fieldsOf(alert, zones).includes(fieldId)),
  }
}

/** Every sensor in the field, and those of its weather station. */
async function readSensors(
  { state, series }: Stores,
  { field }: FieldRows,
  span: SpanQuery,
): Promise<SensorRows[]> {
  const { org } = field
  const [ownReadings, station] = await Promise.all([
    series.latest({ org, field: field.id }),
    field.stationId === null ? [] : series.latest({ org, device: field.stationId }),
  ])
  const gauges = [...ownReadings, ...station.filter((latest) => latest.field !== field.id)]
    .filter(({ quantity }) => quantityOf(quantity)?.kind === 'gauge')
    .sort(byPlace)
  if (gauges.length === 0) return []
  const ofSpan = { org, fromMs: span.fromMs, toMs: span.nowMs + 1 }
  const byDevice = groupBy(gauges, ({ device }) => device)
  const [devices, ...columnsByDevice] = await Promise.all([
    state
      .selectFrom('device')
      .select(['id', 'name', 'everyS'])
      .where('org', '=', org)
      .where('id', 'in', [...byDevice.keys()])
      .execute(),
    ...Array.from(byDevice, ([device, ofDevice]) => {
      const quantity = [...new Set(ofDevice.map((gauge) => gauge.quantity))]
      return readColumns(series, { ...ofSpan, device, quantity }, span.step)
    }),
  ])
  const byId = new Map(devices.map((device) => [device.id, device]))
  const columns = new Map(columnsByDevice.flat().map((column) => [seriesKey(column), column]))
  return gauges.map((gauge) => {
    const { quantity, device, depthCm, atMs, value, flag } = gauge
    const { name: deviceName, everyS } = byId.get(device) ?? { name: device, everyS: 20 * 60 }
    const every = everyS * 1000
    return {
      quantity,
      depthCm,
      device,
      deviceName,
      everyMs: every,
      stepMs: span.step === 'raw' ? every : Math.max(every, stepMs[span.step]),
      latest: { atMs, value, flag },
      series: columns.get(seriesKey(gauge)) ?? NO_COLUMNS,
    }
  })
}

type SeriesName = Pick<Latest, 'field' | 'device' | 'quantity' | 'depthCm'>

/** A device that was moved has a series in each of its fields. */
const seriesKey = ({ field, device, quantity, depthCm }: SeriesName): string =>
  [field, device, quantity, depthCm].join('\n')

const order = Object.keys(quantities)
const rank = (quantity: string): number => order.indexOf(quantity.split('/')[0]!)
const byPlace = (a: Latest, b: Latest): number =>
  rank(a.quantity) - rank(b.quantity) ||
  (a.depthCm ?? 0) - (b.depthCm ?? 0) ||
  (a.quantity + a.device < b.quantity + b.device ? -1 : 1)

async function readLevels(
  series: SeriesStore,
  ofField: { org: string; field: string; fromMs: AtMs; toMs: AtMs },
  step: Step,
): Promise<Columns> {
  const [level = NO_COLUMNS] = await readColumns(series, { ...ofField, quantity: 'water.level' }, step)
  return level
}

type ColumnQuery = Parameters<SeriesStore['range']>[0]

type NamedColumns = SeriesName & Columns
const NO_COLUMNS: Columns = { atMs: [], value: [] }

/** Usable values (flag 1 or 2) of each series as columns; a failed reading is a gap. */
async function readColumns(series: SeriesStore, query: ColumnQuery, step: Step): Promise<NamedColumns[]> {
  return step === 'raw'
    ? (await series.range(query)).map((match) => ({ ...match, value: usableValues(match) }))
    : (await series.means({ ...query, step })).map(({ mean, ...match }) => ({ ...match, value: mean }))
}
