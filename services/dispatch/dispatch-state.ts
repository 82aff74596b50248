/**
 * What dispatch holds in memory, shared by its parts. Everything that matters is in the state store as well; this is
 * the part of it that is alive. One thing is done at a time, in the order in which it was heard.
 */
import {
  isActiveState,
  type CommandLifecycle,
  type Link,
} from '../../broker/contract/command-lifecycle/types.ts'
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'
import type { CommandRow, RequestRow, RunRow, ZoneRow } from '../tables.ts'
import type { ValveAlerts } from './alerts.ts'
import type { FlowState } from './flow/flow-supervision.ts'
import type { MonitorState } from './protocol-monitor/monitor.ts'
import { zoneFlowLpm, type OpenValve } from './interlocks/interlocks.ts'
import { usableLink, newConnection, type Connection } from './controllers/connections.ts'
import type { Outbox } from './outbox.ts'
import type { SteadyClock } from './monotonic-clock.ts'
import type { ValveStateStore } from './controllers/valve-state.ts'

/** One opening that has not ended. */
export interface OpenCommand {
  row: CommandRow
  life: CommandLifecycle
  zone: ZoneRow | null
  fieldId: string | null
  stoppedBy: string | null
  /** why supervision of the flow has stopped it: how it is written to have ended; null: it has not */
  stoppedBySupervision: string | null
  /** the store did not take the last change: not looked at again before; 0: it has taken everything */
  retryAtMs: AtMs
  /** when it is looked at again though nothing is heard of it */
  checkAtMs: AtMs
}

/** Openings that have not ended, by the id of their row; at each word of a controller its own are asked for. */
export class OpenCommands extends Map<string, OpenCommand> {
  readonly #byDevice = new Map<string, Set<OpenCommand>>()

  override set(id: string, live: OpenCommand): this {
    this.delete(id)
    const { deviceId } = live.row
    const own = this.#byDevice.get(deviceId) ?? new Set()
    this.#byDevice.set(deviceId, own.add(live))
    return super.set(id, live)
  }

  override delete(id: string): boolean {
    const live = this.get(id)
    if (!live) return false
    const own = this.#byDevice.get(live.row.deviceId)!
    own.delete(live)
    if (own.size === 0) this.#byDevice.delete(live.row.deviceId)
    return super.delete(id)
  }

  ofDevice(deviceId: string): OpenCommand[] {
    return [...(this.#byDevice.get(deviceId) ?? [])]
  }
}

/** A run whose time has come or will come soon. `doseMs` is what is left of it. */
export interface DueRun {
  run: RunRow
  fromMs: AtMs
  expiresAtMs: AtMs
  doseMs: number
  isContinued: boolean
  controllerId: string | null // known once it was looked at
  waitsFor: string | null
}

/** A close without number, sent until the device answers. */
export interface ForcedClose {
  org: string
  device: string
  valve: string // or '*'
  sinceMs: AtMs
  sentAtMs: AtMs
}

/** A fault that a person has put right, sent until the controller answers. */
export interface FaultClear {
  org: string
  device: string
  of: number
  sinceMs: AtMs
  sentAtMs: AtMs
}

export interface DispatchState {
  state: State
  clock: SteadyClock
  log: Logger
  timing: Timing
  outbox: Outbox
  alerts: ValveAlerts
  valveStates: ValveStateStore
  connections: Map<string, Connection>
  commandKeys: Map<string, string | null> // command key of a controller; null: there is none
  openCommands: OpenCommands
  dueRuns: Map<string, DueRun>
  forcedCloses: Map<string, ForcedClose>
  faultClears: Map<string, FaultClear>
  /** STOPs that are not carried out, by id: the store has not taken them, or not what follows */
  pendingStops: Map<string, RequestRow>
  /** when runs that are due later must be read from the store again */
  readRunsAtMs: AtMs
  /** when turns of puffers, sirens and fans are looked at again; Infinity: none is due */
  checkOutputsAtMs: AtMs
  /** when open requests must be read from the store again; Infinity: all are answered */
  readRequestsAtMs: AtMs
  monitor: MonitorState
  flow: FlowState
  /** by zone: when it was last told that a run was skipped */
  skipNotifiedMs: Map<string, AtMs>
}

export function connectionTo(desk: DispatchState, org: string, device: string): Connection {
  let link = desk.connections.get(device)
  if (!link) desk.connections.set(device, (link = newConnection(org, device)))
  return link
}

export const usableLinkTo = (desk: DispatchState, device: string): Link | null =>
  usableLink(desk.connections.get(device))

export const liveCommandsOf = (desk: DispatchState, device: string): OpenCommand[] =>
  desk.openCommands.ofDevice(device).filter(({ life }) => isActiveState(life.state))

export const openValves = (desk: DispatchState): OpenValve[] =>
  [...desk.openCommands.values()].map(({ row, zone }) => ({
    deviceId: row.deviceId,
    valve: row.valve,
    pumpId: zone?.pumpId ?? null,
    flowLpm: zone ? zoneFlowLpm(zone) : 0,
  }))

/** The command key of a controller of the organisation; null when it is none, or revoked. */
export async function commandKeyOf(desk: DispatchState, org: string, device: string): Promise<string | null> {
  const known = desk.commandKeys.get(device)
  if (known !== undefined) return known
  const row = await desk.state
    .selectFrom('device')
    .select(['org', 'commandKey', 'revokedAtMs'])
    .where('id', '=', device)
    .executeTakeFirst()
  const key = row && row.org === org && row.revokedAtMs === null ? row.commandKey : null
  desk.commandKeys.set(device, key)
  return key
}
