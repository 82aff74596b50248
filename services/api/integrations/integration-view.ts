/** Integrations, as the list shows them. */
import type { State } from '../../ports.ts'
import {
  readHomeAssistantOptions,
  readTopics,
  type IntegrationKind,
  type IntegrationRow,
} from '../../tables.ts'
import type { Context } from '../http/context.ts'
import type { IntegrationView, IntegrationWay } from './integration-schemas.ts'

const pushKinds = new Set<IntegrationKind>(['ecowitt', 'wunderground'])

/** How the devices of an integration reach Tilth. */
export function wayOf({ kind, url }: Pick<IntegrationRow, 'kind' | 'url'>): IntegrationWay {
  if (url !== null) return url.startsWith('mqtt') ? 'listen' : 'poll'
  return pushKinds.has(kind) ? 'push' : 'gateway'
}

/** In the order in which they were added. */
export async function listIntegrations(
  state: State,
  org: string,
  connections: Context['connections'],
): Promise<IntegrationView[]> {
  const rows = await state
    .selectFrom('integration')
    .leftJoin('integrationTraffic', 'integrationTraffic.integrationId', 'integration.id')
    .selectAll('integration')
    .select(['integrationTraffic.messages', 'integrationTraffic.lastMessageMs'])
    .select((of) =>
      of
        .selectFrom('assignedAddress')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .whereRef('assignedAddress.integrationId', '=', 'integration.id')
        .as('devices'),
    )
    .where('integration.org', '=', org)
    .orderBy('integration.createdAtMs')
    .orderBy('integration.id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    way: wayOf(row),
    farmId: row.farmId,
    url: row.url,
    userName: row.userName,
    hasSecret: row.secret !== null || row.secretHash !== null,
    topics: row.topics === null ? null : readTopics(row.topics),
    homeAssistant: row.homeAssistant ? readHomeAssistantOptions(row.homeAssistant) : null,
    ...statusOf(row, row.messages ?? 0, connections),
    messages: row.messages ?? 0,
    lastMessageMs: row.lastMessageMs ?? null,
    devices: Number(row.devices ?? 0),
    createdAtMs: row.createdAtMs,
  }))
}

function statusOf(
  { id, state, revokedAtMs }: IntegrationRow,
  messages: number,
  connections: Context['connections'],
): Pick<IntegrationView, 'status' | 'problem'> {
  if (revokedAtMs !== null) return { status: 'revoked', problem: null }
  if (state === 'off') return { status: 'off', problem: null }
  const connection = connections?.statusOf(id) ?? null
  if (connection?.state === 'failed') return { status: 'failed', problem: connection.problem }
  if (messages > 0) return { status: 'receiving', problem: null }
  return { status: connection?.state === 'connected' ? 'connected' : 'waiting', problem: null }
}
