/**
 * The address of a client behind proxies: each proxy appends the address of its own client to X-Forwarded-For. Only
 * entries that a trusted proxy appended count; the rest may be forged. Pure.
 */
import { BlockList, isIP } from 'node:net'
import { isLoopback, withoutIpv4Prefix } from '../contract/rate/address-key.ts'

export interface TrustedProxies {
  /** The address of the client, as the outermost trusted proxy reports it. */
  clientAddress(remoteAddress: string, forwardedFor: string): string
}

/** `trusted`: addresses, or ranges as 10.0.0.0/8. */
export function trustedProxies(trusted: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const entry of trusted) {
    const [address, bits] = entry.split('/') as [string, string | undefined]
    if (bits === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(bits), family(address))
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && list.check(address, family(address))

  return {
    clientAddress(remoteAddress, forwardedFor) {
      const forwarded = forwardedFor.split(',').map((entry) => withoutIpv4Prefix(entry.trim()))
      let client = withoutIpv4Prefix(remoteAddress)
      while (isTrusted(client)) {
        const before = forwarded.pop()
        if (before === undefined || before === '') break
        client = before
      }
      return client
    },
  }
}

/**
 * Whether a request comes from this machine. A forwarded one does not, whatever client it names: the header of a proxy
 * is enough for rate limits, not for access that is reserved for this machine.
 */
export const isLocalRequest = (remoteAddress: string, forwardedFor: string | string[] | undefined): boolean =>
  isLoopback(remoteAddress) && forwardedFor === undefined

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
