/**
 * Where a notice may be posted to. The addresses of webhooks and of push services come from people who need not be those
 * who run the server: what they name must not lead into its own network, unless whoever runs it says so.
 */
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** `public`: over https, to addresses that anybody can reach; `any`: also to those of the own network, also over http. */
export const notificationReaches = ['public', 'any'] as const
export type NotificationReach = (typeof notificationReaches)[number]

// IANA special-purpose address registries (RFC 6890)
const privateRanges = ranges([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '::/127', 'fc00::/7', 'ff00::/8', '2001:db8::/32'],
  // IPv4 in another coat
  ...['::ffff:0:0/96', '64:ff9b::/96', '2002::/16'],
])
// a cloud keeps the server's own credentials there: never
const linkLocal = ranges(['169.254.0.0/16', 'fe80::/10'])

/** Whether an address, as numbers, may be reached. */
export function mayReach(address: string, reach: NotificationReach): boolean {
  return !isIn(linkLocal, address) && (reach === 'any' || !isIn(privateRanges, address))
}

/** Null where it may be tried; its name is looked up, and looked at again, when it is. */
export function parseTargetAddress(text: string, reach: NotificationReach): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const schemes = reach === 'any' ? ['https:', 'http:'] : ['https:']
  if (!schemes.includes(url.protocol) || url.username !== '' || url.password !== '') return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // a connection to numbers asks nobody for a name
  return isIP(host) === 0 || mayReach(host, reach) ? url : null
}

/** Finds addresses as the system does, and fails where one of them may not be reached: a name may lead anywhere. */
export const lookupWithin =
  (reach: NotificationReach): LookupFunction =>
  (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '')
      if (found.some(({ address }) => !mayReach(address, reach)))
        return done(Object.assign(new Error('this address may not be reached'), { code: REFUSED }), '')
      const [first] = found
      if (options.all === true) done(null, found)
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

/** A list each: one of both takes an IPv4 address for one in another coat. */
function ranges(texts: readonly string[]): Ranges {
  const lists: Ranges = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const text of texts) {
    const [address, bits] = text.split('/') as [string, string]
    lists[familyOf(address)].addSubnet(address, Number(bits), familyOf(address))
  }
  return lists
}
