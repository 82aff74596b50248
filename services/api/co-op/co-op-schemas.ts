/** Forms and answers about members of a co-operative, what they let it see, and invitations. */
import Type, { type Static } from 'typebox'
import {
  AtMs,
  Form,
  Id,
  IdempotencyKey,
  Line,
  Name,
  Num,
  OneOf,
  OrNull,
  Password,
  NonBlankLine,
  Text,
  FutureInstant,
} from '../http/schema-primitives.ts'

const Role = OneOf('viewer', 'operator', 'agronomist', 'admin')
const Code = Line(40)
const Secret = Type.String({ minLength: 1, maxLength: 64 })

/** What a member lets its co-operative see. */
const seen = {
  seesYield: Type.Boolean({ description: 'harvests, areas and crops' }),
  seesWater: Type.Boolean({ description: 'irrigation and the water balance' }),
  seesSprays: Type.Boolean({ description: 'treatments and disease days' }),
  isNamed: Type.Boolean({ description: 'false: an alias in place of every name' }),
}

/**
 * POST /api/memberships/:id/consent, by the member's administrator. `paper`: by the co-operative's, for a member that
 * nobody has an account of: which signed paper says so.
 */
export const NewConsent = Form({ ...seen, signedDocumentRef: Type.Optional(NonBlankLine(200)) })
export type NewConsent = Static<typeof NewConsent>

/** POST /api/memberships/:id/codes, by the co-operative. */
export const MemberCodes = Form({ memberCode: OrNull(Code), jaCode: OrNull(Code) })

/** POST /api/invitations. A person comes into this organisation; a member joins it as a co-operative. */
export const NewInvitation = Form({
  purpose: OneOf('person', 'member'),
  role: Type.Optional(Role), // of a person; an operator unless said
  name: Type.Optional(OrNull(Name)), // who is meant
  memberCode: Type.Optional(OrNull(Code)),
  jaCode: Type.Optional(OrNull(Code)),
})
export type NewInvitation = Static<typeof NewInvitation>

/** GET /api/memberships/told: who would be told, and in which language. */
export const AdviceRecipients = Type.Object({
  members: Type.Array(
    Type.Object({
      membershipId: Id,
      name: Text,
      memberCode: OrNull(Text),
      people: Num, // who can sign in and see it on Today
      byNotice: Num, // whom it reaches by push or mail besides
      languages: Type.Array(Text), // that people have chosen
      ownLanguage: Num, // people who read it in the language of their phone
    }),
  ),
  pests: Type.Array(Text), // that can be named
})
export type AdviceRecipients = Static<typeof AdviceRecipients>

/** POST /api/memberships/advice: hours for spraying, a storm, or a word of one's own. It stands until `toMs`. */
export const Advice = Form({
  idem: IdempotencyKey,
  kind: OneOf('spray-window', 'storm', 'word'),
  pest: Type.Optional(OrNull(Line(40))),
  fromMs: FutureInstant,
  toMs: FutureInstant,
  text: Type.Optional(OrNull(NonBlankLine(280))),
  membershipIds: Type.Array(Id, { minItems: 1, maxItems: 5_000 }),
})
export type Advice = Static<typeof Advice>
export const AdviceSent = Type.Object({ told: Num })

const Party = Type.Object({ id: Id, name: Text })
export const Membership = Type.Object({
  id: Id,
  coop: Party,
  member: Party,
  isOurs: Type.Boolean({ description: 'we are the co-operative; false: we are its member' }),
  memberCode: OrNull(Text),
  jaCode: OrNull(Text),
  alias: OrNull(Type.String({ description: 'under which we stand in reports; of a member of ours null' })),
  joinedMs: AtMs,
  endedMs: OrNull(AtMs),
  hasPeople: Type.Boolean({ description: 'somebody can sign in as the member, and decides for it' }),
  consent: OrNull(Type.Object({ ...seen, atMs: AtMs, signedDocumentRef: OrNull(Text) })), // null: nothing said yet
})
export type Membership = Static<typeof Membership>

export const Invitation = Type.Object({
  id: Id,
  purpose: OneOf('person', 'member'),
  role: Role,
  name: OrNull(Text),
  memberCode: OrNull(Text),
  jaCode: OrNull(Text),
  createdMs: AtMs,
  expiresMs: AtMs,
  usedMs: OrNull(AtMs),
})
export type Invitation = Static<typeof Invitation>

/** Shown once: what the person who is meant opens or types in. */
export const InvitationCode = Type.Object({ id: Id, code: Text, url: Text, expiresMs: AtMs })

/** POST /api/invitations/look: what a code leads to, for whoever holds it. */
export const InspectInvitation = Form({ code: Secret })
export const InvitationDetails = Type.Object({
  purpose: OneOf('person', 'member'),
  orgName: Text, // who invites
  role: Role,
  name: OrNull(Text),
  expiresMs: AtMs,
})

/** POST /api/invitations/accept, by somebody new. `farm`: what a member's own organisation is called. */
export const AcceptInvitation = Form({
  code: Secret,
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  farm: Type.Optional(Name),
})
export type AcceptInvitation = Static<typeof AcceptInvitation>

/** POST /api/me/join, by somebody who has an account. */
export const JoinByInvitation = Form({ code: Secret })

/** GET /api/me/organisations: where the person who asks belongs to; one of them is entered at a time. */
export const OwnOrganisation = Type.Object({ id: Id, name: Text, role: Role })

/** POST /api/memberships/preview: the bytes of an XLSX or CSV, one row a field. */
export const MembersTable = Form({
  base64: Type.String({
    maxLength: 999_999,
    pattern: '^[A-Za-z0-9+/]*=*$',
    contentMediaType: 'application/octet-stream',
  }),
})
/** POST /api/memberships/import: the same bytes again, and how many rows with bad cells are left out. */
export const MembersImport = Form({
  ...MembersTable.properties,
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  leaveOut: Type.Integer({ minimum: 0, maximum: 100_000 }),
})

const Change = OneOf('new', 'changed', 'same')
export const MembersPreview = Type.Object({
  hash: Text,
  rows: Num,
  leftOut: Num,
  bad: Type.Array(
    Type.Object({
      row: Num,
      column: Text,
      fault: OneOf(
        ...(['missing', 'no-column', 'unknown', 'not-a-number', 'out-of-range', 'not-a-day'] as const),
        ...(['double', 'conflict', 'too-long'] as const),
      ),
      came: Text,
    }),
  ),
  members: Type.Array(
    Type.Object({
      name: Text,
      memberCode: OrNull(Text),
      change: Change,
      keepsItself: Type.Boolean({ description: 'has an account: nothing of it is changed' }),
      consent: OneOf('new', 'same', 'none'),
      fields: Num,
      newFields: Num,
      changedFields: Num,
      newSeasons: Num,
      assumedSoils: Num,
    }),
  ),
})
export type MembersPreview = Static<typeof MembersPreview>
export const MembersImported = Type.Object({ members: Num, fields: Num, seasons: Num, leftOut: Num })
export type InvitationCode = Static<typeof InvitationCode>
export type InvitationDetails = Static<typeof InvitationDetails>
export type MembersImported = Static<typeof MembersImported>
export type OwnOrganisation = Static<typeof OwnOrganisation>
