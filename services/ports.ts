/**
 * The ports: what modules need from the outside, in the terms of the farm. Each has one suite in test/ports that
 * every adapter passes. Modules communicate through the stores and the bus only.
 */
import type { X509Certificate } from 'node:crypto'
import type { Kysely } from 'kysely'
import type {
  DeadLetter,
  DeadLetterGroup,
  DeadLetterQuery,
  JournalRecord,
} from '../broker/contract/journal.ts'
import type { AtMs, Clock, Day } from '../broker/contract/time.ts'
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
  quantity: string // exact, or 'trap.count/*' for every instance
  fromMs: AtMs // inclusive
  toMs: AtMs // exclusive
  farm?: string
  field?: string
  /** any of these */
  fields?: readonly string[]
  device?: string
  depthCm?: number | null
}

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
  rolled(query: SeriesQuery & { step: 'hour' | 'day' }): Promise<RolledSeries[]>
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

/** The journal of the broker as the services use it. PUBACK is sent after `append` is on disk. */
export interface Journal {
  /** In order, after `afterSeq`. */
  read(afterSeq: number, limit: number): JournalRecord[]
  /** Called soon after each commit, with the highest sequence number on disk. */
  onCommit(run: (headSeq: number) => void): () => void
  head(): number
  /** The position of a reader (initially 0). */
  cursor(reader: string): number
  /**
   * Moves the cursor and stores the notes of the reader (key -> text, replaced) in one transaction. Resolves when both
   * are on disk.
   */
  checkpoint(
    reader: string,
    seq: number,
    notes: Iterable<readonly [key: string, text: string]>,
  ): Promise<void>
  notes(reader: string): Map<string, string>
  /** Stores one note with the next commit, or deletes it (null). STORE_UNAVAILABLE: not stored. */
  putNote(reader: string, key: string, text: string | null): Promise<void>
  /** Drops records that every reader has passed, in small steps. */
  trim(): void
  /** Without `foreign` it is a message of the contract. */
  deadLetter(
    deadLetter: Omit<DeadLetter, 'id' | 'foreign'> & Partial<Pick<DeadLetter, 'foreign'>>,
  ): Promise<void>
  deadLetters(query: DeadLetterQuery): DeadLetter[]
  /** The dead letters of an organisation by reason, newest first. */
  deadLetterGroups(org: string): DeadLetterGroup[]
  countDeadLetters(): number
  /** Discards a dead letter; false when the organisation has none with that id. */
  discard(id: number, org: string): Promise<boolean>
  /** Discards the dead letters of a reason, up to one that a person has seen; returns how many. */
  discardAll(query: { org: string; reason: string; upToId: number }): Promise<number>
  /** Puts a dead letter back at the end of the journal; false when the organisation has none with that id. */
  replay(id: number, org: string): Promise<boolean>
  /**
   * Replays the dead letters of an organisation, of one device, of one reason, or of every reason that begins with
   * `reasonStart`, some thousands per call; `left`: truncated ones, which stay; `nextAfterId`: where to continue, null
   * at the end.
   */
  replayAll(query: {
    org: string
    device?: string
    reason?: string
    reasonStart?: string
    afterId?: number
  }): Promise<{ replayed: number; left: number; nextAfterId: number | null }>
  /**
   * Permanently deletes everything about devices and integrations that every reader has passed: records, notes `org/device`, dead
   * letters.
   */
  erase(org: string, devices: readonly string[]): Promise<void>
  /** Called when a device has been erased: caches of it must be dropped too. */
  onErase(run: (org: string, device: string) => void): () => void
  /** Age of the oldest record that a reader has not passed, ms; 0 when it has passed all. */
  lagMs(reader: string): number
  /** How full its storage is, 0 to 1, and the resulting level. */
  capacity(): { level: 'ok' | 'warning' | 'degraded' | 'full'; fill: number }
}

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
/** The user of a device at an external broker. */
export interface BrokerUser {
  id: string
  org: string
  hash: string // of its secret, from runtime/salted-hash.ts
  isRotated: boolean // its secret was changed; false: it is new, or claimed again
}

/** The users of devices at an external broker, as far as Tilth has made them. */
export interface BrokerUsers {
  /**
   * Adds users or replaces their secrets and rights. A session with a void secret ends. Returns the ids that are names of
   * users of somebody else, which stay as they are.
   */
  put(users: readonly BrokerUser[]): Promise<string[]>
  /** Ends their sessions too. Without effect for unknown ones. */
  remove(ids: readonly string[]): Promise<void>
  /** `org`: null for rights that differ from those of a device. */
  list(): Promise<{ id: string; org: string | null; hash: string }[]>
}

export interface BusMessage {
  topic: string
  payload: Uint8Array
  retained: boolean
}

/**
 * The ways to devices of other makes, one for each integration. Topics are those of the integration itself, without the
 * mount of a gateway.
 */
