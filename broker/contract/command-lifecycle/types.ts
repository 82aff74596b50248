/** The server's record of one open command, and the events that change it. */
import type { Ack, State } from '../messages.ts'
import type { UnsignedCommand } from '../mac.ts'
import type { AtMs } from '../time.ts'

export type CommandState =
  | 'new'
  | 'sent'
  | 'running'
  | 'done'
  | 'aborted'
  | 'expired'
  | 'rejected'
  | 'unknown'
  | 'fencing'
  | 'resolved'

/** States that are not final. */
export const activeStates = ['new', 'sent', 'running', 'unknown', 'fencing'] as const satisfies CommandState[]
/** Whether a state, such as one read from a row, is not final. */
export const isActiveState = (state: string): boolean => (activeStates as readonly string[]).includes(state)

/** The newest heartbeat of a session whose hello has been received. */
export interface Link {
  sess: string
  n: number
  monoMs: number
  receivedAtMs: AtMs
}

/** Stored as JSON in the command's row, so that a restarted server continues from it. */
export interface CommandLifecycle {
  id: string
  valve: string
  seq: number
  durMs: number
  litres: number | null // dose; only for controllers with a meter
  expiresAtMs: AtMs
  isTimed?: boolean // the controller holds no lease: it runs for its duration, with or without a connection
  state: CommandState
  sess: string | null // session of the newest copy sent
  sentAtMs: AtMs | null // first
  resentAtMs: AtMs | null // last
  firstMonoMs: number | null // earliest possible opening, on the device's clock
  expMonoMs: number | null // latest possible opening
  leaseMonoMs: number | null // newest heartbeat that was granted a lease while the valve may be open; null: unknown
  confirmedAtMs: AtMs | null
  openedAtMs?: AtMs | null // by the run time that the device reports; null: unknown
  seenOpenAtMs?: AtMs | null // time of the device's last report that the valve is open
  boundAtMs: AtMs | null // latest end of the duration, on the server's clock
  leaseEndAtMs?: AtMs | null // latest end of the last lease, on the server's clock; null: none was granted
  unknownAtMs: AtMs | null
  unknownReason: 'unconfirmed' | 'overdue' | 'link' | 'restart' | 'journal' | null
  inconclusiveStateAtMs?: AtMs | null // arrival of a state that did not resolve the unknown outcome
  isStopped: boolean // a person requested the closing
  closeSeq: number | null // sequence number of the fence
  closeSentAtMs: AtMs | null
  fencedAtMs: AtMs | null
  lastSeq: number // highest consumed number that the device has reported
  rejectReason: string | null // rejected, but the number is not consumed
  outcome: string | null
  ranMs: number | null // duration of the run; of a resolved command the upper bound
  ranLitres: number | null
  isBound: boolean // ranMs is an upper bound
  endedAtMs: AtMs | null
}

export type LifecycleEvent = { atMs: AtMs; link: Link | null } & (
  | { type: 'tick' }
  | { type: 'ack'; ack: Ack }
  /** of the present session; a retained state counts once a heartbeat of its session has been received */
  | { type: 'state'; state: State }
  | { type: 'stop' }
  /** a lease was sent to the device, for any of its valves */
  | { type: 'leased' }
  | { type: 'restart' }
)

export interface LifecycleStep {
  lifecycle: CommandLifecycle
  send: UnsignedCommand[]
}
