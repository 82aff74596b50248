/**
 * Where a request may go to. Addresses of webhooks and push services come from users, who need not be the operator of the
 * server: they must not lead into its own network unless the operator allows it. Devices that are asked over HTTP are in
 * the farm's network, and nowhere else.
 */
import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** `public`: https, to public addresses; `any`: private networks and http as well; `private`: private networks only. */
export type Reach = 'public' | 'any' | 'private'

// the metadata services of clouds, which provide the credentials of the server, outside of the link-local ranges
const metadataAddresses = ['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16']

/**
 * Whether an IP address may be reached. An IPv6 address that maps or translates an IPv4 address counts as that one;
 * the other forms that embed one (6to4, Teredo, and what else is deprecated or reserved) are never reached.
 */
export function mayReach(address: string, reach: Reach): boolean {
  if (!ipaddr.isValid(address)) return false
  const target = embeddedIpv4(ipaddr.parse(address))
  if (metadataAddresses.includes(target.toString())) return false
  const range = target.range()
  return (reach !== 'private' && range === 'unicast') || (reach !== 'public' && privateRanges.has(range))
}

/** Names of ipaddr.js, from IANA's special-purpose registries (RFC 6890). Link-local is left out on purpose. */
const privateRanges = new Set(['private', 'uniqueLocal', 'loopback', 'carrierGradeNat', 'unspecified'])

// RFC 6052: NAT64's well-known prefix ends with the IPv4 address
const nat64 = ipaddr.parseCIDR('64:ff9b::/96')

function embeddedIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  return address.match(nat64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
}

/** Null when the address is not allowed. A host name is resolved and checked when it is used. */
export function parseTargetAddress(text: string, reach: Reach): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const schemes = reach === 'public' ? ['https:'] : ['https:', 'http:']
  if (!schemes.includes(url.protocol) || url.username !== '' || url.password !== '') return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // a numeric address is not resolved by the lookup
  return isIP(host) === 0 || mayReach(host, reach) ? url : null
}

/**
 * Resolves names like the system does, and fails when one of the addresses is not allowed: a name may point
 * anywhere.
 */
export const lookupWithin =
  (reach: Reach): LookupFunction =>
  (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '')
      if (addresses.some(({ address }) => !mayReach(address, reach)))
        return done(Object.assign(new Error('this address is not allowed'), { code: REFUSED }), '')
      const [first] = addresses
      if (options.all === true) done(null, addresses)
      else done(null, first!.address, first!.family)
    })
export const REFUSED = 'ADDRESS_REFUSED'
