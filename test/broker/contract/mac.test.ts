import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalText, hasValidMac, macOf, withMac } from '../../../broker/contract/mac.ts'

const key = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
const open = {
  op: 'open' as const,
  id: '0b6c7a52-6f2d-4a43-9d7c-2f6f7f2a9d10',
  valve: 'V1',
  seq: 42,
  durMs: 600_000,
  litres: 800,
  sess: 'b17.c3.9f',
  n: 55,
  expMonoMs: 190_034,
}

describe('the MAC of a command', () => {
  it('is the first 16 bytes of HMAC-SHA-256 over the fields in their order', () => {
    const text = '["open","0b6c7a52-6f2d-4a43-9d7c-2f6f7f2a9d10","V1",42,600000,800,"b17.c3.9f",55,190034]'
    expect(canonicalText(open)).toBe(text)
    const whole = createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('hex')
    expect(macOf(key, open)).toBe(whole.slice(0, 32))
  })

  it.each([
    ['a longer run', { durMs: 600_001 }],
    ['more water', { litres: 801 }],
    ['another valve', { valve: 'V2' }],
    ['another number', { seq: 43 }],
    ['another session', { sess: 'b18.c1.9f' }],
    ['a later end of validity', { expMonoMs: 190_035 }],
  ])('does not match %s', (_, change) => {
    const sealed = withMac(key, open)
    expect(hasValidMac(key, sealed)).toBe(true)
    expect(hasValidMac(key, { ...sealed, ...change })).toBe(false)
  })

  it('with another key, or truncated, is refused', () => {
    expect(hasValidMac('ff'.repeat(32), withMac(key, open))).toBe(false)
    expect(hasValidMac(key, { ...open, mac: macOf(key, open).slice(0, 30) })).toBe(false)
  })

  it('of a close matches no emergency stop, and of one lease no other', () => {
    const close = withMac(key, { op: 'close' as const, valve: 'V1', seq: 43, of: 42, sess: 's' })
    expect(hasValidMac(key, { ...close, force: true })).toBe(false)
    expect(hasValidMac(key, { ...close, valve: '*' })).toBe(false)
    expect(hasValidMac(key, { ...withMac(key, { sess: 's', n: 7 }), n: 8 })).toBe(false)
  })
})
