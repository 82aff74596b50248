/** Which way leads to an integration, by its row. */
import type { BrokerLimits } from '../../broker/access/limits.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import { acceptForeign } from '../../broker/journal/accept-foreign.ts'
import { parseBrokerUrl } from '../../broker/bridge/broker-stream.ts'
import { startForeignBridge } from '../../broker/bridge/foreign-bridge.ts'
import type { BrokerJournal } from '../../broker/journal/journal.ts'
import { brokerWays, type OpenOtherBroker } from '../connections/broker-way.ts'
import { gatewayWays, type GatewayBroker } from '../connections/gateway-way.ts'
import { pollWays } from '../connections/poll-way.ts'
import { pushWays } from '../connections/push-way.ts'
import { fetchStoredUplinks } from '../connections/stored-uplinks.ts'
import type { WayOf } from '../connections/start-connections.ts'
import type { Bus, Clock, Logger, State } from '../ports.ts'
import type { MessageIntake, PushIntake } from '../ports/integrations.ts'

interface WayDeps {
  /** null while devices connect to an external one */
  broker: GatewayBroker | null
  bus: Bus
  state: State
  hashSecret(secret: string): string
  journal: BrokerJournal
  clock: Clock
  log: Logger
  limits: BrokerLimits
  /** the name of this installation at another broker */
  name: string
  /** resolves when what the journal holds is in the stores; absent: a message is acknowledged once it is in the journal */
  untilStored?: (() => Promise<void>) | undefined
}

/** The ways of this Tilth, and what takes in the pushes of stations. */
export function connectionWays(deps: WayDeps): { wayOf: WayOf; pushes: PushIntake } {
  const { state, clock, log } = deps
  const intake = messageIntake(deps.journal)
  const gateway = gatewayWays(deps)
  const { start: push, pushes } = pushWays({ ...deps, intake })
  const poll = pollWays({ intake, clock, log })
  const broker = brokerWays({
    open: openOtherBroker(deps),
    clock,
    onConnected(row) {
      if (row.kind !== 'the-things-stack') return
      void lastMessageMs(state, row.id)
        .then((sinceMs) => fetchStoredUplinks(row, sinceMs, { intake, clock, log }))
        .catch((error: unknown) => log.warn({ error }, 'stored uplinks could not be fetched'))
    },
  })
  const wayOf: WayOf = ({ kind, url, secretHash }) => {
    if (url !== null) return url.startsWith('http') ? poll : broker
    if (secretHash === null) return null
    return kind === 'ecowitt' || kind === 'wunderground' ? push : gateway
  }
  return { wayOf, pushes }
}

/** Into the journal, as any message of another make. */
export const messageIntake = (journal: BrokerJournal): MessageIntake => ({
  accept: ({ org, integrationId, topic, payload, receivedMs }) =>
    acceptForeign(journal, {
      receivedMs,
      org,
      device: integrationId,
      payload,
      foreign: { integration: integrationId, topic, isRetained: false },
    }),
})

const lastMessageMs = async (state: State, integrationId: string): Promise<AtMs | null> =>
  (
    await state
      .selectFrom('integrationTraffic')
      .select('lastMessageMs')
      .where('integrationId', '=', integrationId)
      .executeTakeFirst()
  )?.lastMessageMs ?? null

/** A flood at another broker takes as much of the journal as one of a gateway. */
function openOtherBroker({ journal, clock, log, limits, name, untilStored }: WayDeps): OpenOtherBroker {
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
    const store = { journal, ...(untilStored === undefined ? {} : { untilStored }) }
    return startForeignBridge({ ...options, ...store, address, clientId, clock, log, rate, retainedBytes })
  }
}
