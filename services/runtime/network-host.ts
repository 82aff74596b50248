/** The host under which other devices of the network reach this machine. */
import { isIP } from 'node:net'
import { isLoopback } from '../../broker/contract/rate/address-key.ts'

/** The first address that is not of this machine only, IPv4 first, as it stands in a URL; null: none. */
export function networkHost(addresses: readonly string[]): string | null {
  const outside = addresses.filter((address) => !isLoopback(address))
  const address = outside.find((text) => isIP(text) === 4) ?? outside[0]
  if (address === undefined) return null
  return isIP(address) === 6 ? `[${address}]` : address
}
