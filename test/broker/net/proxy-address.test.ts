/** Who called, behind proxies that are believed and ones that are not. */
import { describe, expect, it } from 'vitest'
import { isLocalRequest, trustedProxies } from '../../../broker/net/proxy-address.ts'

describe('the address of the client', () => {
  const { clientAddress } = trustedProxies(['127.0.0.0/8', '::1/128', '10.0.0.5'])

  it.each([
    ['without a proxy, the connecting client', '203.0.113.5', '', '203.0.113.5'],
    ['a client that is no proxy forwards none', '203.0.113.5', '127.0.0.1', '203.0.113.5'],
    ['the last address that a proxy forwards', '127.0.0.1', '198.51.100.1, 203.0.113.5', '203.0.113.5'],
    ['a proxy behind a proxy', '127.0.0.1', '198.51.100.1, 10.0.0.5', '198.51.100.1'],
    ['only trusted proxies', '127.0.0.1', '198.51.100.1, 10.0.0.6', '10.0.0.6'],
    ['a proxy that forwards no address', '127.0.0.1', '', '127.0.0.1'],
    ['a proxy with a request of its own', '127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['IPv6, and IPv4-mapped IPv6', '::ffff:127.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['the same within the list', '::1', '::ffff:203.0.113.5', '203.0.113.5'],
    ['a text that is no address', '127.0.0.1', '127.0.0.1, unknown', 'unknown'],
  ])('%s', (_what, remote, forwardedFor, caller) => expect(clientAddress(remote, forwardedFor)).toBe(caller))

  it('no proxy is trusted unless configured', () =>
    expect(trustedProxies([]).clientAddress('127.0.0.1', '203.0.113.5')).toBe('127.0.0.1'))
})

describe('from this machine (B8)', () => {
  it.each([
    ['a client on it', '127.0.0.1', undefined, true],
    ['the same over IPv6, and IPv4-mapped', '::ffff:127.0.0.1', undefined, true],
    ['a client elsewhere', '203.0.113.5', undefined, false],
    ['a client elsewhere that forwards a local address', '203.0.113.5', '127.0.0.1', false],
    ['a proxy that forwards a local address: anyone can send it', '127.0.0.1', '127.0.0.1', false],
    ['a proxy on this machine', '127.0.0.1', '203.0.113.5', false],
    ['the gateway of a container that forwards a local address', '172.18.0.1', '::1', false],
  ])('%s', (_what, remote, forwardedFor, isIt) => expect(isLocalRequest(remote, forwardedFor)).toBe(isIt))
})
