/** The whole way of a message: a real device, broker, journal and SQLite stores, on a clock that the test moves. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { openMqttBus, type MqttBus } from '../../../services/adapters/bus/mqtt-bus.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import { startIngest, type Ingest } from '../../../services/ingest/ingest.ts'
import type { Profile } from '../../../services/integrations/profiles/read-profile.ts'
import type { MemoryStore } from '../../../services/ingest/memory-store.ts'
import type { Reading, SeriesStore, State } from '../../../services/ports.ts'
import type { Journal } from '../../../services/ports/journal.ts'
import type { DeviceRow } from '../../../services/tables.ts'
import { silent, startBrokerRig, type BrokerRig } from '../../broker/rig.ts'
import { openTestState } from '../../support/state.ts'

export const NOON = Date.UTC(2026, 6, 6, 12)

export interface IngestRig {
  clock: VirtualClock
  brokerRig: BrokerRig
  state: State
  series: SeriesStore
  bus: MqttBus
  /** what the store answers next, instead of taking the readings: a fault to inject */
  fault: { before: ((readings: readonly Reading[]) => void) | null; after: (() => void) | null }
  ingest(): Ingest
  /** Ends ingest without a word, as a crash does, and starts it again from the journal. */
  restart(): Promise<void>
  addDevice(row?: Partial<DeviceRow>): Promise<void>
  /** Everything stored of an organisation, in order. */
  stored(org?: string): Promise<Reading[]>
  letters(): string[]
  stop(): Promise<void>
}

/** `profiles`: of devices of other makes, instead of the shipped ones; `memories`: in place of the journal. */
export async function startIngestRig(
  options: {
    profiles?: () => ReadonlyMap<string, Profile>
    memories?: (state: State, journal: Journal) => MemoryStore
  } = {},
): Promise<IngestRig> {
  const folder = await mkdtemp(join(tmpdir(), 'tilth-ingest-'))
  const clock = virtualClock(NOON)
  const brokerRig = await startBrokerRig({ clock })
  const { journal, broker } = brokerRig
  const { state, close: closeState } = await openTestState(join(folder, 'state.db'))
  const series = await openSqliteSeries(join(folder, 'series.db'))
  const bus = await openMqttBus({ openStream: () => broker.openInternal() }, { log: silent })
  const fault: IngestRig['fault'] = { before: null, after: null }
  const faulty = {
    async append(readings: readonly Reading[]) {
      fault.before?.(readings)
      await series.append(readings)
      fault.after?.()
    },
  }
  const { memories, ...others } = options
  const start = () =>
    startIngest({
      journal,
      series: faulty,
      state,
      bus,
      clock,
      log: silent,
      ...others,
      ...(memories ? { memoryStore: memories(state, journal) } : {}),
    })
  let ingest = await start()

  return {
    clock,
    brokerRig,
    state,
    series,
    bus,
    fault,
    ingest: () => ingest,
    async restart() {
      await ingest.stop()
      ingest = await start()
    },
    async addDevice(row = {}) {
      const device = { ...newDevice, ...row }
      await state.insertInto('device').values(device).execute()
      brokerRig.register(device.org, device.id)
    },
    async stored(org = 'coop') {
      const all: Reading[] = []
      for await (const reading of series.stream({ org })) all.push(reading)
      return all
    },
    letters: () => journal.deadLetters({}).map(({ reason }) => reason),
    async stop() {
      fault.before = fault.after = null
      await ingest.stop()
      await bus.close()
      await brokerRig.stop()
      await series.close()
      await closeState()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const newDevice: DeviceRow = {
  id: 'probe1',
  org: 'coop',
  farmId: 'farm1',
  fieldId: 'field1',
  kind: 'probe',
  name: 'probe in the orchard',
  secretHash: '',
  previousSecretHash: null,
  commandKey: null,
  windHeightM: null,
  everyS: 600,
  counterModulus: null,
  calibration: null,
  batteryLowV: null,
  createdAtMs: 0,
  revokedAtMs: null,
  lastSeenMs: null,
  batteryV: null,
}
