/**
 * Passwords: people change their own; for a forgotten one an administrator creates a link whose holder
 * chooses another.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { fail } from '../../errors.ts'
import { responses, ById, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import {
  endPasswordLinks,
  inspectPasswordLink,
  createPasswordLink,
  acceptPasswordLink,
} from './password-links.ts'
import {
  InspectPasswordLink,
  NewPassword,
  PasswordLink,
  PasswordLinkOwner,
  AcceptPasswordLink,
} from './password-schemas.ts'
import { signInDelay } from './sign-in-backoff.ts'
import { forwardAuthResponse } from '../http/auth-response.ts'
import { audit } from '../http/audited-write.ts'

/**
 * Wrong current passwords (INVALID_CREDENTIALS) are delayed increasingly. The public routes are limited by address;
 * an accepted link also signs the person in.
 */
export function passwordRoutes(app: App, context: Context): void {
  const { auth, state } = context
  const delay = signInDelay(() => performance.now())
  // a code has 95 bits; still limit the attempts
  const stranger = { needs: 'public', limit: 'setup' } as const

  app.post(
    '/api/auth/change-password',
    {
      config: { needs: 'read', limit: 'sign-in' },
      schema: {
        summary: 'Change your own password',
        description: 'Ends all other sessions.',
        body: NewPassword,
        response: responses(Done),
      },
    },
    async (request, reply) => {
      const { caller, body } = request
      await wait(delay.tried(caller.userId))
      // end all other sessions of this person
      const change = { ...body, revokeOtherSessions: true }
      const response = await auth.post('/change-password', request.headers.cookie, change)
      if (response.ok) {
        delay.succeeded(caller.userId)
        await endPasswordLinks(state, caller.userId) // the password is known, so open reset links are void
        await audit(context, caller, 'password.change', caller.userId, { from: request.ip })
      } else if (response.status === 400)
        fail('INVALID_CREDENTIALS', 'currentPassword: does not match the current password')
      return forwardAuthResponse(response, reply)
    },
  )

  app.post(
    '/api/members/:id/password-link',
    {
      config: { needs: 'admin', limit: 'setup' },
      schema: {
        summary: 'Create a password link for a member',
        description: 'One-time, valid for 24 hours.',
        params: ById,
        response: responses(PasswordLink),
      },
    },
    async ({ params, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      return createPasswordLink(context, caller, params.id)
    },
  )

  app.post(
    '/api/password-links/inspect',
    {
      config: stranger,
      schema: {
        summary: 'Look up the person of a password link',
        body: InspectPasswordLink,
        response: responses(PasswordLinkOwner),
      },
    },
    async ({ body }, reply) => {
      void reply.header('cache-control', 'no-store')
      const { name, email } = await inspectPasswordLink(context, body.code)
      return { purpose: 'password' as const, name, email }
    },
  )

  app.post(
    '/api/password-links/accept',
    {
      config: stranger,
      schema: {
        summary: 'Set a password with a password link',
        body: AcceptPasswordLink,
        response: responses(Done),
      },
    },
    async ({ body, ip }, reply) => {
      const { email } = await acceptPasswordLink(context, body, ip)
      const { password } = body
      return forwardAuthResponse(await auth.post('/sign-in/email', undefined, { email, password }), reply)
    },
  )
}
