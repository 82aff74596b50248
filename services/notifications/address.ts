/**
 * Where a notification may be posted to. Addresses of webhooks and push services come from users, who need not be
 * the operator of the server: they must not lead into its own network unless the operator allows it.
 */
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** `public`: https, to public addresses; `any`: private networks and http as well. */
export const notificationReaches = ['public', 'any'] as const
export type NotificationReach = (typeof notificationReaches)[number]

// IANA special-purpose address registries (RFC 6890)
const privateRanges = ranges([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '::/127', 'fc00::/7', 'ff00::/8', '2001:db8::/32'],
  // IPv4 embedded in IPv6
  ...['::ffff:0:0/96', '64:ff9b::/96', '2002::/16'],
])
// cloud metadata services provide the credentials of the server there: never
const linkLocal = ranges(['169.254.0.0/16', 'fe80::/10'])

/** Whether an IP address may be reached. */
export function mayReach(address: string, reach: NotificationReach): boolean {
  return !isIn(linkLocal, address) && (reach === 'any' || !isIn(privateRanges, address))
}

/** Null when the address is not allowed. A host name is resolved and checked when it is used. */
export function parseTargetAddress(text: string, reach: NotificationReach): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const schemes = reach === 'any' ? ['https:', 'http:'] : ['https:']
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
  (reach: NotificationReach): LookupFunction =>
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

interface Ranges {
  ipv4: BlockList
  ipv6: BlockList
}
function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
const isIn = (ranges: Ranges, address: string): boolean =>
  ranges[familyOf(address)].check(address, familyOf(address))

/** Separate lists: a shared one would match an IPv4 address in its IPv6 form. */
function ranges(texts: readonly string[]): Ranges {
  const lists: Ranges = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const text of texts) {
    const [address, bits] = text.split('/') as [string, string]
    lists[familyOf(address)].addSubnet(address, Number(bits), familyOf(address))
  }
  return lists
}
