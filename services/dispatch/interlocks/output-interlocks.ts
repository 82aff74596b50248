/**
 * Whether an auxiliary output may be switched on now. Pure. The controller reports the load of the output: a sprayer
 * registered here as a siren is never switched.
 */
import type { State } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import { isAuxiliaryOutput, activeLimit, type OutputLimit } from '../../domain/auxiliary-outputs.ts'
import type { AuxOutputRow, AuxOutputRunRow } from '../../tables.ts'
import type { OpenValve } from './interlocks.ts'

export type OutputRefusal =
  | OutputLimit
  | 'not-found'
  | 'not-auxiliary' // no puffer, siren or fan in the report of the controller, or the valve of a zone
  | 'day-limit'
  | 'locked-out'
  | 'controller-offline'
  | 'no-valve'
  | 'sequence-exhausted'
  | 'valve-fault'
  | 'valve-busy'
  | 'stopped'

export type OutputVerdict = { do: 'open' } | { do: 'wait' | 'skip'; why: OutputRefusal }

export interface OutputInputs {
  nowMs: AtMs
  timeZone: string
  output: AuxOutputRow | null
  turn: Pick<AuxOutputRunRow, 'minutes'>
  /** of the current session; null without a fresh heartbeat */
  report: State | null
  openValves: readonly OpenValve[]
  isZoneValve: boolean
  isLockedOut: boolean
  isStopped: boolean // a STOP is in progress
  usedMinutes: number // of today, without this run
}

const skip = (why: OutputRefusal): OutputVerdict => ({ do: 'skip', why })
const wait = (why: OutputRefusal): OutputVerdict => ({ do: 'wait', why })

/** Whether the output is switched on, waits or is skipped, with the reason. */
export function checkOutputInterlocks(x: OutputInputs): OutputVerdict {
  const { output, report } = x
  if (!output) return skip('not-found')
  if (x.isStopped) return skip('stopped')
  const limit = activeLimit(output, x.nowMs, x.timeZone)
  if (limit !== null) return skip(limit)
  if (!isAuxiliaryOutput(output.kind) || x.isZoneValve) return skip('not-auxiliary')
  if (x.isLockedOut) return skip('locked-out')
  if (x.usedMinutes + x.turn.minutes > output.maxDailyMinutes) return skip('day-limit')
  const isSame = (open: OpenValve) => open.deviceId === output.deviceId && open.valve === output.valve
  if (x.openValves.some(isSame)) return wait('valve-busy')
  if (report === null) return wait('controller-offline')
  const reported = report.valves.find(({ id }) => id === output.valve)
  if (!reported) return skip('no-valve')
  if (reported.kind !== output.kind) return skip('not-auxiliary')
  if (report.fault != null) return wait('valve-fault')
  return reported.pos === 'open' || reported.fb === 'open' ? wait('valve-busy') : { do: 'open' }
}
