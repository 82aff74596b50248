/** The progress of a command to a valve, from its row and the time since the tap. */
import type { CommandView } from '../../../services/api/schemas.ts'
import { MINUTE_MS, SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'

/** The steps that a person sees: the four live states, and the two ends. */
export type StartStep = 'sent' | 'gateway' | 'confirmed' | 'unconfirmed' | 'refused' | 'ended'

const UNCONFIRMED_MS = 90 * SECOND_MS

/** The step of a command. Without a response for 90 s it is unconfirmed, whatever its row states. */
export function stepOf(command: CommandView | null, waitedMs: number): StartStep {
  const state = command?.state ?? 'waiting'
  if (state === 'confirmed' || state === 'unconfirmed' || state === 'refused' || state === 'ended')
    return state
  if (waitedMs > UNCONFIRMED_MS) return 'unconfirmed'
  return state === 'gateway' ? 'gateway' : 'sent'
}

/** two reports of a controller (device guide) */
const FIRST_COUNT_MS = 2 * MINUTE_MS

/**
 * Whether the litres of an open valve are a count: a controller counts from its second report on, and until then 0 L
 * would read as a dry pipe, as it would while a flow is measured.
 */
export const isCounted = (
  {
    litres,
    flowLpm,
    confirmedAtMs,
    atMs,
  }: Pick<CommandView, 'litres' | 'flowLpm' | 'confirmedAtMs' | 'atMs'>,
  nowMs: AtMs,
): boolean =>
  litres !== null && (litres > 0 || (nowMs - (confirmedAtMs ?? atMs) > FIRST_COUNT_MS && !(flowLpm ?? 0)))
