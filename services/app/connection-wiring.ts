/** Which way leads to an integration, by its row. */
import type { BrokerLimits } from '../../broker/access/limits.ts'
import { parseBrokerUrl } from '../../broker/bridge/broker-stream.ts'
import { startForeignBridge } from '../../broker/bridge/foreign-bridge.ts'
import type { BrokerJournal } from '../../broker/journal/journal.ts'
import { brokerWays, type OpenOtherBroker } from '../connections/broker-way.ts'
import { gatewayWays, type GatewayBroker } from '../connections/gateway-way.ts'
import type { WayOf } from '../connections/start-connections.ts'
import type { Bus, Clock, Logger } from '../ports.ts'

interface WayDeps {
  /** null while devices connect to an external one */
  broker: GatewayBroker | null
  bus: Bus
  journal: BrokerJournal
  clock: Clock
  log: Logger
  limits: BrokerLimits
  /** the name of this installation at another broker */
  name: string
}

/** The ways of this Tilth. */
export function connectionWays(deps: WayDeps): WayOf {
  const gateway = gatewayWays(deps)
  const broker = brokerWays({ open: openOtherBroker(deps), clock: deps.clock })
  return ({ url, secretHash }) => {
    if (url !== null) return broker
    return secretHash !== null ? gateway : null
  }
}

/** A flood at another broker takes as much of the journal as one of a gateway. */
function openOtherBroker({ journal, clock, log, limits, name }: WayDeps): OpenOtherBroker {
  const rate = {
    burst: limits['gateway-burst'],
    packets: limits['gateway-packets'],
    bytes: limits['gateway-bytes'],
  }
  return ({ url, ...options }) => {
    const address = parseBrokerUrl(url)
    if (address === null) return null
    const clientId = `${name}-${options.integration}`
    const retainedBytes = limits['gateway-retained']
    return startForeignBridge({ ...options, address, clientId, journal, clock, log, rate, retainedBytes })
  }
}
