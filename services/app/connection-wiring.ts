/** Which way leads to an integration, by its row. */
import { gatewayWays, type GatewayBroker } from '../connections/gateway-way.ts'
import type { WayOf } from '../connections/start-connections.ts'
import type { Bus, Clock } from '../ports.ts'

/** The ways of this Tilth; `broker`: null while devices connect to an external one. */
export function connectionWays(deps: { broker: GatewayBroker | null; bus: Bus; clock: Clock }): WayOf {
  const gateway = gatewayWays(deps)
  return ({ url, secretHash }) => (url === null && secretHash !== null ? gateway : null)
}
