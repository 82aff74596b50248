/**
 * The key by which limits count an address. An IPv6 site has a whole /64 to itself, so the /64 is one key; an
 * IPv4-mapped IPv6 address (::ffff:192.0.2.1) is the IPv4 address. Pure.
 */
// groups of hex digits, at least two colons, and an IPv4 tail at most
const IPV6 = /^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}(\.\d+){0,3}$/i

/** The IPv4 address, or the /64 of the IPv6 address as `2001:db8:0:1::/64`. */
export function addressKey(address: string): string {
  const plain = withoutIpv4Prefix(address).replace(/%.*$/, '')
  if (!IPV6.test(plain)) return plain
  const [head, tail] = plain.split('::') as [string, string | undefined]
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4)
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** The IPv4 address of an IPv4-mapped IPv6 address; any other address as it is. */
export const withoutIpv4Prefix = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

/** Whether an address is the loopback of this machine. */
export const isLoopback = (address: string): boolean =>
  /^(localhost|::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/i.test(address)
