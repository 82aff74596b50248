/**
 * A farm in a temporary folder, for messages in files: the same intake, journal, ingest and stores as on a real one. Each
 * message file has an integration and a device of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noLimits } from '../../../broker/access/limits.ts'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { acceptForeign } from '../../../broker/journal/accept-foreign.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { startBroker } from '../../../broker/server.ts'
import { shutdownStack } from '../../app/shutdown-stack.ts'
import { openMqttBus } from '../../adapters/bus/mqtt-bus.ts'
import { openSqliteSeries } from '../../adapters/sqlite/series.ts'
import { openSqliteState } from '../../adapters/sqlite/state.ts'
import { memoryToText, newMemory, newSeriesMemory } from '../../ingest/device-memory.ts'
import { startIngest } from '../../ingest/ingest.ts'
import { seriesKey } from '../../ingest/place-values.ts'
import type { ForeignMessage } from '../../integrations/foreign-message.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'
import type { Logger, Reading, State } from '../../ports.ts'
import { readAlarms, readIgnored, toJson, type DeviceRow, type IntegrationKind } from '../../tables.ts'

/** One device of the farm, and what it sends. */
export interface TrialDevice {
  /** of the device; its integration has the same */
  id: string
  kind: IntegrationKind
  /** its address and profile; null: nobody has assigned it */
  assigned: { address: string; profile: Profile; answers: Record<string, unknown> } | null
  /** totals that it has before its first message, by quantity */
  totals: Readonly<Record<string, number>>
}

/** What the stores hold of a device. */
export interface StoredDevice {
  readings: Reading[]
  /** its row; null: nobody has assigned it */
  row: DeviceRow | null
  /** reasons of dead letters */
  letters: string[]
  /** fields that nothing uses, and alarms of the device */
  ignored: string[]
  alarms: string[]
  /** addresses of messages that are kept until somebody assigns them */
  unassigned: string[]
  /** of the messages that were stored */
  keys: string[]
}

export interface TrialFarm {
  /** As a gateway publishes it; resolves when it would be acknowledged. */
  receive(device: TrialDevice, message: ForeignMessage): Promise<void>
  /** Resolves when everything received is stored. */
  settled(): Promise<void>
  /** By device, in the order of the stores. */
  stored(): Promise<ReadonlyMap<string, StoredDevice>>
  close(): Promise<void>
}

const ORG = 'trial'
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** `nowMs`: the time at the farm. */
export async function openTrialFarm(
  devices: readonly TrialDevice[],
  profiles: ReadonlyMap<string, Profile>,
  nowMs: number,
): Promise<TrialFarm> {
  const log = silent
  const { defer, closeAll } = shutdownStack(log)
  try {
    const folder = defer(await mkdtemp(join(tmpdir(), 'tilth-trial-')), (path) =>
      rm(path, { recursive: true, force: true }),
    )
    const clock = virtualClock(nowMs)
    const { state } = defer(await openSqliteState(join(folder, 'state.db'), { synchronous: 'OFF' }), (part) =>
      part.close(),
    )
    const series = defer(await openSqliteSeries(join(folder, 'series.db')), (part) => part.close())
    const journal = defer(openJournal({ path: join(folder, 'journal.db'), clock, log }), (part) =>
      part.close(),
    )
    const broker = defer(
      await startBroker({
        host: '127.0.0.1',
        port: 0,
        findDevice: async () => null,
        pepper: 'of the trial',
        journal,
        clock,
        log,
        limits: noLimits,
      }),
      (part) => part.stop(),
    )
    const bus = defer(await openMqttBus({ openStream: () => broker.openInternal() }, { log }), (part) =>
      part.close(),
    )
    await prepare(devices, state, journal)
    const ingest = defer(
      await startIngest({ journal, series, state, bus, clock, log, profiles: () => profiles }),
      (part) => part.stop(),
    )
    return {
      async receive({ id }, { topic, payload, isRetained, receivedMs }) {
        const foreign = { integration: id, topic, isRetained }
        await acceptForeign(journal, { receivedMs, org: ORG, device: id, payload, foreign })
      },
      settled: () => ingest.settled(),
      async stored() {
        const all = new Map(devices.map(({ id }) => [id, nothingStored()]))
        for await (const reading of series.stream({ org: ORG }))
          all.get(reading.device)!.readings.push(reading)
        for (const row of await state.selectFrom('device').selectAll().execute()) all.get(row.id)!.row = row
        for (const { device, reason } of journal.deadLetters({ org: ORG, limit: 10_000 }))
          all.get(device)!.letters.push(reason)
        for (const row of await state.selectFrom('unassignedMessage').selectAll().execute())
          all.get(row.integrationId)!.unassigned.push(row.address)
        for (const row of await state.selectFrom('assignedAddress').selectAll().execute())
          Object.assign(all.get(row.deviceId)!, {
            ignored: row.ignored == null ? [] : readIgnored(row.ignored),
            alarms: row.alarms == null ? [] : readAlarms(row.alarms),
          })
        for (const row of await state.selectFrom('storedMessage').selectAll().execute())
          all.get(row.deviceId)!.keys.push(row.key)
        return all
      },
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The rows of the devices, and the totals that ingest remembers of them. */
async function prepare(devices: readonly TrialDevice[], state: State, journal: BrokerJournal): Promise<void> {
  const notes: [string, string][] = []
  for (const { id, kind, assigned, totals } of devices) {
    await state
      .insertInto('integration')
      // of another broker: there a retained message is one of an unknown time
      .values({ ...newIntegration, id, kind, url: 'mqtt://broker.example' })
      .execute()
    if (assigned === null) continue
    const { address, profile, answers } = assigned
    const device = { ...newDevice, id, name: id, kind: profile.kind, everyS: profile.everyS }
    await state.insertInto('device').values(device).execute()
    await state
      .insertInto('assignedAddress')
      .values({
        deviceId: id,
        org: ORG,
        integrationId: id,
        address,
        profile: profile.name,
        answers: toJson(answers),
      })
      .execute()
    if (Object.keys(totals).length > 0) notes.push([`${ORG}/${id}`, memoryToText(memoryOf(totals))])
  }
  await journal.checkpoint('ingest', 0, notes)
}

const nothingStored = (): StoredDevice => ({
  readings: [],
  row: null,
  letters: [],
  ignored: [],
  alarms: [],
  unassigned: [],
  keys: [],
})

function memoryOf(totals: TrialDevice['totals']) {
  const memory = newMemory()
  for (const [quantity, total] of Object.entries(totals)) {
    const series = newSeriesMemory(true)
    series.counter!.points.push({ n: 0, boot: 1, raw: total, total })
    memory.series.set(seriesKey({ quantity, depthCm: null }), series)
  }
  return memory
}

const newIntegration = {
  org: ORG,
  farmId: null,
  name: 'trial',
  userName: null,
  secret: null,
  topics: null,
  state: 'on',
  secretHash: null,
  previousSecretHash: null,
  createdAtMs: 0,
  revokedAtMs: null,
  definitions: null,
} as const

const newDevice = {
  org: ORG,
  farmId: null,
  fieldId: null,
  secretHash: '',
  previousSecretHash: null,
  commandKey: null,
  windHeightM: null,
  counterModulus: null,
  calibration: null,
  createdAtMs: 0,
  revokedAtMs: null,
  lastSeenMs: null,
  batteryV: null,
  batteryLowV: null,
} as const
