/** The InfluxQL queries of the series store. Pure. Every identifier is quoted. */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { SeriesQuery } from '../../ports.ts'
import { instancePrefix } from '../readings.ts'
import {
  rollUpMeasurement,
  depthTag,
  encodeName,
  identifier,
  prefixPattern,
  QUANTITIES,
  textLiteral,
} from './names.ts'

export const stepMs = { hour: HOUR_MS, day: DAY_MS } as const
const influxStep = { hour: '1h', day: '1d' } as const
const BY_SERIES = 'GROUP BY "farm", "field", "device", "depth"'

/** InfluxDB stores time as 64-bit ns: the latest instant is in the year 2261. */
const END_OF_TIME_MS = 9_200_000_000_000

export interface Tags {
  org: string
  farm?: string | undefined
  field?: string | undefined
  fields?: readonly string[] | undefined
  device?: string | undefined
  depthCm?: number | null | undefined
}

/** Raw readings, at most `limit` per series. */
export function rangeQuery(query: SeriesQuery & { limit: number }): string {
  const conditions = [...tagConditions(query), ...timeConditions(query.fromMs, query.toMs)]
  return `SELECT "v", "qc" FROM ${measurements(query.quantity)} WHERE ${conditions.join(' AND ')} ${BY_SERIES} LIMIT ${query.limit}`
}

/** Buckets from usable readings; both instants must lie on the step. */
export const countedQuery = (query: SeriesQuery & { step: 'hour' | 'day' }): string =>
  counted(query, query.step, ['mean', 'min', 'max', 'first', 'last', 'count'])

/** Days for a summary, without first and last, which would take a third of InfluxDB's time. */
export const countedDaysQuery = (query: SeriesQuery): string =>
  counted(query, 'day', ['mean', 'min', 'max', 'count'])

function counted(query: SeriesQuery, step: 'hour' | 'day', aggregates: readonly string[]): string {
  const select = aggregates.map((name) => `${name}("v") AS "${name}"`).join(', ')
  const conditions = [...tagConditions(query), ...timeConditions(query.fromMs, query.toMs), '"qc" <= 2']
  return (
    `SELECT ${select} FROM ${measurements(query.quantity)} WHERE ${conditions.join(' AND ')} ` +
    `GROUP BY time(${influxStep[step]}), "farm", "field", "device", "depth" fill(none)`
  )
}

/**
 * The roll-up of a day is stored at as many ms after 1970 as days passed. InfluxDB splits time into shards, of a week
 * by default, and a query costs every series in every shard it touches: this way one shard holds all days.
 */
export const dayNumber = (dayMs: AtMs): number => dayMs / DAY_MS
/** Reverses `dayNumber`: the start of the UTC day. */
export const dayStartMs = (number: number): AtMs => number * DAY_MS

/**
 * Rolled days; both instants must lie on a day. `time` is the number of the day since 1970 (`dayNumber`). A day whose
 * readings were all rejected later has a count of 0 (roll-ups.ts).
 */
export function rolledQuery(query: SeriesQuery): string {
  const conditions = [
    ...tagConditions(query),
    ...timeConditions(dayNumber(query.fromMs), dayNumber(query.toMs)),
  ]
  const from = measurements(query.quantity, rollUpMeasurement)
  return `SELECT "mean", "min", "max", "first", "last", "count" FROM ${from} WHERE ${conditions.join(' AND ')} ${BY_SERIES}`
}

/** Rolled days summed; both instants must lie on a day. A day without readings adds nothing (roll-ups.ts). */
export function summaryQuery(query: SeriesQuery): string {
  const conditions = [
    ...tagConditions(query),
    ...timeConditions(dayNumber(query.fromMs), dayNumber(query.toMs)),
  ]
  return (
    'SELECT sum("days") AS "days", sum("count") AS "count", sum("sum") AS "sum", min("min") AS "min", max("max") AS "max" ' +
    `FROM ${measurements(query.quantity, rollUpMeasurement)} WHERE ${conditions.join(' AND ')} ${BY_SERIES}`
  )
}

/** Until which day each quantity of each organisation is rolled, and which earlier days have changed since. */
export const UNTIL_QUERY = 'SELECT "until" FROM "~until" GROUP BY "org", "quantity"'
export const DUE_QUERY = 'SELECT "due" FROM "~due" WHERE "due" = 1 GROUP BY "org", "quantity"'
/** The quantities of each organisation. */
export const QUANTITIES_QUERY = `SHOW TAG VALUES FROM ${QUANTITIES} WITH KEY = "org"`

