/**
 * The ports: what a module may ask of the world, in the words of the farm. Each has one suite in test/ports that
 * every adapter passes. Modules meet only through the stores and the bus.
 */
import type { Kysely } from 'kysely'
import type { AtMs, Clock, Day } from '../broker/contract/time.ts'
import type { Flag, Origin } from '../broker/contract/quantities.ts'
import type { Tables } from './tables.ts'

export type { Clock }

/** Farms, fields, zones, devices, seasons, plans, commands, records: rows, through the same queries everywhere. */
export type State = Kysely<Tables>

/** One quantity of one message, placed in time and space. */
export interface Reading {
  org: string
  farm: string
  field: string // '-' while the device stands in no field
  device: string
  quantity: string // a name of quantities.ts, with its instance if it has one
  depthCm: number | null
  atMs: AtMs
  value: number | null // null: the sensor gave nothing (flag 9)
  flag: Flag
  origin: Origin
}

export interface SeriesQuery {
  org: string
  quantity: string // exact, or 'trap.count/*' for every instance
  fromMs: AtMs // inclusive
  toMs: AtMs // exclusive
  farm?: string
  field?: string
  device?: string
  depthCm?: number | null
}

/** Readings as columns, in time order; null is a gap that stays a gap. */
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

/** Roll-ups as columns: one entry a bucket that holds at least one usable reading (flag 1 or 2). */
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

/** What a span of days amounts to, of readings with flag 1 or 2. */
export interface SeriesSummary {
  farm: string
  field: string
  device: string
  quantity: string
  depthCm: number | null
  days: number // UTC days that hold at least one
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

/** Time series of a farm. Writes are idempotent on (org, device, quantity, depth, atMs): the same reading twice is one. */
export interface SeriesStore {
  /** Durable when it resolves. STORE_UNAVAILABLE: nothing is lost, try again. STORE_REFUSED: these readings will never fit. */
  append(readings: readonly Reading[]): Promise<void>
  /** Raw readings, at most `limit` a series (default 100,000), earliest first. */
  range(query: SeriesQuery & { limit?: number }): Promise<Series[]>
  /** Hours (UTC) or days (UTC) of readings with flag 1 or 2, from the roll-ups where they exist. */
  rolled(query: SeriesQuery & { step: 'hour' | 'day' }): Promise<RolledSeries[]>
  /** One figure a series for all UTC days that overlap the span; a series without a usable reading is left out. */
  summaries(query: SeriesQuery): Promise<SeriesSummary[]>
  /** The newest reading of each series with flag 1 to 3, of one organisation, optionally of one field or device. */
  latest(query: { org: string; field?: string; device?: string; sinceMs?: AtMs }): Promise<Latest[]>
  /** Everything of an organisation (or of one farm, field or device of it), in time order, for export. */
  stream(query: { org: string; farm?: string; field?: string }): AsyncIterable<Reading>
  /** Erases for good; gives how many readings were erased, or null where the store cannot tell. */
  erase(query: { org: string; farm?: string; field?: string }): Promise<number | null>
  /** Housekeeping in small steps: roll-ups, hot to cold. Safe to call at any time. */
  maintain(nowMs: AtMs): Promise<void>
  isReady(): Promise<boolean>
  close(): Promise<void>
}

/** What a thread of its own asks of the series. */
export type SeriesReader = Pick<SeriesStore, 'summaries' | 'close'>

/** One message that was acknowledged, as the journal of the broker keeps it. */
export interface JournalRecord {
  seq: number
  receivedMs: AtMs
  org: string
  device: string
  payload: Uint8Array
  replayedMs: AtMs | null // when a person put it back from the dead letters; null for what came from a device
}

/** A message that can never be stored, kept with its reason for a person to see and replay. */
export interface DeadLetter {
  id: number
  receivedMs: AtMs
  org: string
  device: string
  topic: string
  reason: string
  payload: Uint8Array // cut to 64 KiB
  bytes: number // what came
}

/** What the services may ask of the broker's journal. PUBACK was sent after `append` was on disk. */
export interface Journal {
  /** In order, after `afterSeq`. */
  read(afterSeq: number, limit: number): JournalRecord[]
  /** Called soon after each commit, with the highest sequence number on disk. */
  onCommit(run: (headSeq: number) => void): () => void
  head(): number
  /** How far a reader has come (0 at first). */
  cursor(reader: string): number
  /** Moves the cursor and keeps the reader's notes (key -> text, replaced) in one transaction. */
  checkpoint(reader: string, seq: number, notes: Iterable<readonly [key: string, text: string]>): void
  notes(reader: string): Map<string, string>
  /** Drops records that every reader has passed, in small steps. */
  trim(): void
  deadLetter(letter: Omit<DeadLetter, 'id'>): Promise<void>
  deadLetters(query: {
    org?: string
    reason?: string
    afterId?: number
    limit?: number
    payloadBytes?: number
  }): DeadLetter[]
  /** The letters of an organisation by reason, the newest first. */
  deadLetterGroups(
    org: string,
  ): { reason: string; letters: number; devices: number; newestId: number; newestMs: AtMs }[]
  countDeadLetters(): number
  /** Throws one away; false when there is none of that id in the organisation. */
  discard(id: number, org: string): Promise<boolean>
  /** Throws away those for a reason, up to one that a person has seen; how many. */
  discardAll(query: { org: string; reason: string; upToId: number }): Promise<number>
  /** Puts a dead letter back at the end of the journal; false when there is none of that id in the organisation. */
  replay(id: number, org: string): Promise<boolean>
  /**
   * The same of the letters of an organisation, of one device, or for one reason, some thousands at a call; `left`: not kept whole, so they
   * stay; `nextAfterId`: from where to go on, null when that were all.
   */
  replayAll(query: {
    org: string
    device?: string
    reason?: string
    afterId?: number
  }): Promise<{ replayed: number; left: number; nextAfterId: number | null }>
  /** Erases for good what it holds of devices and every reader has passed: records, notes `org/device`, dead letters. */
  erase(org: string, devices: readonly string[]): Promise<void>
  /** Called when a device has been erased: what is remembered of it must go too. */
  onErase(run: (org: string, device: string) => void): () => void
  /** How long the oldest record that a reader has not passed has been waiting, ms; 0 when it has passed all. */
  lagMs(reader: string): number
  /** How full the place is where it lies, 0 to 1, and what follows from that. */
  capacity(): { level: 'ok' | 'warning' | 'degraded' | 'full'; fill: number }
}

/** Publish and subscribe, QoS 1, over MQTT. Handlers are idempotent: QoS 1 repeats. */
export interface Bus {
  publish(topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }): Promise<void>
  /** The handler is told whether the message was a retained one. A handler that throws is logged, never fatal. */
  subscribe(filter: string, heard: (message: BusMessage) => void | Promise<void>): Promise<void>
  /** Resolves when every handler of what has arrived so far is done. */
  settled(): Promise<void>
  isConnected(): boolean
  close(): Promise<void>
}
export interface BusMessage {
  topic: string
  payload: Uint8Array
  retained: boolean
}

