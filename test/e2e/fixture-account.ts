/** The account of the fixture: any user with the right password, in the role of the test. */
import type { FastifyInstance } from 'fastify'
import { DAY_MS } from '../../broker/contract/time.ts'
import type { OpenSession, PasswordLinkOwner, PersonPreferences } from '../../services/api/schemas.ts'
import type { Me } from '../../services/api/auth/session-schemas.ts'
import type { PasswordLink } from '../../services/api/auth/password-schemas.ts'
import { MORNING_MS } from './fixture-day.ts'

/** Choices of a person who has signed in before and chosen nothing. */
const defaultChoices: PersonPreferences = {
  language: null,
  areaUnit: null,
  waterUnit: null,
  tempUnit: null,
  depthUnit: null,
  tensionUnit: null,
  clock: null,
  firstWeekday: null,
  isSetUp: true,
}

/** The routes of the account; without a session every other route of the API returns 401. */
export function serveAccount(
  app: FastifyInstance,
  { role, isSignedIn, isNew }: { role: Me['role']; isSignedIn: boolean; isNew: boolean },
): { me(): Me } {
  let preferences = isNew ? null : defaultChoices
  app.addHook('onRequest', async ({ url }, reply) => {
    const isOpen =
      !url.startsWith('/api') || /^\/api\/(auth|setup|session|trust|invitations\/|password-links\/)/.test(url)
    if (!isSignedIn && !isOpen)
      return reply.code(401).send({ error: 'UNAUTHENTICATED', message: 'sign in first' })
  })
  const me = (): Me => ({
    user: { id: 'user-1', name: 'Haruko Sato', email: 'haruko@example.org' },
    org: { id: 'niigata', name: 'Niigata co-operative' },
    role,
    can: {
      openValve: role !== 'viewer',
      stop: true, // allowed for every role
      approve: role !== 'viewer',
      admin: role === 'admin',
    },
    demo: false,
    preferences,
  })
  app.get('/api/session', async (): Promise<OpenSession> => ({
    me: isSignedIn ? me() : null,
    supportPhone: '025-123-4567',
  }))
  app.post('/api/me/preferences', async (request) => {
    preferences = request.body as PersonPreferences
    return { ok: true }
  })
  app.post('/api/auth/sign-in/email', async (request, reply) => {
    if ((request.body as { password?: string }).password !== 'green-fields')
      return reply.code(401).send({ error: 'UNAUTHENTICATED', message: 'Invalid email or password' })
    isSignedIn = true
    return { ok: true }
  })
  app.post('/api/auth/change-password', async (request, reply) =>
    (request.body as { currentPassword: string }).currentPassword === 'green-fields'
      ? { ok: true }
      : reply.code(400).send({ error: 'INVALID_CREDENTIALS', message: 'currentPassword: is not the one' }),
  )
  app.post('/api/members/:id/password-link', async (): Promise<PasswordLink> => ({
    code: 'K3QF-7M2P',
    url: '/join?reset=K3QF-7M2P',
    expiresMs: MORNING_MS + DAY_MS,
  }))
  app.post('/api/password-links/inspect', async (request, reply): Promise<PasswordLinkOwner> =>
    (request.body as { code: string }).code === 'K3QF-7M2P'
      ? { purpose: 'password', name: 'Haruko Sato', email: 'haruko@example.org' }
      : reply.code(403).send({ error: 'FORBIDDEN', message: 'this code' }),
  )
  app.post('/api/password-links/accept', async () => {
    isSignedIn = true
    return { ok: true }
  })
  app.post('/api/auth/sign-out', async () => {
    isSignedIn = false
    return { ok: true }
  })
  app.post('/api/setup', async (request, reply) => {
    if ((request.body as { token?: string }).token !== 'one-time')
      return reply.code(403).send({ error: 'FORBIDDEN', message: 'this link has been used' })
    isSignedIn = true
    return me()
  })
  return { me }
}
