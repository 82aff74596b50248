/**
 * The names and addresses under which a machine is reached on its own network. An authority of one's own may certify only
 * these: names and ranges that no one on the internet can own, so that its key, if stolen, forges no public site.
 */
import { hostname, networkInterfaces } from 'node:os'
import { BlockList, isIP } from 'node:net'

/** Domains that are never delegated on the internet (RFC 6762, 6761, 8375; ICANN's `internal`; `lan` of common routers). */
export const privateDomains = ['local', 'lan', 'home.arpa', 'internal', 'localhost'] as const

/** Ranges that are not routed on the internet (RFC 1918, 3927, 6598, 4193, loopback). */
export const privateRanges = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  'fc00::/7',
  '::1/128',
] as const

export interface MachineNames {
  /** lower case, `localhost` first */
  domains: string[]
  /** without zone or prefix, loopback first */
  addresses: string[]
}

const ranges = new BlockList()
for (const range of privateRanges) {
  const [address, bits] = range.split('/') as [string, string]
  ranges.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Whether an authority of one's own may certify the address. */
export const isPrivateAddress = (address: string): boolean =>
  isIP(address) !== 0 && ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Whether an authority of one's own may certify the name. */
export const isPrivateDomain = (name: string): boolean =>
  /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(name) &&
  privateDomains.some((domain) => name === domain || name.endsWith(`.${domain}`))

/**
 * The names of this machine now, and its addresses on which `listenHost` listens. `extra`: names that it answers to in
 * addition, such as the one of mDNS.
 */
export function machineNames(
  listenHost: string,
  extra: readonly string[] = [],
  host = hostname(),
  interfaces = networkInterfaces(),
): MachineNames {
  const name = host.toLowerCase()
  const label = name.split('.', 1)[0]!
  const candidates = [
    'localhost',
    ...extra.map((text) => text.toLowerCase()),
    name,
    ...['local', 'lan', 'home.arpa', 'internal'].map((domain) => `${label}.${domain}`),
  ]
  const own = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .filter((address) => listensOn(listenHost, address))
  return {
    domains: [...new Set(candidates.filter(isPrivateDomain))],
    addresses: [...new Set(['127.0.0.1', '::1', ...own.filter(isPrivateAddress)])],
  }
}

/** `0.0.0.0` is every IPv4 address, `::` every address. */
function listensOn(listenHost: string, address: string): boolean {
  if (listenHost === '::') return true
  return listenHost === '0.0.0.0' ? isIP(address) === 4 : listenHost === address
}
