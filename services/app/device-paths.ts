/**
 * The paths between Tilth and its devices: the broker of its own or another, the bus, what takes readings in, and the
 * integrations of other makes.
 */
import { join } from 'node:path'
import { startBridge, type Bridge } from '../../broker/bridge/telemetry-bridge.ts'
import { noLimits } from '../../broker/access/limits.ts'
import { startBroker, type Broker } from '../../broker/server.ts'
import { systemClock, type Clock } from '../../broker/contract/time.ts'
import { openMqttBus, type MqttBus } from '../adapters/bus/mqtt-bus.ts'
import { rabbitUsers } from '../adapters/broker-users/rabbitmq.ts'
import { createRejectionLog } from '../audit/rejection-log.ts'
import { startBrokerUsers, type BrokerUsersKeeper } from '../broker-users/start-broker-users.ts'
import { nodeId } from '../config/node-id.ts'
import type { Settings } from '../config/settings.ts'
import { startConnections, type Connections } from '../connections/start-connections.ts'
import { keepDeadLetterCopies } from '../ingest/dead-letter-copies.ts'
import { startIngest, type Ingest } from '../ingest/ingest.ts'
import { stateMemories } from '../ingest/memory-store.ts'
import { shippedProfiles } from '../integrations/profiles/profile-files.ts'
import { profileReader } from '../integrations/profiles/profile-reader.ts'
import type { Logger, Running } from '../ports.ts'
import type { PushIntake } from '../ports/integrations.ts'
import { bridgeName, brokerTls, busName, findDevice, readLimits } from './broker-wiring.ts'
import { connectionWays } from './connection-wiring.ts'
import { rejectAppendsWhenDiskFull } from './disk-full-guard.ts'
import { busWhileAtWork, connectionsWhileAtWork } from './leadership-wiring.ts'
import type { OpenedStores } from './open-stores.ts'
import type { ShutdownStack } from './shutdown-stack.ts'

export interface DevicePaths {
  /** null: devices connect to the broker of BUS */
  broker: Broker | null
  /** null: devices connect to the broker of Tilth */
  bridge: Bridge | null
  /** null: nobody keeps the users of another broker for it */
  brokerUsers: BrokerUsersKeeper | null
  bus: MqttBus
  ingest: Ingest
  connections: Connections
  pushes: PushIntake
  profiles: ReturnType<typeof profileReader>
  /** Its rights or its secret changed: a session of it ends when it has lost them. */
  onDeviceChanged(id: string): Promise<void>
}

/** Starts them in the order in which nothing that arrives is lost. */
export async function startDevicePaths(deps: {
  settings: Settings
  stores: OpenedStores
  hashSecret(secret: string): string
  clock: Clock
  /** with simulated time a season passes in seconds, and there are no other clients */
  isSimulated: boolean
  log: Logger
  defer: ShutdownStack['defer']
}): Promise<DevicePaths> {
  const { settings, stores, clock, log, defer } = deps
  const { leadership, series, journal, secrets, disk } = stores
  const { state } = stores.stateStore
  const stop = (part: Running) => part.stop()
  const rejectionLog = defer(createRejectionLog({ state, clock, log }), (part) => part.stop())
  const external = settings.bus.kind === 'external' ? settings.bus : null
  const limits = deps.isSimulated ? noLimits : readLimits(settings.mqttLimits)
  const broker = external
    ? null
    : defer(
        await startBroker({
          host: settings.mqttHost,
          port: settings.mqttPort,
          findDevice: (id) => findDevice(state, id),
          pepper: secrets.pepper,
          journal,
          clock,
          log,
          onRejection: rejectionLog.onRejected,
          limits,
          ...(settings.mqttTls ? { tls: brokerTls(settings.mqttTls) } : {}),
        }),
        stop,
      )
  const address = broker ? { openStream: () => broker.openInternal() } : { ...external!, clientId: busName() }
  const ownBus = defer(await openMqttBus(address, { log, mayBeAway: external !== null }), (part) =>
    part.close(),
  )
  const bus = leadership === null ? ownBus : busWhileAtWork(ownBus, leadership)
  const profiles = profileReader({
    folders: [shippedProfiles, join(settings.dataDir, 'profiles')],
    clock,
    log,
  })
  // an external store frees the journal while this disk is full; a store on this disk would use up the reserve
  const guardedSeries = settings.series.startsWith('sqlite:')
    ? rejectAppendsWhenDiskFull(series, disk)
    : series
  const ingest = defer(
    await startIngest({
      journal,
      series: guardedSeries,
      state,
      bus,
      clock,
      log,
      profiles,
      ...(leadership === null ? {} : { memoryStore: stateMemories(state, journal) }),
    }),
    stop,
  )
  const name = bridgeName(secrets.pepper)
  // with another engine to take over, the broker keeps what this machine could lose
  const letters =
    leadership === null
      ? null
      : defer(keepDeadLetterCopies({ state, journal, node: nodeId(settings.dataDir), log }), stop)
  const untilStored =
    letters === null
      ? undefined
      : async () => {
          await ingest.untilStored()
          await letters.copied()
        }
  const bridge = external
    ? defer(
        await startBridge({
          ...external,
          clientId: name,
          journal,
          clock,
          log,
          mayBeAway: true,
          ...(untilStored === undefined ? {} : { untilStored }),
        }),
        stop,
      )
    : null
  const ways = connectionWays({
    broker,
    bus,
    state,
    journal,
    clock,
    log,
    limits,
    hashSecret: deps.hashSecret,
    name,
    untilStored,
  })
  const ownConnections = defer(await startConnections({ state, bus, log, wayOf: ways.wayOf }), stop)
  const brokerUsers = settings.busUsers
    ? defer(
        startBrokerUsers({
          state,
          users: rabbitUsers({ ...settings.busUsers, tag: name }),
          clock: systemClock,
          log,
        }),
        stop,
      )
    : null
  return {
    broker,
    bridge,
    brokerUsers,
    bus,
    ingest,
    connections: leadership === null ? ownConnections : connectionsWhileAtWork(ownConnections, leadership),
    pushes: ways.pushes,
    profiles,
    async onDeviceChanged(id) {
      void broker?.deviceChanged(id)
      await brokerUsers?.deviceChanged(id)
    },
  }
}
