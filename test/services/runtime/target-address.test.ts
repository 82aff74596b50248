/** Where a notice may go: nobody makes this server knock on the doors of its own network. */
import { describe, expect, it } from 'vitest'
import { mayReach, parseTargetAddress } from '../../../services/runtime/target-address.ts'
import { post } from '../../../services/notifications/post.ts'
import { openPostBox } from '../notifications/receivers.ts'

describe('an address', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.20.0.5', '192.168.1.9', '100.64.0.1', '0.0.0.0', '::1', 'fd00::1'],
    ...['::ffff:10.0.0.1', '64:ff9b::a00:1'],
  ])('%s is in a private network: reached only where the server may', (address) => {
    expect([mayReach(address, 'public'), mayReach(address, 'any')]).toEqual([false, true])
  })

  it.each([
    ...['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200'],
    // the first one as mapped, by NAT64, as 6to4, and in forms that no network needs
    ...['::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::', '64:ff9b:1::a9fe:a9fe'],
    ...[
      '::169.254.169.254',
      '::ffff:0:169.254.169.254',
      '2001:0:a9fe:a9fe::1',
      'fec0::1',
      '192.88.99.1',
      'x',
    ],
  ])('%s may hold the credentials of a cloud: never', (address) =>
    expect([mayReach(address, 'public'), mayReach(address, 'any')]).toEqual([false, false]),
  )

  it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1'])('%s is public', (address) =>
    expect(mayReach(address, 'public')).toBe(true),
  )

  it('is public https, without a name and password in it', () => {
    const may = (text: string) => parseTargetAddress(text, 'public') !== null
    expect(may('https://hooks.example.org/x?token=1')).toBe(true)
    for (const text of [
      ...['http://hooks.example.org/', 'https://u:p@hooks.example.org/', 'file:///etc/passwd', 'x'],
      ...['https://127.0.0.1/', 'https://[::1]/', 'https://2130706433/', 'https://0x7f.1/'],
    ])
      expect([text, may(text)]).toEqual([text, false])
  })

  it('whose name resolves to a private network is rejected at the look-up', async () => {
    const box = await openPostBox()
    const url = box.url.replace('127.0.0.1', 'localhost').replace('http:', 'https:')
    expect(await post(url, { headers: {}, body: '{}' }, 'public')).toEqual({
      ok: false,
      error: 'address-not-allowed',
    })
    expect(box.posts).toEqual([])
    await box.close()
  })

  it('that redirects to another is not followed', async () => {
    const [box, other] = [await openPostBox(), await openPostBox()]
    box.answer(307, { location: other.url })
    expect(await post(box.url, { headers: {}, body: '{}' }, 'any')).toEqual({ ok: false, error: 'refused' })
    expect([box.posts.length, other.posts.length]).toEqual([1, 0])
    await Promise.all([box.close(), other.close()])
  })
})
