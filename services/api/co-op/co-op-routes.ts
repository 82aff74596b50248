/** Members of a co-operative: who they are, which data they share, and how people and members join. */
import Type from 'typebox'
import { responses, ById, done, Done } from '../http/responses.ts'
import * as advice from './advice.ts'
import * as invitations from './invitations.ts'
import * as memberships from './memberships.ts'
import {
  AcceptInvitation,
  Advice,
  AdviceSent,
  Invitation,
  InvitationCode,
  InvitationDetails,
  JoinByInvitation,
  InspectInvitation,
  MemberCodes,
  Membership,
  NewConsent,
  NewInvitation,
  OwnOrganisation,
  AdviceRecipients,
} from './co-op-schemas.ts'
import type { App, Context } from '../http/context.ts'
import { forwardAuthResponse } from '../http/auth-response.ts'

/**
 * Advice needs `configure`, consents and invitations need `admin`. Inspecting and accepting an invitation needs no
 * sign-in, is limited by address, and accepting signs in.
 */
export function coOpRoutes(app: App, context: Context): void {
  const admin = { needs: 'admin' } as const
  // a code has 95 bits; still limit the attempts
  const stranger = { needs: 'public', limit: 'setup' } as const

  app.get(
    '/api/me/organisations',
    {
      config: { needs: 'read' },
      schema: { summary: 'List your organisations', response: responses(Type.Array(OwnOrganisation)) },
    },
    async ({ caller }) => context.auth.organisationsOf(caller.userId),
  )

  app.get(
    '/api/memberships',
    {
      config: { needs: 'read' },
      schema: { summary: 'List memberships in co-operatives', response: responses(Type.Array(Membership)) },
    },
    async ({ caller }) => memberships.readMembershipViews(context, caller.org),
  )

  app.get(
    '/api/memberships/advice-recipients',
    {
      config: { needs: 'configure' },
      schema: { summary: 'List the recipients of advice', response: responses(AdviceRecipients) },
    },
    async ({ caller }) => advice.readRecipients(context, caller.org),
  )

  app.post(
    '/api/memberships/advice',
    {
      config: { needs: 'configure' },
      schema: { summary: 'Send advice to members', body: Advice, response: responses(AdviceSent) },
    },
    async ({ body, caller }) => ({ notified: await advice.sendAdvice(context, caller, body) }),
  )

  app.post(
    '/api/memberships/:id/consent',
    {
      config: admin,
      schema: {
        summary: 'Record the consent of a member',
        params: ById,
        body: NewConsent,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      await memberships.recordConsent(context, caller, params.id, body)
      return done
    },
  )

  app.post(
    '/api/memberships/:id/codes',
    {
      config: admin,
      schema: {
        summary: 'Set the codes of a member',
        params: ById,
        body: MemberCodes,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      await memberships.setMemberCodes(context, caller, params.id, body)
      return done
    },
  )

  app.post(
    '/api/memberships/:id/invite',
    {
      config: admin,
      schema: {
        summary: 'Invite the first administrator of a member',
        params: ById,
        response: responses(InvitationCode),
      },
    },
    async ({ params, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      const { id, code, expiresMs } = await invitations.inviteMember(context, caller, params.id)
      return { id, code, expiresMs, url: `/join?code=${code}` }
    },
  )

  app.post(
    '/api/memberships/:id/end',
    { config: admin, schema: { summary: 'End a membership', params: ById, response: responses(Done) } },
    async ({ params, caller }) => {
      await memberships.endMembership(context, caller, params.id)
      return done
    },
  )

  app.get(
    '/api/invitations',
    { config: admin, schema: { summary: 'List invitations', response: responses(Type.Array(Invitation)) } },
    async ({ caller }) => invitations.readInvitations(context, caller.org),
  )

  app.post(
    '/api/invitations',
    {
      config: admin,
      schema: { summary: 'Create an invitation', body: NewInvitation, response: responses(InvitationCode) },
    },
    async ({ body, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      const { id, code, expiresMs } = await invitations.createInvitation(context, caller, body)
      return { id, code, expiresMs, url: `/join?code=${code}` }
    },
  )

  app.delete(
    '/api/invitations/:id',
    { config: admin, schema: { summary: 'Withdraw an invitation', params: ById, response: responses(Done) } },
    async ({ params, caller }) => {
      await invitations.withdrawInvitation(context, caller, params.id)
      return done
    },
  )

  app.post(
    '/api/invitations/inspect',
    {
      config: stranger,
      schema: {
        summary: 'Look up an invitation',
        body: InspectInvitation,
        response: responses(InvitationDetails),
      },
    },
    async ({ body }, reply) => {
      void reply.header('cache-control', 'no-store')
      const { purpose, orgName, role, name, expiresMs } = await invitations.inspectInvitation(
        context,
        body.code,
      )
      return { purpose, orgName, role, name, expiresMs }
    },
  )

  app.post(
    '/api/invitations/accept',
    {
      config: stranger,
      schema: {
        summary: 'Create an account with an invitation',
        body: AcceptInvitation,
        response: responses(Done),
      },
    },
    async ({ body }, reply) => {
      await invitations.acceptInvitation(context, body)
      const { email, password } = body
      return forwardAuthResponse(
        await context.auth.post('/sign-in/email', undefined, { email, password }),
        reply,
      )
    },
  )

  app.post(
    '/api/me/join',
    {
      config: { needs: 'read', limit: 'setup' },
      schema: { summary: 'Join with an invitation', body: JoinByInvitation, response: responses(Done) },
    },
    async ({ body, caller, headers }, reply) => {
      const { org } = await invitations.joinByInvitation(context, caller, body.code)
      if (org === caller.org) return done
      const response = await context.auth.post('/organization/set-active', headers.cookie, {
        organizationSlug: org,
      })
      return forwardAuthResponse(response, reply)
    },
  )
}
