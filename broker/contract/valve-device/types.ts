/** The state of a valve controller, the events that change it, and the effects that an event causes. */
import type { Ack, Command, Config, Heartbeat, JournalEntry, Lease, State } from '../messages.ts'

/** The built-in properties of a controller. */
export interface DeviceProfile {
  /** `kind`: the load of an output without water; absent: a water valve */
  valves: readonly { id: string; ratedLpm: number | null; kind?: string }[]
  /** a valve upstream of all others, open only while a water valve is open */
  master: string | null
  commandKeyHex: string
  /** the longest run the device allows, whatever a command or configuration asks */
  capMs: number
  /** timed: it sleeps and holds no lease, so only the duration bounds a run (battery, LoRaWAN) */
  kind: 'leased' | 'timed'
  /** null: no meter */
  litresPerPulse: number | null
  fw: string
}

/** The state that survives a power cut. */
export interface Flash {
  boot: number
  /** highest consumed sequence number, by valve */
  last: Record<string, number>
  /** runs in progress; an entry that is still here at boot was cut off by a power cut */
  open: Record<string, { seq: number; durMs: number; litres: number | null }>
  /** outcome of every consumed number, until the server has stored it */
  journal: JournalEntry[]
  /** 'leak', 'overflow', 'no-flow': nothing opens until a person clears it, at the device or remotely */
  fault: string | null
  /** number of faults latched so far: a clear names the fault that the person saw, so a late copy clears no later one */
  faultNo: number
}

export interface Valve {
  isOpen: boolean
  feedback: 'open' | 'closed' | null
  seq: number
  openedMonoMs: number
  durMs: number
  doseLitres: number | null
  ranMs: number
  litres: number | null // null without a meter
  why: string // end reason of the last run
}

export interface DeviceTiming {
  heartbeatIdleMs: number
  heartbeatOpenMs: number
  leaseMs: number
  stateMs: number
}

export interface ValveDevice {
  profile: DeviceProfile
  flash: Flash
  timing: DeviceTiming
  capMs: number
  monoMs: number
  sess: string | null // null while not connected
  connects: number
  sv: number
  valves: Record<string, Valve>
  /** of this session, recent enough for a lease */
  heartbeats: { n: number; monoMs: number }[]
  n: number
  heartbeatDueMonoMs: number
  stateDueMonoMs: number
  leaseUntilMonoMs: number
  /** litres since the last change of a valve or the last check, and the time of the next check */
  flow: { sinceMonoMs: number; litres: number; dueMonoMs: number }
  canWriteFlash: boolean
}

export type DeviceEvent = { monoMs: number } & (
  | { type: 'connected'; nonce: string }
  | { type: 'disconnected' }
  | { type: 'command'; command: Command; retained: boolean }
  | { type: 'lease'; lease: Lease }
  | { type: 'config'; config: Config }
  | { type: 'tick' }
  /** water since the last such event: from one valve's own meter, or from the main meter if no valve is named */
  | { type: 'meter'; litres: number; valve?: string }
  | { type: 'feedback'; valve: string; feedback: 'open' | 'closed' | null }
  | { type: 'local-close'; valve?: string } // a person at the device
  | { type: 'clear-fault' } // a person at the device
)

/** Perform them in this order, as stepDevice does. */
export type DeviceEffect =
  | { type: 'drive'; valve: string; open: boolean }
  | { type: 'write-flash'; flash: Flash }
  | { type: 'publish'; kind: 'state'; message: State }
  | { type: 'publish'; kind: 'heartbeat'; message: Heartbeat }
  | { type: 'publish'; kind: 'ack'; message: Ack }

export interface Stepped {
  device: ValveDevice
  effects: DeviceEffect[]
}

/** The hardware and the connection of a controller. */
export interface DeviceIo {
  drive(valve: string, open: boolean): void
  /** returns when the data is in flash; throws if it cannot be written */
  writeFlash(flash: Flash): void
  publish(effect: Extract<DeviceEffect, { type: 'publish' }>): void
}