/** One day ahead. Ranges are the 10 % and 90 % quantiles; null where the provider cannot say. */
export interface ForecastDay {
  day: Day
  tempMinC: number
  tempMaxC: number
  rainMm: { lo: number; mid: number; hi: number }
  rainChance?: number | null // 0-1, of any rain at all on that day
  et0Mm: number | null
  windMps: number | null // at 2 m, the day's mean
}
/** One hour ahead; null where the provider cannot say. */
export interface ForecastHour {
  atMs: AtMs // its start
  tempC: number | null
  humidityPct: number | null
  rainMm: number | null // falls within it
  rainChance: number | null // 0-1
  windMps: number | null // at 2 m
  gustMps: number | null // at 10 m, the highest within it
  radiationWm2: number | null // mean
  cloud: number | null // share of the sky, 0-1
}
export interface ForecastResponse {
  source: string // 'climatology' or the provider's name
  issuedMs: AtMs
  days: ForecastDay[]
  /** in time order, from the hour of the first day on; absent where nobody says what an hour brings */
  hours?: ForecastHour[]
}

/** What the weather may do. Never credited to a measured balance. */
export interface Forecast {
  /** Up to 10 days from `fromDay`; null when nothing can be said. Never throws for a provider that is away. */
  daily(farm: { org: string; farm: string }, fromDay: Day, days: number): Promise<ForecastResponse | null>
}

/** What an event tells the phones: which rows changed, never the rows themselves. */
export interface ChangeEvent {
  event: 'reading' | 'cmd' | 'plan' | 'alert' | 'device' | 'field' | 'report'
  atMs: AtMs
  fields?: string[]
  id?: string // of a field 'set-up': its soil, area or season was put right
  state?: string // of a report that was ordered
  share?: number // how far it is, 0-1
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
 * process was down is caught up and none runs twice. A job answers for its own past: `run` brings everything up to
 * `dueAtMs`, so only the newest of several missed instants is run.
 */
export interface Job {
  name: string
  /** The newest instant at or before `nowMs` at which the job is due; null when it is not due yet. */
  lastDue(nowMs: AtMs): Promise<AtMs | null> | AtMs | null
  run(dueAtMs: AtMs): Promise<void>
}
