/**
 * The ports: what modules need from the outside, in the terms of the farm. Here are those that most modules use: state, series,
 * bus, log, jobs; the others are in ports/, by subject. Each has one suite in test/ports that every adapter passes. Modules
 * communicate through the stores and the bus only.
 */
import type { Kysely } from 'kysely'
import type { AtMs, Clock } from '../broker/contract/time.ts'
import type { Flag, Origin } from '../broker/contract/quantities.ts'
import type { Tables } from './tables.ts'

export type { Clock }

/** Farms, fields, zones, devices, seasons, plans, commands, records: rows, with the same queries for every adapter. */
export type State = Kysely<Tables>

/** One quantity of one message, with its time and place. */
export interface Reading {
  org: string
  farm: string
  field: string // '-' while the device belongs to no field
  device: string
  quantity: string // a name of quantities.ts, with its instance if it has one
  depthCm: number | null
  atMs: AtMs
  value: number | null // null: the sensor gave no value (flag 9)
  flag: Flag
  origin: Origin
}

export interface SeriesQuery {
  org: string
  /** exact, `trap.count/*` for every instance, or any of several exact ones */
  quantity: string | readonly string[]
  fromMs: AtMs // inclusive
  toMs: AtMs // exclusive
  farm?: string
  field?: string
  /** any of these */
  fields?: readonly string[]
  device?: string
  depthCm?: number | null
}

export type RolledQuery = SeriesQuery & { step: 'hour' | 'day' }

/** Readings as columns, in time order; a null value is a gap. */
export interface Series {
  farm: string
  field: string
  device: string
  quantity: string
  depthCm: number | null
  atMs: number[]
  value: (number | null)[]
  flag: Flag[]
}

/** Roll-ups as columns: one entry per bucket with at least one usable reading (flag 1 or 2). */
export interface RolledSeries {
  farm: string
  field: string
  device: string
  quantity: string
  depthCm: number | null
  atMs: number[] // start of the bucket
  mean: number[]
  min: number[]
  max: number[]
  first: number[]
  last: number[]
  count: number[]
}

/** The means alone, which a chart draws. */
export type MeanSeries = Omit<RolledSeries, 'min' | 'max' | 'first' | 'last' | 'count'>

/** Summary of a span of days, from readings with flag 1 or 2. */
export interface SeriesSummary {
  farm: string
  field: string
  device: string
  quantity: string
  depthCm: number | null
  days: number // UTC days with at least one reading
  count: number
  mean: number
  min: number
  max: number
}

export interface Latest {
  farm: string
  field: string
  device: string
  quantity: string
  depthCm: number | null
  atMs: AtMs
  value: number | null
  flag: Flag
}

/**
 * Time series of a farm. Writes are idempotent on (org, device, quantity, depth, atMs): storing the same reading
 * twice stores one.
 */
export interface SeriesStore {
  /**
   * Durable when it resolves. STORE_UNAVAILABLE: nothing is lost, retry. STORE_REFUSED: these readings can never be
   * stored.
   */
  append(readings: readonly Reading[]): Promise<void>
  /** Raw readings, at most `limit` per series (default 100,000), earliest first. */
  range(query: SeriesQuery & { limit?: number }): Promise<Series[]>
  /** Hours (UTC) or days (UTC) of readings with flag 1 or 2, from the roll-ups where they exist. */
  rolled(query: RolledQuery): Promise<RolledSeries[]>
  /** As `rolled`, with the means alone, which a store may read faster. */
  means(query: RolledQuery): Promise<MeanSeries[]>
  /** One summary per series over all UTC days that overlap the span; a series without a usable reading is left out. */
  summaries(query: SeriesQuery): Promise<SeriesSummary[]>
  /** The newest reading of each series with flag 1 to 3, of one organisation, optionally of one field or device. */
  latest(query: { org: string; field?: string; device?: string; sinceMs?: AtMs }): Promise<Latest[]>
  /** All readings of an organisation (or of one farm or field), in time order, for export. */
  stream(query: { org: string; farm?: string; field?: string }): AsyncIterable<Reading>
  /** Deletes permanently; returns the number of deleted readings, or null where the store does not count them. */
  erase(query: { org: string; farm?: string; field?: string }): Promise<number | null>
  /** Maintenance in small steps: roll-ups, hot to cold storage. Safe to call at any time. */
  maintain(nowMs: AtMs): Promise<void>
  isReady(): Promise<boolean>
  close(): Promise<void>
  /** absent for a store on another server */
  file?: StoreFile
}

/** A store in a database of this Tilth. It holds a copy of the manifest (config/store-manifest.ts). */
export interface StoreFile {
  /** of its file; null: it is on a server */
  path: string | null
  /** null: it has none */
  readCopy(): Promise<string | null>
  /** Durable when it resolves. */
  writeCopy(text: string): Promise<void>
  /** Grows with every change of it by this process. */
  changes(): number
  /** Writes the write-ahead log into the file, which is then complete by itself; without a file it does nothing. */
  compact(): Promise<void>
}

/** The part of the series store that a worker thread uses. */
export type SeriesReader = Pick<SeriesStore, 'summaries' | 'close'>

/** `isStop`: a STOP of a person. It is sent also when another engine may have taken over. */
export interface FromStop {
  isStop?: boolean
}

/** Publish and subscribe, QoS 1, over MQTT. Handlers are idempotent: QoS 1 repeats. */
export interface Bus {
  /** False: a retained message may reach no later subscriber, so nothing may rest on it. */
  keepsRetained: boolean
  publish(
    topic: string,
    payload: string | Uint8Array,
    options: { qos: 0 | 1; retain: boolean } & FromStop,
  ): Promise<void>
  /** The handler receives whether the message is a retained one. A handler that throws is logged, never fatal. */
  subscribe(filter: string, handle: (message: BusMessage) => void | Promise<void>): Promise<void>
  /** Resolves when every handler of the messages received so far is done. */
  settled(): Promise<void>
  isConnected(): boolean
  /** Called after each connection that follows: what was published meanwhile may have been missed. */
  onConnected(run: () => void): void
  close(): Promise<void>
}

export interface BusMessage {
  topic: string
  payload: Uint8Array
  retained: boolean
}

/** An event for dashboards: which rows changed, never the rows themselves. */
export interface ChangeEvent {
  event: 'reading' | 'command' | 'plan' | 'alert' | 'device' | 'field' | 'report'
  atMs: AtMs
  fields?: string[]
  id?: string // of a field 'set-up': its soil, area or season was corrected
  state?: string // of an ordered report
  share?: number // progress of a report, 0-1
}

export interface Logger {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** A module that runs until it is stopped. `stop` undoes everything. */
export interface Running {
  stop(): Promise<void>
}

/**
 * Work that is due at known instants. The runner keeps a row for each (job, instant), so that a job missed while the
 * process was down is caught up and none runs twice. `run` brings everything up to `dueAtMs`, so only the newest of
 * several missed instants is run.
 */
export interface Job {
  name: string
  /** The newest due instant at or before `nowMs`; null when the job is not due yet. */
  lastDue(nowMs: AtMs): Promise<AtMs | null> | AtMs | null
  /** 'stopped': the process ends before the job is complete; it stays due */
  run(dueAtMs: AtMs): Promise<void | 'stopped'>
}
