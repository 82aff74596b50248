/**
 * What dispatch holds in memory, shared by its parts. Everything that matters is in the state store as well; this is
 * the part of it that is alive. One thing is done at a time, in the order in which it was heard.
 */
import {
  isLive,
  type CommandLife,
  type Link,
  type Timing,
} from '../../broker/contract/command-life/reduce.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Logger, State } from '../ports.ts'
import type { CommandRow, RequestRow, RunRow, ZoneRow } from '../tables.ts'
import type { Alerts } from './alerts.ts'
import type { FlowDesk } from './flow/flow-supervision.ts'
import type { Watch } from './protocol-monitor/monitor.ts'
import { flowLpmOf, type OpenValve } from './interlocks/interlocks.ts'
import { linkOf, newLink, type DeviceLink } from './controllers/connections.ts'
import type { Outbox } from './outbox.ts'
import type { SteadyClock } from './monotonic-clock.ts'
import type { ValveReports } from './controllers/valve-state.ts'

/** One opening that has not ended. */
export interface Live {
  row: CommandRow
  life: CommandLife
  zone: ZoneRow | null
  fieldId: string | null
  stoppedBy: string | null
  /** why supervision of the flow has stopped it: how it is written to have ended; null: it has not */
  cutBy: string | null
  /** the store did not take the last change: not looked at again before; 0: it has taken everything */
  retryAtMs: AtMs
  /** when it is looked at again though nothing is heard of it */
  lookAtMs: AtMs
}

/** Openings that have not ended, by the id of their row; at each word of a controller its own are asked for. */
export class Lives extends Map<string, Live> {
  readonly #byDevice = new Map<string, Set<Live>>()

  override set(id: string, live: Live): this {
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

  ofDevice(deviceId: string): Live[] {
    return [...(this.#byDevice.get(deviceId) ?? [])]
  }
}

/** A run whose time has come or will come soon. `doseMs` is what is left of it. */
export interface DueRun {
  run: RunRow
  fromMs: AtMs
  notAfterMs: AtMs
  doseMs: number
  isContinued: boolean
  controllerId: string | null // known once it was looked at
  waitsFor: string | null
}

/** A close without number, sent until the device answers. */
export interface Forced {
  org: string
  device: string
  valve: string // or '*'
  sinceMs: AtMs
  sentAtMs: AtMs
}

/** A fault that a person has put right, sent until the controller answers. */
export interface Clearing {
  org: string
  device: string
  of: number
  sinceMs: AtMs
  sentAtMs: AtMs
}

export interface Desk {
  state: State
  clock: SteadyClock
  log: Logger
  timing: Timing
  out: Outbox
  alerts: Alerts
  reports: ValveReports
  links: Map<string, DeviceLink>
  keys: Map<string, string | null> // command key of a controller; null: there is none
  lives: Lives
  due: Map<string, DueRun>
  forced: Map<string, Forced>
  clearing: Map<string, Clearing>
  /** STOPs that are not carried out, by id: the store has not taken them, or not what follows */
  openStops: Map<string, RequestRow>
  /** when runs that are due later must be read from the store again */
  readRunsAtMs: AtMs
  /** when turns of puffers, sirens and fans are looked at again; Infinity: none is due */
  tendOutputsAtMs: AtMs
  /** when open requests must be read from the store again; Infinity: all are answered */
  readRequestsAtMs: AtMs
  watch: Watch
  flow: FlowDesk
  /** by zone: when it was last told that a run was skipped */
  skipToldMs: Map<string, AtMs>
}

export function linkTo(desk: Desk, org: string, device: string): DeviceLink {
  let link = desk.links.get(device)
  if (!link) desk.links.set(device, (link = newLink(org, device)))
  return link
}

export const linkOfDevice = (desk: Desk, device: string): Link | null => linkOf(desk.links.get(device))

export const livesOf = (desk: Desk, device: string): Live[] =>
  desk.lives.ofDevice(device).filter(({ life }) => isLive(life.state))

export const openValves = (desk: Desk): OpenValve[] =>
  [...desk.lives.values()].map(({ row, zone }) => ({
    deviceId: row.deviceId,
    valve: row.valve,
    pumpId: zone?.pumpId ?? null,
    flowLpm: zone ? flowLpmOf(zone) : 0,
  }))

/** The command key of a controller of the organisation; null when it is none, or revoked. */
export async function keyOf(desk: Desk, org: string, device: string): Promise<string | null> {
  const known = desk.keys.get(device)
  if (known !== undefined) return known
  const row = await desk.state
    .selectFrom('device')
    .select(['org', 'commandKey', 'revokedAtMs'])
    .where('id', '=', device)
    .executeTakeFirst()
  const key = row && row.org === org && row.revokedAtMs === null ? row.commandKey : null
  desk.keys.set(device, key)
  return key
}
