/** What a device may send: packets and bytes; what is more waits, and is not lost. And how many filters it may hold. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topicOf } from '../../../broker/contract/topics.ts'
import { deviceRateLimits } from '../../../broker/access/device-rate-limit.ts'
import { noLimits, standardLimits, type BrokerLimits } from '../../../broker/access/limits.ts'
import { tokenBucket } from '../../../broker/contract/rate/token-bucket.ts'
import { startBrokerRig } from '../rig.ts'

function budgets(limits: Partial<BrokerLimits>) {
  const is = { nowMs: 0, delayed: 0 }
  const of = deviceRateLimits(
    { ...noLimits, ...limits },
    () => is.nowMs,
    () => is.delayed++,
  )
  return { is, of }
}
const standard = { burst: standardLimits.burst, packets: standardLimits.packets, bytes: standardLimits.bytes }

describe('the rate limit of a device', () => {
  it('is 50 packets at once, then 5 a second (reliability.md, H10)', () => {
    const { is, of } = budgets(standard)
    const spend = of('probe1')
    for (let i = 0; i < 50; i++) expect(spend(10)).toBe(0)
    expect(spend(10)).toBe(200)
    expect(spend(10)).toBe(400)
    is.nowMs = 400
    expect(spend(10)).toBe(200)
    expect(is.delayed).toBe(3)
  })

  it('covers bytes too: the largest packet at once, then 16 KiB a second', () => {
    const { of } = budgets(standard)
    const spend = of('probe1')
    for (let i = 0; i < 4; i++) expect(spend(65_536)).toBe(0)
    expect(spend(16_384)).toBe(1_000)
  })

  it('belongs to the device, not to its connection: a new connection has no new budget', () => {
    const { of } = budgets(standard)
    for (let i = 0; i < 50; i++) of('probe1')(10)
    expect(of('probe1')(10)).toBe(200)
    expect(of('probe2')(10)).toBe(0)
  })

  it('a budget is released only when it is full again', () => {
    const { is, of } = budgets(standard)
    for (let i = 0; i < 51; i++) of('probe1')(10)
    for (let i = 0; i < 5_000; i++) of(`other-${i}`)(10)
    expect(of('probe1')(10)).toBe(400)
    is.nowMs = 60_000
    for (let i = 0; i < 20_000; i++) of(`third-${i}`)(10)
    for (let i = 0; i < 50; i++) expect(of('probe1')(10)).toBe(0)
  })

  it('never passes more in any period than the burst and the rate allow', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(waits, (idleMs) => {
        const bucket = tokenBucket({ burst: 50, perS: 5 }, 0)
        let nowMs = 0
        idleMs.forEach((idle, i) => {
          nowMs += idle
          // packet i + 1 passes now; its sender is read again after the wait
          const waitMs = bucket.take(1, nowMs)
          expect(i + 1).toBeLessThanOrEqual(50 + (nowMs / 1_000) * 5 + 1 + 1e-6)
          nowMs += waitMs
        })
      }),
    )
  })
})

describe('the rate limit of a device, over the wire', () => {
  it('a device that exceeds its limit is not disconnected: all is acknowledged in the end, and another is not held up', async () => {
    const rig = await startBrokerRig({ limits: { burst: 5, packets: 40 } })
    for (const id of ['probe1', 'probe2']) rig.register('coop', id)
    const [hasty, calm] = [await rig.connect('probe1'), await rig.connect('probe2')]
    const order: string[] = []
    const says = async (from: typeof hasty, id: string, n: number) => {
      await from.publishAsync(topicOf('coop', id, 'telemetry'), `{"v":1,"n":${n}}`, { qos: 1 })
      order.push(id)
    }
    const hastily = Promise.all(Array.from({ length: 40 }, (_, n) => says(hasty, 'probe1', n)))
    await says(calm, 'probe2', 1)
    await hastily
    expect(order.indexOf('probe2')).toBeLessThan(order.length - 1)
    expect(rig.journal.head()).toBe(41)
    expect(rig.broker.counters().packetsDelayed).toBeGreaterThan(0)
    expect(hasty.connected).toBe(true)
    await rig.stop()
  })

  it('a filter above the limit of a device is rejected, the others stay; one that it gives up makes room', async () => {
    const rig = await startBrokerRig({ limits: { subscriptions: 2 } })
    rig.register('coop', 'probe1')
    const probe = await rig.connect('probe1')
    const own = (kind: 'command' | 'lease' | 'config') => topicOf('coop', 'probe1', kind)
    await probe.subscribeAsync([own('command'), own('lease')], { qos: 1 })
    await expect(probe.subscribeAsync(own('config'), { qos: 1 })).rejects.toThrow()
    await probe.subscribeAsync(own('lease'), { qos: 0 }) // the same again is not one more
    await probe.unsubscribeAsync(own('lease'))
    await probe.subscribeAsync(own('config'), { qos: 1 })
    expect(rig.broker.counters().subscribesRefused).toBe(1)
    expect(standardLimits.subscriptions).toBe(8) // reliability.md, H11
    await rig.stop()
  })
})
