/** The farm's time, from what the server said and what the phone's clock has counted since. */
import type { AtMs } from '../../../broker/contract/time.ts'

/** The farm's time `wallMs` by the phone, given what the server said when the phone showed `receivedMs`. */
export const farmTime = (said: { nowMs: AtMs; speed: number }, receivedMs: AtMs, wallMs: AtMs): AtMs =>
  said.nowMs + Math.max(0, wallMs - receivedMs) * said.speed
