/**
 * The state of dispatch in memory, shared by its parts. Everything that a restart needs is also in the state store.
 * Tasks run one at a time, in order of arrival.
 */
import {
  isActiveState,
  type CommandLifecycle,
  type Link,
} from '../../broker/contract/command-lifecycle/types.ts'
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import type { State as StateMessage } from '../../broker/contract/messages.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'
import type { CommandRow, RequestRow, RunRow, ValveStateRow, ZoneRow } from '../tables.ts'
import type { AlertCause, ValveAlerts } from './alerts.ts'
import type { FlowRates } from './flow/flow-limits.ts'
import type { FlowTrack } from './flow/flow-track.ts'
import type { FlowKind } from './flow/flow-watch.ts'
import type { ObservedState } from './protocol-monitor/observed-state.ts'
import type { Rule } from './protocol-monitor/rules.ts'
import { zoneFlowLpm, type OpenValve } from './interlocks/interlocks.ts'
import { usableLink, newConnection, type Connection } from './controllers/connections.ts'
import type { Outbox } from './outbox.ts'
import type { StopNotes } from './requests/stop-notes.ts'
import type { SteadyClock } from './monotonic-clock.ts'

/** An opening that has not ended. */
export interface OpenCommand {
  row: CommandRow
  lifecycle: CommandLifecycle
  zone: ZoneRow | null
  fieldId: string | null
  stoppedBy: string | null
  /** outcome to record when flow supervision stopped it; null: not stopped */
  stoppedBySupervision: string | null
  /** the store rejected the last change: no retry before this time; 0: everything is written */
  retryAtMs: AtMs
  /** the earlier closing that is shown while the controller is silent; null: none */
  silentBoundMs: AtMs | null
  /** the next check when no message arrives */
  checkAtMs: AtMs
}

/** Openings that have not ended, by command id, with an index by device. */
export class OpenCommands extends Map<string, OpenCommand> {
  readonly #byDevice = new Map<string, Set<OpenCommand>>()

  override set(id: string, openCommand: OpenCommand): this {
    this.delete(id)
    const { deviceId } = openCommand.row
    const commandsOfDevice = this.#byDevice.get(deviceId) ?? new Set()
    this.#byDevice.set(deviceId, commandsOfDevice.add(openCommand))
    return super.set(id, openCommand)
  }

  override delete(id: string): boolean {
    const openCommand = this.get(id)
    if (!openCommand) return false
    const commandsOfDevice = this.#byDevice.get(openCommand.row.deviceId)!
    commandsOfDevice.delete(openCommand)
    if (commandsOfDevice.size === 0) this.#byDevice.delete(openCommand.row.deviceId)
    return super.delete(id)
  }

