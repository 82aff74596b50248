/** Reads the foreign messages of a batch: which become readings of a device, and what becomes of the others. */
import { isCatalogueTopic } from '../../../broker/contract/foreign-topics.ts'
import type { JournalRecord } from '../../../broker/contract/journal.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { readZigbeeDefinitions } from '../../integrations/envelopes/zigbee2mqtt.ts'
import { readAssigned, withOwnTime } from '../../integrations/decode-message.ts'
import { readEnvelope } from '../../integrations/envelopes/read-envelope.ts'
import {
  keptMessage,
  type Envelope,
  type ForeignMessage,
  type ProfileReading,
} from '../../integrations/foreign-message.ts'
import { missingProfileReason, profileReason } from '../../integrations/profiles/profile-faults.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import type { Logger, Reading, State } from '../../ports.ts'
import type { IntegrationKind, StoredMessageRow } from '../../tables.ts'
import type { DeviceMemory } from '../device-memory.ts'
import type { BatteryLevel } from '../last-seen.ts'
import type { DeviceContact } from './integration-traffic.ts'
import type { AlarmReport } from './device-alarms.ts'
import type { UnassignedMessage } from './unassigned-messages.ts'
import { seriesKey } from '../place-values.ts'
import type { Progress } from '../progress.ts'
import { foreignRows, type ForeignDevice, type ForeignRows, type Integration } from './foreign-rows.ts'
import { interpretForeign } from './interpret-foreign.ts'
import { storedKey, type StoredMessages } from './stored-messages.ts'

/** What the foreign messages of a batch become. */
export interface ForeignBatch {
  readings: { reading: Reading; record: JournalRecord }[]
  /** the reason of each dead letter */
  deadLetters: Map<JournalRecord, string>
  /** of addresses that nobody has assigned */
  unassigned: UnassignedMessage[]
  /** keys of the messages that gave readings, or had none to give */
  stored: StoredMessageRow[]
  /** devices that sent a message, and the battery level in it */
  seen: { device: string; receivedMs: number; battery: BatteryLevel }[]
  /** of devices whose profile has alarms */
  alarms: AlarmReport[]
  /** intervals that devices announced, by device, s */
  intervals: Map<string, number>
  repeats: JournalRecord[]
  /** no message of a device: joins of nobody, answers, catalogues */
  nothing: JournalRecord[]
  /** of an integration that has been erased */
  unknown: number
  /** messages of integrations that exist, with their kind */
  received: Map<JournalRecord, IntegrationKind>
  contacts: DeviceContact[]
}

/** A message of an assigned device, before its profile has read it. */
interface Opened {
  record: JournalRecord
  message: ForeignMessage
  kind: IntegrationKind
  foreign: ForeignDevice
  profile: Profile
  envelope: Envelope
}

/** Fields longer than this, as JSON, are not kept for comparison. */
const MAX_PREVIOUS = 4096

export interface ForeignReader {
  /** The records are in the order of the journal. Device memories change; nothing is written. */
  read(records: readonly JournalRecord[]): Promise<ForeignBatch>
  forget: ForeignRows['forget']
}

