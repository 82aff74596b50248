/** The connected devices and the connections of gateways; the server's own programs do not count. */
import type { Aedes, Client } from 'aedes'
import { sessionOf } from '../access/session.ts'

/** Counts them; `onGateway` is called for each connection of a gateway and its end. */
export function connectedClients(
  aedes: Aedes,
  onGateway: { connected(gateway: string): void; disconnected(gateway: string): void },
): { count(): number } {
  // with its gateway; null: a device
  const ready = new Map<Client, string | null>()
  aedes.on('clientReady', (client) => {
    if (client.closed) return // it has left meanwhile, and no end follows
    const party = sessionOf(client)?.party
    if (party == null || party.kind === 'service') return
    const gateway = party.kind === 'gateway' ? party.gateway : null
    ready.set(client, gateway)
    if (gateway !== null) onGateway.connected(gateway)
  })
  aedes.on('clientDisconnect', (client) => {
    const gateway = ready.get(client)
    ready.delete(client)
    if (gateway != null) onGateway.disconnected(gateway)
  })
  return { count: () => ready.size }
}
