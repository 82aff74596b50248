/** Invitations and members at the fixture: a co-operative with two members, itself a member of a federation. */
import type { FastifyInstance } from 'fastify'
import { DAY_MS } from '../../broker/contract/time.ts'
import type {
  Invitation,
  InvitationDetails,
  Membership,
  MembersPreview,
  OwnOrganisation,
  AdviceRecipients,
} from '../../services/api/schemas.ts'
import { MORNING_MS } from './fixture-day.ts'

const ownOrganisation = { id: 'niigata', name: 'Niigata co-operative' }
const consent = { seesYield: true, seesWater: true, seesSprays: false, isNamed: true }

function membershipsNow(): Membership[] {
  const common = { jaCode: null, endedMs: null, joinedMs: MORNING_MS - 400 * DAY_MS }
  return [
    {
      ...common,
      id: 'above',
      coop: { id: 'federation', name: 'Echigo federation' },
      member: ownOrganisation,
      isOurs: false,
      memberCode: '12',
      alias: 'M-12',
      hasPeople: true,
      consent: { ...consent, isNamed: false, atMs: MORNING_MS - 90 * DAY_MS, signedDocumentRef: null },
    },
    {
      ...common,
      id: 'sato',
      coop: ownOrganisation,
      member: { id: 'sato-farm', name: 'Sato farm' },
      isOurs: true,
      memberCode: '0412-0031',
      alias: 'M-31',
      hasPeople: false,
      consent: { ...consent, atMs: MORNING_MS - 30 * DAY_MS, signedDocumentRef: 'form of 1 April' },
    },
    {
      ...common,
      id: 'mori',
      coop: ownOrganisation,
      member: { id: 'mori-farm', name: '森農園' },
      isOurs: true,
      memberCode: '0412-0032',
      alias: 'M-32',
      hasPeople: true,
      consent: null,
    },
  ]
}

const preview: MembersPreview = {
  hash: 'a'.repeat(64),
  rows: 5,
  leftOut: 1,
  bad: [{ row: 4, column: 'areaA', fault: 'not-a-number', received: 'a lot' }],
  members: [
    {
      name: 'Aoki',
      memberCode: '0001',
      change: 'new',
      isSelfManaged: false,
      consent: 'new',
      fields: 4,
      newFields: 4,
      changedFields: 0,
      newSeasons: 4,
      assumedSoils: 2,
    },
  ],
}

export function servePeople(app: FastifyInstance): void {
  const memberships = membershipsNow()
  let invitations: Invitation[] = [
    {
      id: 'invited',
      purpose: 'person',
      role: 'viewer',
      name: 'Abe Ken',
      memberCode: null,
      jaCode: null,
      createdMs: MORNING_MS,
      expiresMs: MORNING_MS + 14 * DAY_MS,
      usedMs: null,
    },
  ]
  app.get('/api/invitations', async () => invitations)
  app.post('/api/invitations', async () => {
    const expiresMs = MORNING_MS + 14 * DAY_MS
    return { id: 'new', code: 'K3QF-7M2P', url: '/join?code=K3QF-7M2P', expiresMs }
  })
  app.delete('/api/invitations/:id', async () => {
    invitations = []
    return { ok: true }
  })
  app.post('/api/invitations/inspect', async (request, reply): Promise<InvitationDetails | undefined> => {
    const { code } = request.body as { code: string }
    if (code === 'VOID') return reply.code(403).send({ error: 'FORBIDDEN', message: 'this code' })
    const isMember = code === 'MEMBER'
    return {
      purpose: isMember ? 'member' : 'person',
      orgName: ownOrganisation.name,
      role: isMember ? 'admin' : 'operator',
      name: isMember ? 'Abe farm' : 'Abe Ken',
      expiresMs: MORNING_MS + DAY_MS,
    }
  })
  app.get('/api/memberships', async () => memberships)
  app.post('/api/memberships/:id/consent', async ({ params, body }) => {
    const row = memberships.find(({ id }) => id === (params as { id: string }).id)!
    row.consent = { ...(body as typeof consent), atMs: MORNING_MS, signedDocumentRef: null }
    return { ok: true }
  })
  app.get('/api/memberships/advice-recipients', async (): Promise<AdviceRecipients> => ({
    members: memberships
      .filter(({ isOurs }) => isOurs)
      .map(({ id, member, memberCode, hasPeople }) => ({
        membershipId: id,
        name: member.name,
        memberCode,
        people: hasPeople ? 3 : 0,
        byNotification: hasPeople ? 1 : 0,
        languages: hasPeople ? ['en', 'ja'] : [],
        ownLanguage: 0,
      })),
    pests: ['rice-stink-bug', 'brown-planthopper'],
  }))
  app.post('/api/memberships/advice', async ({ body }) => ({
    notified: (body as { membershipIds: string[] }).membershipIds.length,
  }))
  app.post('/api/memberships/preview', async ({ body }, reply) => {
    if ((body as { base64: string }).base64 !== '') return preview
    const params = { fault: 'rows', received: 20_001, most: 20_000 }
    return reply.code(400).send({ error: 'BAD_REQUEST', message: 'file: expected at most', params })
  })
  app.post('/api/memberships/import', async () => ({ members: 1, fields: 4, seasons: 4, leftOut: 1 }))
  app.get('/api/me/organisations', async (): Promise<OwnOrganisation[]> => [
    { ...ownOrganisation, role: 'admin' },
    { id: 'sato-farm', name: 'Sato farm', role: 'operator' },
  ])
}
