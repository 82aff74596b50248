/**
 * Who belongs to a co-operative, and what each lets it see. A member is an organisation of its own: nothing of it is
 * reached from the co-operative but what `consent` says.
 */
import type { AtMs } from '../../broker/contract/time.ts'

/** That a member's organisation belongs to a co-operative: the co-operative invited it, and its administrator agreed. */
export interface MembershipRow {
  id: string
  org: string // the member's
  coop: string // the co-operative's organisation
  memberCode: string | null // as the co-operative counts its members
  jaCode: string | null // of the co-operative itself, where reports carry it
  alias: string // what stands in reports for a member who gives no name
  joinedMs: AtMs
  endedMs: AtMs | null
}

/** What a member lets a co-operative see, from an instant until the next row. Rows are only added. */
export interface ConsentRow {
  id: string
  org: string // the member's
  membershipId: string
  atMs: AtMs
  seesYield: 0 | 1 // harvests, areas and crops
  seesWater: 0 | 1 // irrigation and the water balance
  seesSprays: 0 | 1 // treatments and disease days
  isNamed: 0 | 1 // 0: an alias in place of every name
  actor: string
  signedDocumentRef: string | null // entered by the co-operative for a member without an account: which paper says so
}

/** A way in, for one use: for a person into an organisation, or for a member into a co-operative. */
export interface InvitationCodeRow {
  id: string
  org: string // who invites
  purpose: 'person' | 'member'
  role: 'viewer' | 'operator' | 'agronomist' | 'admin' // of the person here; a member's person administers their own
  name: string | null // who is meant
  memberCode: string | null
  jaCode: string | null
  codeHash: string
  createdMs: AtMs
  expiresMs: AtMs
  usedMs: AtMs | null
  actor: string
}
