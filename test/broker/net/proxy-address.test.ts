/** Who called, behind proxies that are believed and ones that are not. */
import { describe, expect, it } from 'vitest'
import { isLocalRequest, trustedProxies } from '../../../broker/net/proxy-address.ts'

describe('who called', () => {
  const { clientAddress } = trustedProxies(['127.0.0.0/8', '::1/128', '10.0.0.5'])

  it.each([
    ['without a proxy, the one who connected', '203.0.113.5', '', '203.0.113.5'],
    ['who is no proxy speaks for nobody', '203.0.113.5', '127.0.0.1', '203.0.113.5'],
    ['a proxy names who called it, at the end', '127.0.0.1', '198.51.100.1, 203.0.113.5', '203.0.113.5'],
    ['a proxy behind a proxy', '127.0.0.1', '198.51.100.1, 10.0.0.5', '198.51.100.1'],
    ['only proxies that are believed', '127.0.0.1', '198.51.100.1, 10.0.0.6', '10.0.0.6'],
    ['a proxy that names nobody', '127.0.0.1', '', '127.0.0.1'],
    ['a proxy that calls for itself', '127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['IPv6, and IPv4 in its coat', '::ffff:127.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['the same within the list', '::1', '::ffff:203.0.113.5', '203.0.113.5'],
    ['a word that is no address', '127.0.0.1', '127.0.0.1, unknown', 'unknown'],
  ])('%s', (_what, remote, forwardedFor, caller) => expect(clientAddress(remote, forwardedFor)).toBe(caller))

  it('nobody is believed unless it is said', () =>
    expect(trustedProxies([]).clientAddress('127.0.0.1', '203.0.113.5')).toBe('127.0.0.1'))
})

describe('from this machine (B8)', () => {
  it.each([
    ['who connects from it', '127.0.0.1', undefined, true],
    ['the same over IPv6, and in its coat', '::ffff:127.0.0.1', undefined, true],
    ['somebody else', '203.0.113.5', undefined, false],
    ['somebody else who says so', '203.0.113.5', '127.0.0.1', false],
    ['a proxy that is told so: anyone can write it', '127.0.0.1', '127.0.0.1', false],
    ['a proxy on this machine', '127.0.0.1', '203.0.113.5', false],
    ['the gateway of a container that is told so', '172.18.0.1', '::1', false],
  ])('%s', (_what, remote, forwardedFor, isIt) => expect(isLocalRequest(remote, forwardedFor)).toBe(isIt))
})
