/**
 * Who called, where proxies stand between: each adds the address that it was called from to the end of
 * X-Forwarded-For. Only what a trusted proxy has added is believed; the rest anyone could have written. Pure.
 */
import { BlockList, isIP } from 'node:net'
import { isLoopback } from './address-key.ts'

export interface TrustedProxies {
  /** The address of the caller, as the nearest proxy that is believed names it. */
  clientAddress(remoteAddress: string, forwardedFor: string): string
}

/** `trusted`: addresses, or ranges as 10.0.0.0/8. */
export function trustedProxies(trusted: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const each of trusted) {
    const [address, bits] = each.split('/') as [string, string | undefined]
    if (bits === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(bits), family(address))
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && list.check(address, family(address))

  return {
    clientAddress(remoteAddress, forwardedFor) {
      const named = forwardedFor.split(',').map((each) => withoutIpv4Prefix(each.trim()))
      let caller = withoutIpv4Prefix(remoteAddress)
      while (isTrusted(caller)) {
        const before = named.pop()
        if (before === undefined || before === '') break
        caller = before
      }
      return caller
    },
  }
}

/**
 * Whether a request comes from this machine. One that names whom it was forwarded for does not, whatever name that is:
 * a proxy's word is enough to count by, not to open what is for this machine alone.
 */
export const isLocalRequest = (remoteAddress: string, forwardedFor: string | string[] | undefined): boolean =>
  isLoopback(remoteAddress) && forwardedFor === undefined

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Without the coat that IPv4 wears on an IPv6 socket. */
const withoutIpv4Prefix = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
