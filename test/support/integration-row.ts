/** An integration of an organisation, for tests. */
import type { IntegrationRow } from '../../services/tables.ts'

export const integrationRow = (changes: Partial<IntegrationRow> = {}): IntegrationRow => ({
  id: 'gateway-1',
  org: 'coop',
  farmId: 'farm1',
  name: 'Barn',
  kind: 'generic',
  url: null,
  userName: null,
  secret: null,
  topics: null,
  state: 'on',
  secretHash: null,
  previousSecretHash: null,
  createdAtMs: 0,
  revokedAtMs: null,
  definitions: null,
  ...changes,
})
