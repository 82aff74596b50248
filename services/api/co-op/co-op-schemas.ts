/** Forms and responses about the members of a co-operative, their consents, and invitations. */
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
} from '../http/validation/schema-primitives.ts'

const Role = OneOf('viewer', 'operator', 'agronomist', 'admin')
const Code = Line(40)
const Secret = Type.String({ minLength: 1, maxLength: 64 })

/** The data that a member shares with its co-operative. */
const visibility = {
  seesYield: Type.Boolean({ description: 'harvests, areas and crops' }),
  seesWater: Type.Boolean({ description: 'irrigation and the water balance' }),
  seesSprays: Type.Boolean({ description: 'treatments and disease days' }),
  isNamed: Type.Boolean({ description: 'false: an alias replaces every name' }),
}

/**
 * POST /api/memberships/:id/consent, by the member's administrator. The co-operative's administrator may
 * enter it for a member without an account, with a reference to the signed document.
 */
export const NewConsent = Form({ ...visibility, signedDocumentRef: Type.Optional(NonBlankLine(200)) })
export type NewConsent = Static<typeof NewConsent>

/** POST /api/memberships/:id/codes, by the co-operative. */
export const MemberCodes = Form({ memberCode: OrNull(Code), jaCode: OrNull(Code) })

/** POST /api/invitations. A person joins this organisation; a member joins it as a co-operative. */
export const NewInvitation = Form({
  purpose: OneOf('person', 'member'),
  role: Type.Optional(Role), // of a person; default operator
  name: Type.Optional(OrNull(Name)), // the invited person or member
  memberCode: Type.Optional(OrNull(Code)),
  jaCode: Type.Optional(OrNull(Code)),
})
export type NewInvitation = Static<typeof NewInvitation>

/** `GET /api/memberships/advice-recipients`: the people who would be notified, and their languages. */
export const AdviceRecipients = Type.Object({
  members: Type.Array(
    Type.Object({
      membershipId: Id,
      name: Text,
      memberCode: OrNull(Text),
      people: Num, // people who can sign in and see it on Today
      byNotification: Num, // of them, reached by push or mail too
      languages: Type.Array(Text), // chosen by people
      ownLanguage: Num, // people who use the language of their phone
    }),
  ),
  pests: Type.Array(Text), // pests with a name in every language
})
export type AdviceRecipients = Static<typeof AdviceRecipients>

/**
 * POST /api/memberships/advice: spraying hours, a storm warning, or a free text. It is active until `toMs`.
 */
export const Advice = Form({
  idem: IdempotencyKey,
  kind: OneOf('spray-window', 'storm', 'message'),
  pest: Type.Optional(OrNull(Line(40))),
  fromMs: FutureInstant,
  toMs: FutureInstant,
  text: Type.Optional(OrNull(NonBlankLine(280))),
  membershipIds: Type.Array(Id, { minItems: 1, maxItems: 5_000 }),
})
export type Advice = Static<typeof Advice>
export const AdviceSent = Type.Object({ notified: Num })

const Party = Type.Object({ id: Id, name: Text })
export const Membership = Type.Object({
  id: Id,
  coop: Party,
  member: Party,
  isOurs: Type.Boolean({
    description: 'true: the caller is the co-operative; false: the caller is its member',
  }),
  memberCode: OrNull(Text),
  jaCode: OrNull(Text),
  alias: OrNull(
    Type.String({ description: 'the name of the caller in anonymous reports; null for its own members' }),
  ),
  joinedMs: AtMs,
  endedMs: OrNull(AtMs),
  hasPeople: Type.Boolean({ description: 'people can sign in for the member, and it decides for itself' }),
  consent: OrNull(Type.Object({ ...visibility, atMs: AtMs, signedDocumentRef: OrNull(Text) })), // null: no consent yet
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

/** Shown once: the invited person opens or enters it. */
export const InvitationCode = Type.Object({ id: Id, code: Text, url: Text, expiresMs: AtMs })

/** POST /api/invitations/inspect: the invitation of a code. */
export const InspectInvitation = Form({ code: Secret })
export const InvitationDetails = Type.Object({
  purpose: OneOf('person', 'member'),
  orgName: Text, // the inviting organisation
  role: Role,
  name: OrNull(Text),
  expiresMs: AtMs,
})

/** POST /api/invitations/accept, by a new person. `farm`: the name of a member's own organisation. */
export const AcceptInvitation = Form({
  code: Secret,
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  farm: Type.Optional(Name),
})
export type AcceptInvitation = Static<typeof AcceptInvitation>

/** POST /api/me/join, by a person with an account. */
export const JoinByInvitation = Form({ code: Secret })

/** GET /api/me/organisations: the organisations of the caller; one of them is active at a time. */
export const OwnOrganisation = Type.Object({ id: Id, name: Text, role: Role })

/** POST /api/memberships/preview: the bytes of an XLSX or CSV file, one field per row. */
export const MembersTable = Form({
  base64: Type.String({
    maxLength: 999_999,
    pattern: '^[A-Za-z0-9+/]*=*$',
    contentMediaType: 'application/octet-stream',
  }),
})
/** POST /api/memberships/import: the same bytes, and the accepted number of skipped rows. */
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
        ...(['duplicate', 'conflict', 'too-long', 'too-small'] as const),
      ),
      received: Text,
    }),
  ),
  members: Type.Array(
    Type.Object({
      name: Text,
      memberCode: OrNull(Text),
      change: Change,
      isSelfManaged: Type.Boolean({
        description: 'the member has an account: the import changes nothing of it',
      }),
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
