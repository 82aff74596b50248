/** The farm's time, from the server's clock and the time that the phone has counted since. */
import type { AtMs } from '../../../broker/contract/time.ts'

/** The farm's time when the phone shows `wallMs`; the phone showed `receivedMs` when the server's clock arrived. */
export const farmTime = (server: { nowMs: AtMs; speed: number }, receivedMs: AtMs, wallMs: AtMs): AtMs =>
  server.nowMs + Math.max(0, wallMs - receivedMs) * server.speed
