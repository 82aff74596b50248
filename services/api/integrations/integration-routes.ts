/** Integrations: the networks from which devices of other makes come, and their credentials, which are shown once. */
import { ById, Done, done, responses } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { revokeGateway, rotateGatewaySecret } from './credentials.ts'
import { changeIntegration, createIntegration, eraseIntegration } from './integrations.ts'
import {
  IntegrationCredentials,
  IntegrationList,
  IntegrationPatch,
  NewIntegration,
} from './integration-schemas.ts'
import { listIntegrations } from './integration-view.ts'

/** All of it needs `admin`. CONFLICT for a change of one that is revoked; NOT_FOUND for one without credentials. */
export function integrationRoutes(app: App, context: Context): void {
  const { state } = context
  const admin = { needs: 'admin' } as const

  app.get(
    '/api/integrations',
    { config: admin, schema: { summary: 'List integrations', response: responses(IntegrationList) } },
    async ({ caller: { org } }) => {
      const endpoints = context.settings.mqttEndpoints?.(false) ?? null
      return {
        integrations: await listIntegrations(state, org, context.connections),
        ports: { mqtt: endpoints?.port ?? null, mqttTls: endpoints?.tlsPort ?? null },
      }
    },
  )

  app.post(
    '/api/integrations',
    {
      config: admin,
      schema: {
        summary: 'Add an integration',
        body: NewIntegration,
        response: responses(IntegrationCredentials),
      },
    },
    async ({ body, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      return createIntegration(context, caller, body)
    },
  )

  app.patch(
    '/api/integrations/:id',
    {
      config: admin,
      schema: {
        summary: 'Change an integration',
        params: ById,
        body: IntegrationPatch,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      await changeIntegration(context, caller, params.id, body)
      return done
    },
  )

  app.delete(
    '/api/integrations/:id',
    {
      config: admin,
      schema: {
        summary: 'Erase an integration',
        description: 'Its devices keep their history and receive no more messages.',
        params: ById,
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      await eraseIntegration(context, caller, params.id)
      return done
    },
  )

  app.post(
    '/api/integrations/:id/rotate',
    {
      config: admin,
      schema: {
        summary: 'Rotate the credentials of an integration',
        description: 'The previous secret stays valid until the next rotation.',
        params: ById,
        response: responses(IntegrationCredentials),
      },
    },
    async ({ params, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      return rotateGatewaySecret(context, caller, params.id)
    },
  )

  app.post(
    '/api/integrations/:id/revoke',
    {
      config: admin,
      schema: {
        summary: 'Revoke the credentials of an integration',
        params: ById,
        response: responses(Done),
      },
    },
    async ({ params, caller }) => {
      await revokeGateway(context, caller, params.id)
      return done
    },
  )
}
