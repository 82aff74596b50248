/**
 * Sessions that this process has verified with the store. While the store does not respond they may give STOP and
 * nothing else: a person who sees water in the wrong place must not wait for a database.
 */
import { createHash } from 'node:crypto'
import { HOUR_MS, systemClock, type AtMs } from '../../../broker/contract/time.ts'
import type { Session } from '../http/caller.ts'

/** A working day: who has not used a page for so long is not known any more. */
const KEPT_FOR_MS = 12 * HOUR_MS
const MOST = 10_000

export interface VerifiedSessions {
  /** Call it before the store is asked; `remember` then adds nothing that was forgotten meanwhile. */
  begin(): number
  /** `token`: the signed cookie of the session, of which only a hash is kept. */
  remember(token: string, verified: { session: Session; endsAtMs: AtMs; begunAt: number }): void
  find(token: string): Session | null
  /** The store has no such session. */
  drop(token: string): void
  /** Call it when sessions have ended: forgets the one of `token`, and all of `userId`. */
  forget(ended: { token?: string; userId?: string | undefined }): void
}

/** Keeps the newest `most` for `keptForMs` of running time, and none beyond its end. */
export function verifiedSessions({
  most = MOST,
  keptForMs = KEPT_FOR_MS,
  nowMs = systemClock.now,
  runningMs = () => performance.now(),
} = {}): VerifiedSessions {
  const sessions = new Map<string, { session: Session; endsAtMs: AtMs; sinceMs: number }>()
  let forgotten = 0

  return {
    begin: () => forgotten,
    remember(token, { session, endsAtMs, begunAt }) {
      if (begunAt !== forgotten) return
      const key = keyOf(token)
      sessions.delete(key) // the newest is last
      sessions.set(key, { session, endsAtMs, sinceMs: runningMs() })
      if (sessions.size > most) sessions.delete(sessions.keys().next().value!)
    },
    find(token) {
      const found = sessions.get(keyOf(token))
      if (found === undefined) return null
      const isOver = found.endsAtMs <= nowMs() || runningMs() - found.sinceMs > keptForMs
      return isOver ? null : found.session
    },
    drop: (token) => void sessions.delete(keyOf(token)),
    forget({ token, userId }) {
      forgotten++
      if (token !== undefined) sessions.delete(keyOf(token))
      for (const [key, { session }] of sessions) if (session.userId === userId) sessions.delete(key)
    },
  }
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64')
