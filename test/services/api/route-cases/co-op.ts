/** Calls about members of a co-operative, what it sees of them, and invitations. */
import { createHash } from 'node:crypto'
import { NOW_MS } from '../rows.ts'
import { PASSWORD } from '../test-api.ts'
import { invitationCode } from './plant.ts'
import type { RouteCase } from './route-case.ts'

const id = (org: string) => `${org}-membership`
// of the clock that tests begin at
const storm = { idem: 'storm-01', kind: 'storm', fromMs: NOW_MS, toMs: NOW_MS + 86_400_000 }
const code = (org: string) => ({ code: invitationCode(org) })
const seen = { seesYield: true, seesWater: true, seesSprays: false, isNamed: true }
const csv = 'Member,Field,Area (a)\nAoki,North,12.5\n'
const table = Buffer.from(csv).toString('base64')
const tableHash = createHash('sha256').update(csv).digest('hex')
const byTheCode = 'who holds a code need not be anybody yet; co-op.test.ts shows what is kept of it'

export const coOp: Record<string, RouteCase> = {
  'GET /api/memberships': { kind: 'list' },
  'GET /api/memberships/advice-recipients': { kind: 'self' },
  'POST /api/memberships/advice': {
    kind: 'create',
    body: (org) => ({ ...storm, membershipIds: [id(org)] }),
    refers: {
      idem: 'the key counts together with the member',
      membershipIds: { with: (_, other) => ({ ...storm, idem: 'storm-02', membershipIds: [id(other)] }) },
    },
  },
  'POST /api/memberships/:id/consent': {
    kind: 'object',
    id,
    body: () => ({ ...seen, signedDocumentRef: 'form of 1 April' }),
  },
  'POST /api/memberships/:id/codes': {
    kind: 'object',
    id,
    body: () => ({ memberCode: '0002', jaCode: '12' }),
  },
  'POST /api/memberships/:id/invite': { kind: 'object', id },
  'POST /api/memberships/:id/end': { kind: 'object', id },
  'DELETE /api/memberships/:id': {
    kind: 'object',
    id: (org) => `${org}-spare-membership`,
    body: (org) => ({ name: `${org}-spare-member` }),
  },
  'POST /api/memberships/preview': { kind: 'create', body: () => ({ base64: table }) },
  'POST /api/memberships/import': {
    kind: 'create',
    body: () => ({ base64: table, hash: tableHash, leaveOut: 0 }),
  },
  'GET /api/invitations': { kind: 'self' },
  'POST /api/invitations': { kind: 'create', body: () => ({ purpose: 'member', name: 'x' }) },
  'DELETE /api/invitations/:id': { kind: 'object', id: (org) => `${org}-invitation` },
  'POST /api/invitations/inspect': {
    kind: 'public',
    body: () => ({ code: 'no such code' }),
    unaudited: 'it only looks',
  },
  'POST /api/me/join': { kind: 'self', body: code },
  'GET /api/me/organisations': { kind: 'self' },
  'POST /api/invitations/accept': {
    kind: 'public',
    body: (org) => ({ code: 'no such code', name: 'x', email: `comes@${org}.example`, password: PASSWORD }),
    unaudited: byTheCode,
  },
}
