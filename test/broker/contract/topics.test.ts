import { describe, expect, it } from 'vitest'
import { quantities, quantityOf, withInstance } from '../../../broker/contract/quantities.ts'
import { delivery, parseTopic, topicOf } from '../../../broker/contract/topics.ts'

describe('topics', () => {
  it('a built topic is parsed back', () => {
    expect(parseTopic(topicOf('ja-uonuma', 'probe-01', 'telemetry'))).toEqual({
      ok: true,
      value: { org: 'ja-uonuma', device: 'probe-01', kind: 'telemetry' },
    })
  })

  it.each([
    ['tilth/v1/ja-uonuma/probe-01', 'topic must be'],
    ['tilth/v2/ja-uonuma/probe-01/telemetry', 'topic must be'],
    ['tilth/v1/+/probe-01/telemetry', 'org must match'],
    ['tilth/v1/ja-uonuma/p/telemetry', 'device must match'],
    ['tilth/v1/ja-uonuma/probe-01/valve', 'kind must be one of'],
    ['tilth/v1/ja-uonuma/../telemetry', 'device must match'],
  ])('%s is refused with the part that is wrong', (topic, reason) => {
    expect(parseTopic(topic)).toMatchObject({ ok: false, error: expect.stringContaining(reason) })
  })

  it('a command and a lease are never retained: a controller that reconnects must not replay an old run', () => {
    expect(delivery.command.retain || delivery.lease.retain).toBe(false)
  })
})

describe('quantities', () => {
  it('an instance follows a slash', () => {
    expect(withInstance('trap.count', 'codling-moth')).toBe('trap.count/codling-moth')
    expect(quantityOf('water.total/V1')).toBe(quantities['water.total'])
    expect(quantityOf('soil.colour')).toBeUndefined()
  })

  it('the absurd range is wider than the possible one', () => {
    for (const [name, row] of Object.entries(quantities)) {
      expect(row.absurdBelow, name).toBeLessThan(row.min)
      expect(row.absurdAbove, name).toBeGreaterThan(row.max)
    }
  })
})