  ofDevice(deviceId: string): OpenCommand[] {
    return [...(this.#byDevice.get(deviceId) ?? [])]
  }
}

/** A run that is due now or soon. `doseMs`: the remaining dose. */
export interface DueRun {
  run: RunRow
  fromMs: AtMs
  expiresAtMs: AtMs
  doseMs: number
  isContinued: boolean
  controllerId: string | null // known after the first attempt
  waitsFor: string | null
}

/** A close without a sequence number, sent until the device responds. */
export interface ForcedClose {
  org: string
  device: string
  valve: string // or '*'
  isStop: boolean // a person pressed STOP
  sinceMs: AtMs
  sentAtMs: AtMs
}

/** A corrected fault, sent until the controller responds. */
export interface FaultClear {
  org: string
  device: string
  of: number
  sinceMs: AtMs
  sentAtMs: AtMs
}

/** The services that all parts of dispatch use. */
export interface DispatchServices {
  state: State
  clock: SteadyClock
  log: Logger
  timing: Timing
  outbox: Outbox
  alerts: ValveAlerts
}

/** State of the controllers, and unacknowledged messages to them. */
export interface ControllerState {
  connections: Map<string, Connection>
  commandKeys: Map<string, string | null> // by keyName; null: the device has none
  /** by controller: kinds of message whose newest one was refused */
  refusedKinds: Map<string, Set<string>>
  forcedCloses: Map<string, ForcedClose>
  faultClears: Map<string, FaultClear>
  valveStates: ValveStateStore
}

/** Commands, runs and stops in progress. */
export interface CommandState {
  openCommands: OpenCommands
  dueRuns: Map<string, DueRun>
  /** STOPs in progress, by id: the store has rejected them or part of their effects */
  pendingStops: Map<string, RequestRow>
  stopNotes: StopNotes
  /** by zone: time of the last notification about a skipped run */
  skipNotifiedMs: Map<string, AtMs>
}

/** The times of the next reads from the store. */
export interface CheckTimes {
  /** later runs */
  readRunsAtMs: AtMs
  /** open requests; Infinity: none is open */
  readRequestsAtMs: AtMs
  /** runs of puffers, sirens and fans; Infinity: none is due */
  checkOutputsAtMs: AtMs
}

export interface FlowState {
  tracks: Map<string, FlowTrack> // by controller
  rates: Map<string, FlowRates> // by controller
  latches: Map<string, FlowLatch>
}

/** A slow leak notifies a person and blocks nothing: a crop without water is the greater harm. */
export type FlowCause = Extract<AlertCause, 'flow-alarm' | 'flow-leak'>
export interface FlowLatch {
  org: string
  device: string
  valve: string | null // null: the whole controller
  cause: FlowCause
  kind: FlowKind
  sinceMs: AtMs
  params: Record<string, string | number | null>
  isWritten: boolean
}

export interface MonitorState {
  observed: Map<string, ObservedState> // by controller
  hello: Map<string, { sess: string; atMs: AtMs }>
  /** time of the last report: a rule that stays broken is reported once an hour */
  reported: Map<string, AtMs>
  counts: Partial<Record<Rule, number>>
}

export interface ValveStateStore {
  /** Returns the valves whose row changes with the next `write`. `boundOf`: latest closing time of an open valve. */
  report(
    org: string,
    device: string,
    message: StateMessage,
    atMs: AtMs,
    boundOf: (valve: string) => AtMs | null,
  ): string[]
  /** time of the oldest unwritten change */
  oldestChangeMs(): AtMs | null
  /** Writes all changes and returns their rows; changes that the store rejects are kept for the next write. */
  write(): Promise<readonly ValveStateRow[]>
  setBound(device: string, valve: string, boundMs: AtMs | null): Promise<void>
  noteHeartbeat(org: string, device: string, atMs: AtMs): void
  /** time of the oldest unwritten heartbeat */
  oldestHeartbeatMs(): AtMs | null
  flush(): Promise<void>
  /** After the clock was set by this much, ms: every report keeps its age and its remaining bound. */
  shift(byMs: number): Promise<void>
}

/**
 * The whole state of dispatch in memory. Everything that a restart needs is also in the state store. A function takes
 * only the part that it uses.
 */
export interface DispatchState extends DispatchServices, ControllerState, CommandState, CheckTimes {
  monitor: MonitorState
  flow: FlowState
}

/** The connection to a controller; created at its first message. */
export function connectionTo(
  dispatch: Pick<DispatchState, 'connections'>,
  org: string,
  device: string,
): Connection {
  let link = dispatch.connections.get(device)
  if (!link) dispatch.connections.set(device, (link = newConnection(org, device)))
  return link
}

/** The heartbeat that an opening of this controller may refer to; null: none. */
export const usableLinkTo = (dispatch: Pick<DispatchState, 'connections'>, device: string): Link | null =>
  usableLink(dispatch.connections.get(device))

/** The open commands of a controller whose state is not final. */
export const activeCommandsOf = (
  dispatch: Pick<DispatchState, 'openCommands'>,
  device: string,
): OpenCommand[] =>
  dispatch.openCommands.ofDevice(device).filter(({ lifecycle }) => isActiveState(lifecycle.state))

/** The valves that are or may be open by the open commands. */
export const openValves = (dispatch: Pick<DispatchState, 'openCommands'>): OpenValve[] =>
  [...dispatch.openCommands.values()].map(({ row, zone }) => ({
    deviceId: row.deviceId,
    valve: row.valve,
    pumpId: zone?.pumpId ?? null,
    flowLpm: zone ? zoneFlowLpm(zone) : 0,
  }))

/** Of a controller in `commandKeys`. */
export const keyName = (org: string, device: string): string => `${org}/${device}`

/** The command key of a controller of the organisation; null when the device is no controller or revoked. */
export async function commandKeyOf(
  dispatch: Pick<DispatchState, 'state' | 'commandKeys'>,
  org: string,
  device: string,
): Promise<string | null> {
  const cached = dispatch.commandKeys.get(keyName(org, device))
  if (cached !== undefined) return cached
  const row = await dispatch.state
    .selectFrom('device')
    .select(['org', 'commandKey', 'revokedAtMs'])
    .where('id', '=', device)
    .executeTakeFirst()
  const key = row && row.org === org && row.revokedAtMs === null ? row.commandKey : null
  dispatch.commandKeys.set(keyName(org, device), key)
  return key
}
