/**
 * The address that limits are counted by. An IPv6 site has a whole /64 to itself, so that is counted as one; an IPv4
 * address in an IPv6 coat is the IPv4 address. Pure.
 */
import { isIPv6 } from 'node:net'

export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head, tail] = plain.split('::') as [string, string | undefined]
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4)
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** Whether an address is this machine's own, for itself. */
export const isLoopback = (address: string): boolean =>
  /^(localhost|::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/i.test(address)