export interface IntegrationConnections {
  /** Sends at once or not at all: false if the integration is not connected, and nothing is queued for later. */
  publish(
    integrationId: string,
    message: { topic: string; payload: string | Uint8Array; qos: 0 | 1 } & FromStop,
  ): Promise<boolean>
  /** The body of the answer to an HTTP request in the farm's network; null: it failed. */
  get(integrationId: string, url: string): Promise<string | null>
  /**
   * Every message of an integration in the order of arrival, each after it is on disk; after each connection its retained
   * messages first. `onConnected` is called with the present state at once. Returns what ends it.
   */
  watch(
    integrationId: string,
    watcher: { onMessage(message: IntegrationMessage): void; onConnected(isConnected: boolean): void },
  ): () => void
  /** Whether it is connected now; null: there is no such integration, or it is off. */
  isConnected(integrationId: string): boolean | null
  /** How its connection is; null: there is no such integration, or it is off. */
  statusOf(integrationId: string): IntegrationStatus | null
}
/** Why there is no connection to an integration. */
export const integrationProblems = [
  'unreachable', // there is no answer at its address
  'wrong-password', // user or password are refused
  'certificate', // its TLS certificate is not valid
  'refused', // it refuses the connection for another reason
  'topics', // it refuses a topic filter
  'address', // the address of the integration cannot be used
  'answer', // what it answers over HTTP cannot be used
  'no-own-broker', // gateways need the built-in broker
] as const
export type IntegrationProblem = (typeof integrationProblems)[number]
export interface IntegrationStatus {
  /** `waiting`: not connected yet, and nothing is wrong */
  state: 'connected' | 'waiting' | 'failed'
  problem: IntegrationProblem | null
  /** the problem in one line, for the log and the administrator; null without a problem */
  reason: string | null
  sinceMs: AtMs
  /** of the last message since the start */
  lastMessageMs: AtMs | null
}
export interface IntegrationMessage {
  topic: string
  payload: Uint8Array
  isRetained: boolean
  receivedMs: AtMs
}

/** Valves of other makes, as a person tests and releases them. */
export interface ForeignValveControl {
  /** Opens the valve for a minute, at once; the outcome is stored with the valve, and the event `device` published. */
  startTest(
    org: string,
    deviceId: string,
    valve: string,
    actor: string,
  ): Promise<'started' | 'busy' | 'link-down' | 'unknown'>
  /** Releases a locked valve; false: there is none. */
  unlock(org: string, deviceId: string, valve: string): Promise<boolean>
  isTesting(deviceId: string, valve: string): boolean
}

/** Takes in messages of an integration from outside MQTT: HTTP push and poll. */
export interface MessageIntake {
  /** Resolves when the message is on disk or in the dead letters. STORE_UNAVAILABLE: not stored, must not be acknowledged. */
  accept(message: {
    org: string
    integrationId: string
    /** of HTTP: the method and the path, `GET /jc` */
    topic: string
    payload: Uint8Array
    receivedMs: AtMs
  }): Promise<'stored' | 'dead-lettered' | 'dropped'>
}

/** Takes in what weather stations push over HTTP. */
export interface PushIntake {
  /**
   * Resolves when the message is on disk. `unknown`: no integration of this kind has the token; `too-many`: more than 30
   * a minute. STORE_UNAVAILABLE: not stored, must not be acknowledged.
   */
  receive(push: {
    kind: 'ecowitt' | 'wunderground'
    token: string
    payload: Uint8Array
  }): Promise<'stored' | 'dead-lettered' | 'dropped' | 'unknown' | 'too-many'>
}

/** One day ahead. Ranges are the 10 % and 90 % quantiles; null where the provider has no value. */
export interface ForecastDay {
  day: Day
  tempMinC: number
  tempMaxC: number
  rainMm: { lo: number; mid: number; hi: number }
  rainChance?: number | null // 0-1, of any rain on that day
  et0Mm: number | null
  windMps: number | null // at 2 m, daily mean
}
/** One hour ahead; null where the provider has no value. */
export interface ForecastHour {
  atMs: AtMs // its start
  tempC: number | null
  humidityPct: number | null
  rainMm: number | null // within the hour
  rainChance: number | null // 0-1
  windMps: number | null // at 2 m
  gustMps: number | null // at 10 m, maximum within the hour
  radiationWm2: number | null // mean
  cloud: number | null // fraction of the sky, 0-1
}
export interface ForecastResponse {
  source: string // 'climatology' or the name of the provider
  issuedMs: AtMs
  days: ForecastDay[]
  /** in time order, from the hour of the first day; absent without an hourly forecast */
  hours?: ForecastHour[]
}

/** Weather forecasts. Never credited to a measured balance. */
export interface Forecast {
  /** Up to 10 days from `fromDay`; null without a forecast. Never throws for an unavailable provider. */
  daily(farm: { org: string; farm: string }, fromDay: Day, days: number): Promise<ForecastResponse | null>
  /** The last request to the provider had no usable response; absent: there is no provider. */
  isAway?(): boolean
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
/** With what the dashboard is served over HTTPS. */
export interface HttpsCertificates {
  /** who vouches for it: the farm's own authority, files of the operator, or a public authority for one name */
  kind: 'own' | 'files' | 'public'
  /** the certificate of the server, PEM */
  current(): { cert: string; key: string }
  /** `run` is called after each change of it. */
  onChange(run: () => void): void
  /** of one's own, which phones must install; null: browsers know it */
  authority: X509Certificate | null
  /** the names and addresses that the own certificate contains; none of files */
  names(): { domains: string[]; addresses: string[] }
  /** `public`: the certificate of the public name; null: none yet, and the own one serves for it */
  ofName?(): { name: string; cert: string; key: string } | null
  /** `public`: the response to a challenge of the authority (RFC 8555, 8.3); null for an unknown token */
  challengeAnswer?(token: string): string | null
}

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
