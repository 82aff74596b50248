/** Commands from Home Assistant: which of them are carried out. Pure. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { FieldSummary, ValveSummary } from '../domain/field-summary.ts'

export type ValveCommand =
  | { do: 'open'; zoneId: string; minutes: number }
  | { do: 'close'; zoneId: string }
  | { refused: string }

/** A person at a switch is not there to close it again. */
const MAX_MINUTES = 30
// a repeated message is not a second wish
const REPEAT_WITHIN_MS = 5_000

export interface ReceivedCommand {
  valve: ValveSummary | undefined
  field: Pick<FieldSummary, 'nextRun'> | undefined
  payload: string
  isRetained: boolean
  atMs: AtMs
  /** the last open of this valve that was carried out; null: none */
  lastOpenMs: AtMs | null
}

/**
 * OPEN: by hand, the minutes of the next planned run or half an hour, at most half an hour and at most what the zone allows.
 * CLOSE and STOP: always. An OPEN that is retained, or repeated within five seconds, is refused.
 */
export function judgeCommand(received: ReceivedCommand): ValveCommand {
  const { valve, field, payload, isRetained, atMs, lastOpenMs } = received
  if (valve === undefined) return { refused: 'no zone has this valve' }
  const { zoneId } = valve
  if (payload === 'CLOSE' || payload === 'STOP') return { do: 'close', zoneId }
  if (payload !== 'OPEN') return { refused: `expected OPEN, CLOSE or STOP, got ${payload.slice(0, 40)}` }
  if (isRetained) return { refused: 'a retained OPEN may be old' }
  if (lastOpenMs !== null && atMs - lastOpenMs < REPEAT_WITHIN_MS)
    return { refused: 'repeated within five seconds' }
  const wanted = Math.max(1, Math.round(field?.nextRun?.minutes ?? MAX_MINUTES))
  return { do: 'open', zoneId, minutes: Math.min(wanted, MAX_MINUTES, valve.maxMinutes) }
}
