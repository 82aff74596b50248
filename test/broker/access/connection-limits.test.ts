/** Who may come in, and how many: connections a second, strangers that wait, devices of an address and of an organisation. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { connectionLimiter, type Slot } from '../../../broker/access/connection-limits.ts'
import { noLimits, standardLimits, type BrokerLimits } from '../../../broker/access/limits.ts'
import { closed, eventually, startBrokerRig, type BrokerRig } from '../rig.ts'

function doorWith(limits: Partial<BrokerLimits>) {
  const is = { nowMs: 0, lagMs: 0 }
  const door = connectionLimiter({
    limits: { ...noLimits, ...limits },
    lagMs: () => is.lagMs,
    nowMs: () => is.nowMs,
  })
  const sentAway: string[] = []
  const enter = (name: string, address = '192.0.2.1') => door.acquire(address, () => void sentAway.push(name))
  const visit = (name: string, address?: string) => enter(name, address) as Slot
  return { is, door, enter, visit, sentAway }
}

describe('the connection limits', () => {
  it('accept a burst of twice the rate, then the rate per second, over all addresses together', () => {
    const { is, enter } = doorWith({ connects: 10 })
    const came = () => Array.from({ length: 30 }, (_, i) => enter('x', `192.0.2.${i}`))
    expect(came().filter((each) => each === 'rate')).toHaveLength(10)
    is.nowMs = 500
    expect(came().filter((each) => each !== 'rate')).toHaveLength(5)
    is.nowMs = 3_600_000
    expect(came().filter((each) => each !== 'rate')).toHaveLength(20)
  })

  it('evict the connection that has waited longest', () => {
    const { door, visit, sentAway } = doorWith({ waiting: 3 })
    for (const name of ['a', 'b', 'c']) visit(name)
    visit('d')
    visit('e')
    expect(sentAway).toEqual(['a', 'b'])
    expect(door.waiting()).toBe(3)
  })

  it('evicts unauthenticated connections of one address in favour of the same address, not of another', () => {
    const { visit, sentAway } = doorWith({ waiting: 100, 'waiting-per-address': 2 })
    visit('good', '198.51.100.7')
    for (let i = 0; i < 5; i++) visit(`stranger ${i}`)
    expect(sentAway).toEqual(['stranger 0', 'stranger 1', 'stranger 2'])
  })

  it('count an IPv6 site as one address, and IPv4-mapped IPv6 as IPv4', () => {
    const { visit, sentAway } = doorWith({ 'waiting-per-address': 1 })
    visit('a', '2001:db8:1:2::1')
    visit('b', '2001:db8:1:2:ffff::9')
    visit('c', '2001:db8:1:3::1')
    visit('d', '::ffff:192.0.2.1')
    visit('e', '192.0.2.1')
    expect(sentAway).toEqual(['a', 'd'])
  })

  it('an accepted connection no longer waits and is never evicted', () => {
    const { door, visit, sentAway } = doorWith({ waiting: 1 })
    expect(visit('a').admit('coop', 'probe1').ok).toBe(true)
    expect(door.waiting()).toBe(0)
    visit('b')
    visit('c')
    expect(sentAway).toEqual(['b'])
  })

  it('an evicted connection can still be accepted if its CONNECT was on its way; a closed one cannot', () => {
    const { visit } = doorWith({ waiting: 1 })
    const first = visit('a')
    first.release()
    expect(first.admit('coop', 'probe1').ok).toBe(false)
    const second = visit('b')
    expect(second.admit('coop', 'probe1').ok).toBe(true)
    expect(second.admit('coop', 'probe1').ok).toBe(false)
  })

  it.each([
    ['an address', { 'per-address': 2 }, /^per-address: expected at most 2 devices from 192\.0\.2\.1$/],
    ['an organisation', { 'per-org': 2 }, /^per-org: expected at most 2 devices of coop$/],
  ])(
    'admit the configured number of devices of %s; a session takeover is not one more',
    (_what, limits, says) => {
      const { visit } = doorWith(limits)
      const first = visit('a')
      expect(first.admit('coop', 'probe1').ok).toBe(true)
      expect(visit('b').admit('coop', 'probe2').ok).toBe(true)
      const third = visit('c')
      const refused = third.admit('coop', 'probe3')
      expect(!refused.ok && refused.error).toMatch(says)
      const again = visit('a again')
      expect(again.admit('coop', 'probe1').ok).toBe(true)
      first.release() // the connection whose place was taken
      expect(third.admit('coop', 'probe3').ok).toBe(false)
      again.release()
      expect(third.admit('coop', 'probe3').ok).toBe(true)
    },
  )

  it('admit no connection while the server is overloaded, and admit again when it has caught up', () => {
    const { is, enter } = doorWith({ lag: standardLimits.lag })
    is.lagMs = 501
    expect(enter('a')).toBe('lag')
    is.lagMs = 500
    expect(enter('a')).not.toBe('lag')
  })

  it('release closed connections: after 100,000 visits nothing waits', () => {
    const { door, visit } = doorWith({ waiting: 10, 'waiting-per-address': 10 })
    for (let i = 0; i < 100_000; i++) {
      const one = visit('x', `192.0.${i % 256}.${(i >> 8) % 256}`)
      if (i % 2 === 0) one.admit('coop', 'probe1')
      one.release()
      one.release()
    }
    expect(door.waiting()).toBe(0)
  })
})

describe('the connection limits, over the wire', () => {
  let rig: BrokerRig
  const sockets: Socket[] = []
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await rig.stop()
  })

  async function start(limits: Partial<BrokerLimits>): Promise<void> {
    rig = await startBrokerRig({ limits })
    for (const id of ['probe1', 'probe2', 'probe3']) rig.register('coop', id)
    rig.register('other', 'probe4')
  }
  /** Connects and sends nothing. */
  async function stranger(): Promise<Socket> {
    const socket = connect(rig.broker.port, '127.0.0.1')
    socket.on('error', () => {})
    sockets.push(socket.resume())
    await once(socket, 'connect')
    return socket
  }

  it('the third device of an organisation limited to two receives "server unavailable" until one disconnects', async () => {
    await start({ 'per-org': 2 })
    const first = await rig.connect('probe1')
    await rig.connect('probe2')
    await expect(rig.connect('probe3')).rejects.toThrow(/Server unavailable/)
    await rig.connect('probe4')
    await rig.connect('probe2') // takes its own place
    first.end(true)
    await eventually(() => rig.broker.connected() === 2)
    await rig.connect('probe3')
    expect(rig.broker.counters().tooManyDevices).toBe(1)
  })

  it('the third device from an address with a limit of two gets "server unavailable"', async () => {
    await start({ 'per-address': 2 })
    await rig.connect('probe1')
    await rig.connect('probe4')
    await expect(rig.connect('probe3')).rejects.toThrow(/Server unavailable/)
  })

  it('a device is accepted while unauthenticated connections hold every waiting place; the oldest one is evicted', async () => {
    await start({ waiting: 5, 'waiting-per-address': 5 })
    const first = await stranger()
    for (let i = 0; i < 4; i++) await stranger()
    await eventually(() => rig.broker.waiting() === 5)
    const isGone = once(first, 'close')
    await rig.connect('probe1')
    await isGone
    expect(rig.broker.counters().connectionsEvicted).toBe(1)
    expect(rig.broker.waiting()).toBe(4)
  })

  it('connections beyond the rate are closed at once', async () => {
    await start({ connects: 1 })
    const isGone = (socket: Socket) => socket.destroyed || socket.readableEnded
    const came = await Promise.all(Array.from({ length: 50 }, stranger))
    await eventually(() => came.filter(isGone).length >= 10)
    expect(rig.broker.counters().connectionsRefusedRate).toBeGreaterThanOrEqual(10)
    expect(rig.broker.counters().connectionsAccepted).toBeGreaterThanOrEqual(2)
  })

  it('no new connection is accepted while the event loop is 500 ms behind; existing ones stay', async () => {
    await start({ lag: standardLimits.lag })
    const probe = await rig.connect('probe1')
    const socket = connect(rig.broker.port, '127.0.0.1')
    socket.on('error', () => {})
    const isClosed = once(socket.resume(), 'close')
    const untilMs = performance.now() + 700
    while (performance.now() < untilMs); // the server is in this thread
    await isClosed
    expect(rig.broker.counters().connectionsRefusedLag).toBeGreaterThanOrEqual(1)
    expect(probe.connected).toBe(true)
    await eventually(() => rig.broker.lagMs() < standardLimits.lag)
    await rig.connect('probe2')
    await eventually(() => rig.broker.connected() === 2)
  })

  it('a session that was taken over is closed, and its place is free', async () => {
    await start({ 'per-org': 1 })
    const first = await rig.connect('probe1')
    await rig.connect('probe1')
    await closed(first)
    await eventually(() => rig.broker.connected() === 1)
  })
})
