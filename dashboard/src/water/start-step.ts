/** What a person sees of an order to a valve, from its row and the time since the tap. */
import type { Cmd } from '../../../services/api/schemas.ts'
import { SECOND_MS } from '../../../broker/contract/time.ts'

/** What a person sees: the four live states, and the two ends. */
export type StartStep = 'sent' | 'gateway' | 'confirmed' | 'unconfirmed' | 'refused' | 'ended'

const UNCONFIRMED_MS = 90 * SECOND_MS

/** The step a person sees of an order. An order without an answer for 90 s is unconfirmed, whatever its row says. */
export function stepOf(cmd: Cmd | null, waitedMs: number): StartStep {
  const state = cmd?.state ?? 'waiting'
  if (state === 'confirmed' || state === 'unconfirmed' || state === 'refused' || state === 'ended')
    return state
  if (waitedMs > UNCONFIRMED_MS) return 'unconfirmed'
  return state === 'gateway' ? 'gateway' : 'sent'
}