/** The instant of the newest reading of each series, whatever its flag: InfluxDB answers this from its block index. */
export function headsQuery(tags: Tags, devices: readonly string[] = []): string {
  const conditions = [
    ...tagConditions(tags),
    ...deviceConditions(devices),
    ...timeConditions(0, END_OF_TIME_MS),
  ]
  return `SELECT last("qc") AS "qc" FROM ${QUANTITIES} WHERE ${conditions.join(' AND ')} ${BY_SERIES}`
}

/** The newest reading of each series with flag 1 to 3, from an instant on. */
export function latestQuery(tags: Tags, fromMs: AtMs, devices: readonly string[] = []): string {
  const conditions = [
    ...tagConditions(tags),
    ...deviceConditions(devices),
    ...timeConditions(fromMs, END_OF_TIME_MS),
    '"qc" <= 3',
  ]
  return `SELECT last("qc") AS "qc", "v" FROM ${QUANTITIES} WHERE ${conditions.join(' AND ')} ${BY_SERIES}`
}

/** The first reading of each quantity, or of one, from an instant on. */
export function firstQuery(tags: Tags, fromMs: AtMs, quantity?: string): string {
  const from = quantity === undefined ? QUANTITIES : identifier(quantity)
  return `SELECT first("qc") FROM ${from} WHERE ${[...tagConditions(tags), ...timeConditions(fromMs, END_OF_TIME_MS)].join(' AND ')}`
}

/** The places under which readings of one device and quantity are stored. */
export function placedQuery(query: SeriesQuery): string {
  const conditions = [...tagConditions(query), ...timeConditions(query.fromMs, query.toMs)]
  return `SELECT "qc" FROM ${measurements(query.quantity)} WHERE ${conditions.join(' AND ')} ${BY_SERIES}`
}

/** All readings in a time window. */
export function windowQuery(tags: Tags, fromMs: AtMs, toMs: AtMs): string {
  const conditions = [...tagConditions(tags), ...timeConditions(fromMs, toMs)]
  return `SELECT "v", "qc", "origin" FROM ${QUANTITIES} WHERE ${conditions.join(' AND ')} ${BY_SERIES}`
}

const NO_MEASUREMENT = '/^$/'

/** `name`: of the measurement of a quantity. */
const measurements = (
  quantity: SeriesQuery['quantity'],
  name: (quantity: string) => string = (quantity) => quantity,
): string => {
  if (typeof quantity === 'object' && quantity.length === 0) return NO_MEASUREMENT
  if (typeof quantity === 'object') return quantity.map((each) => identifier(name(each))).join(', ')
  const prefix = instancePrefix(quantity)
  return prefix === null ? identifier(name(quantity)) : prefixPattern(name(prefix))
}

const timeConditions = (fromMs: AtMs, toMs: AtMs): string[] => [
  `time >= ${Math.max(0, Math.ceil(fromMs))}ms`,
  `time < ${Math.min(END_OF_TIME_MS, Math.max(0, Math.ceil(toMs)))}ms`,
]

const deviceConditions = (devices: readonly string[]): string[] =>
  devices.length === 0 ? [] : [`(${devices.map((name) => `"device" = ${textLiteral(name)}`).join(' OR ')})`]

function tagConditions(tags: Tags): string[] {
  const conditions = [`"org" = ${textLiteral(tags.org)}`]
  for (const name of ['farm', 'field', 'device'] as const)
    if (tags[name] !== undefined) conditions.push(`"${name}" = ${textLiteral(tags[name])}`)
  // every reading has a field: the empty one matches none, as an empty list does
  if (tags.fields !== undefined)
    conditions.push(`(${['', ...tags.fields].map((id) => `"field" = ${textLiteral(id)}`).join(' OR ')})`)
  // a missing tag compares as the empty text
  if (tags.depthCm !== undefined) conditions.push(`"depth" = '${depthTag(tags.depthCm) ?? ''}'`)
  return conditions
}

/** `DROP SERIES` deletes the readings and their index entries. */
export const dropStatement = (tags: Tags): string =>
  `DROP SERIES FROM /.*/ WHERE ${tagConditions(tags).join(' AND ')}`

/** The predicate of /api/v2/delete. */
export function deletePredicate(tags: { org: string; farm?: string; field?: string }): string {
  const quoted = (name: string) => `"${encodeName(name).replaceAll('"', '\\"')}"`
  return (['org', 'farm', 'field'] as const)
    .flatMap((name) => (tags[name] === undefined ? [] : [`${name}=${quoted(tags[name])}`]))
    .join(' AND ')
}
