/**
 * Memberships of a co-operative and consents. A member is an organisation of its own: the co-operative reads nothing of
 * it but what `consent` allows.
 */
import type { AtMs } from '../../broker/contract/time.ts'

/**
 * Membership of an organisation in a co-operative: invited by the co-operative, accepted by the member's administrator.
 */
export interface MembershipRow {
  id: string
  org: string // the member's
  coop: string // the co-operative's organisation
  memberCode: string | null // as numbered by the co-operative
  jaCode: string | null // of the co-operative itself, for reports that require it
  alias: string // name in reports for a member without a name
  joinedMs: AtMs
  endedMs: AtMs | null
}

/** The data that a member shares with a co-operative, from an instant until the next row. Rows are only added. */
export interface ConsentRow {
  id: string
  org: string // the member's
  membershipId: string
  atMs: AtMs
  seesYield: 0 | 1 // harvests, areas and crops
  seesWater: 0 | 1 // irrigation and the water balance
  seesSprays: 0 | 1 // treatments and disease days
  isNamed: 0 | 1 // 0: an alias replaces every name
  actor: string
  signedDocumentRef: string | null // the signed document, when the co-operative enters consent for a member without an account
}

/** A single-use invitation: of a person into an organisation, or of a member into a co-operative. */
export interface InvitationCodeRow {
  id: string
  org: string // the inviting organisation
  purpose: 'person' | 'member'
  role: 'viewer' | 'operator' | 'agronomist' | 'admin' // of the invited person; the invited member's person becomes its administrator
  name: string | null // the intended person or member
  memberCode: string | null
  jaCode: string | null
  codeHash: string
  createdMs: AtMs
  expiresMs: AtMs
  usedMs: AtMs | null
  actor: string
}