/** `profiles`: those of now; a message that is replayed is read with the profile of now. */
export function foreignReader(deps: {
  state: State
  stored: Pick<StoredMessages, 'seqsOf'>
  done: Pick<Progress, 'memoryOf' | 'changed'>
  profiles: () => ReadonlyMap<string, Profile>
  log: Logger
}): ForeignReader {
  const { state, stored, done, profiles, log } = deps
  const rows = foreignRows(state)

  async function read(records: readonly JournalRecord[]): Promise<ForeignBatch> {
    const batch: ForeignBatch = {
      readings: [],
      deadLetters: new Map(),
      unassigned: [],
      stored: [],
      seen: [],
      alarms: [],
      intervals: new Map(),
      repeats: [],
      nothing: [],
      unknown: 0,
      received: new Map(),
      contacts: [],
    }
    const opened: Opened[] = []
    for (const record of records) {
      const integration = await rows.integration(record.device)
      if (integration === null || integration.row.org !== record.org) {
        batch.unknown++
        continue
      }
      batch.received.set(record, integration.row.kind)
      if (isCatalogueTopic(record.foreign!.topic)) await readCatalogue(record, batch)
      else open(record, integration, opened, batch)
    }
    const seqs = await stored.seqsOf(
      opened.map(({ foreign, envelope }) => ({ deviceId: foreign.device.id, key: envelope.dedupeKey })),
    )
    // one after the other: what a message means depends on the one before it
    for (const entry of opened) place(entry, seqs, batch)
    return batch
  }

  async function readCatalogue(record: JournalRecord, batch: ForeignBatch): Promise<void> {
    batch.nothing.push(record)
    if (!record.foreign!.topic.endsWith('bridge/devices')) return
    const definitions = readZigbeeDefinitions(record.payload)
    if (definitions.ok) await rows.storeDefinitions(record.device, definitions.value)
    else
      log.warn({ integration: record.device, reason: definitions.error }, 'a list of devices cannot be read')
  }

  /** Reads the envelope, and finds the device. */
  function open(
    record: JournalRecord,
    { row, devices, definitions }: Integration,
    opened: Opened[],
    batch: ForeignBatch,
  ): void {
    const message = messageOf(record, row)
    const options = { definitionOf: (name: string) => definitions.get(name) ?? null }
    const read = guarded(record, () => readEnvelope(row.kind, message, options))
    if (!read.ok) return void batch.deadLetters.set(record, read.error)
    if (read.value === null) return void batch.nothing.push(record)
    const { address } = read.value
    const foreign = devices.get(address)
    if (foreign === undefined) return void batch.unassigned.push({ record, address })
    const profile = profiles().get(foreign.profile)
    if (profile === undefined)
      return void batch.deadLetters.set(record, missingProfileReason(foreign.profile))
    const { device } = foreign
    if (device.revokedAtMs !== null && device.revokedAtMs <= record.receivedMs)
      return void batch.deadLetters.set(record, `device: ${device.id} has been revoked`)
    const envelope = withOwnTime(row.kind, read.value, profile, message)
    opened.push({ record, message, kind: row.kind, foreign, profile, envelope })
  }

  /** Readings of a message that was not stored before. */
  function place(
    { record, message, kind, foreign, profile, envelope }: Opened,
    seqs: Map<string, number>,
    batch: ForeignBatch,
  ): void {
    const { device, answers: assignment } = foreign
    const { dedupeKey: key, fields } = envelope
    const id = storedKey({ deviceId: device.id, key })
    const storedSeq = seqs.get(id)
    // the same record again after a crash gives the same readings again
    if (storedSeq !== undefined && storedSeq !== record.seq) return void batch.repeats.push(record)
    const memory = done.memoryOf(memoryKey(device))
    const repeats = kind === 'zigbee2mqtt' ? repeatsOf(memory, record, device.everyS) : null
    const previous = repeats === null || repeats.isDue ? null : repeats.fields
    const decoded = guarded(record, () =>
      ok(readAssigned(kind, envelope, { profile, assignment, previous }, message)),
    )
    if (!decoded.ok) return void batch.deadLetters.set(record, decoded.error)
    if (decoded.value.kind === 'unreadable') return void batch.deadLetters.set(record, decoded.value.reason)
    if (decoded.value.kind !== 'read') return void batch.nothing.push(record)
    const { reading: whole, envelope: read } = decoded.value
    const reading = previous === null ? whole : withoutKnownBatteries(whole, memory)
    const readings = guarded(record, () => interpretForeign(reading, read.atMs, device, memory))
    if (!readings.ok) return void batch.deadLetters.set(record, profileReason(profile, readings.error))
    seqs.set(id, record.seq)
    if (repeats !== null && fields !== null)
      memory.previous =
        JSON.stringify(fields).length > MAX_PREVIOUS ? null : { fields, takenMs: repeats.takenMs }
    done.changed(memoryKey(device), memory)
    const { org, seq, receivedMs } = record
    batch.readings.push(...readings.value.map((placed) => ({ reading: placed, record })))
    batch.stored.push({ deviceId: device.id, key, org, seq, receivedMs })
    const { topic } = record.foreign!
    const { signal } = envelope
    batch.contacts.push({ device: device.id, receivedMs, topic, signal, ignored: whole.ignored })
    const { alarms: active, alarmsOver: over } = whole
    if (active.length + over.length > 0) batch.alarms.push({ device: device.id, active, over })
    batch.seen.push({ device: device.id, receivedMs, battery: levelOf(whole) })
    if (whole.everyS !== null && whole.everyS !== device.everyS) batch.intervals.set(device.id, whole.everyS)
  }

  /** A message must not block the queue, not even through a bug of ours. */
  function guarded<T>(record: JournalRecord, read: () => Result<T>): Result<T> {
    try {
      return read()
    } catch (error) {
      log.error({ error, seq: record.seq }, 'a message of another make could not be decoded')
      return err(`message: Tilth failed to decode it: ${(error as Error).message}`)
    }
  }

  return { read, forget: rows.forget }
}

/** Of the device itself, not of a single sensor. */
function levelOf({ batteries }: ProfileReading): BatteryLevel {
  const valueIn = (wanted: 'V' | '%') =>
    batteries.find(({ unit, of }) => unit === wanted && of === null)?.value ?? null
  return { v: valueIn('V'), percent: valueIn('%') }
}

/** Batteries whose level has changed; the others are repeated by the gateway. */
const withoutKnownBatteries = (reading: ProfileReading, { series }: DeviceMemory): ProfileReading => ({
  ...reading,
  batteries: reading.batteries.filter(({ value, unit }) => {
    const quantity = unit === 'V' ? 'device.battery' : 'device.batteryPercent'
    return series.get(seriesKey({ quantity, depthCm: null }))?.lastGood?.value !== value
  }),
})

/** The message before of a gateway that repeats old values; once in each interval every value is a reading again. */
function repeatsOf({ previous }: DeviceMemory, { receivedMs }: JournalRecord, everyS: number) {
  const isDue = previous === null || receivedMs - previous.takenMs >= everyS * 1000
  return { isDue, fields: previous?.fields ?? null, takenMs: isDue ? receivedMs : previous.takenMs }
}

const messageOf = (
  { foreign, payload, receivedMs }: JournalRecord,
  { url }: Integration['row'],
): ForeignMessage => {
  const { topic, isRetained } = foreign!
  return keptMessage({ topic, payload, isRetained, receivedMs }, url)
}

const memoryKey = ({ org, id }: { org: string; id: string }): string => `${org}/${id}`
