/** The signed-in person of a request, and the sessions that access control reads. */
import type { Role } from './permissions.ts'

/** The signed-in person of a request, and the organisation they act for. */
export interface Caller {
  userId: string
  name: string
  email: string
  org: string
  orgName: string
  role: Role
  /** The store does not respond: the session was verified earlier, and may only stop. */
  isVerifiedEarlier?: true
}

export interface Session {
  userId: string
  caller: Caller | null // null: signed in, but not a member of any organisation
  setCookies: string[] // the session slides
}

export interface Sessions {
  /** `slide`: the session may be extended, which is a write; without it the call only reads. */
  sessionOf(headers: Headers, how?: { slide: boolean }): Promise<Session | null>
  /** For a STOP while the store does not respond: the session as this process last verified it; null: it has not. */
  verifiedEarlier(headers: Headers): Session | null
}
