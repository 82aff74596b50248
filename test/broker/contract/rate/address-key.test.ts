/** Which addresses limits count as one. */
import { expect, it } from 'vitest'
import { addressKey, isLoopback } from '../../../../broker/contract/rate/address-key.ts'

it.each([
  ['an IPv4 address is a key of its own', '192.0.2.7', '192.0.2.7'],
  ['an IPv4-mapped IPv6 address is the IPv4 address', '::ffff:192.0.2.7', '192.0.2.7'],
  ['an IPv6 address counts by its /64', '2001:db8:0:1:a:b:c:d', '2001:db8:0:1::/64'],
  ['another host of the same /64', '2001:db8:0:1::1', '2001:db8:0:1::/64'],
  ['leading zeros make no difference', '2001:0db8:0000:0001::1', '2001:db8:0:1::/64'],
  ['nor does a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['loopback', '::1', '0:0:0:0::/64'],
])('%s', (_case, address, key) => expect(addressKey(address)).toBe(key))

it.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::ffff:127.0.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['192.0.2.7', false],
  ['2001:db8::1', false],
])('%s is loopback: %s', (address, expected) => expect(isLoopback(address)).toBe(expected))
