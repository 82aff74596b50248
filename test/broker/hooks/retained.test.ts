/** Retained messages: found by topic or by a wildcard, according to the standard. */
import fc from 'fast-check'
import type { PublishPacket } from 'aedes'
import { describe, expect, it } from 'vitest'
import { matchesFilter } from '../../../broker/contract/match-filter.ts'
import { retainedStore } from '../../../broker/hooks/retained.ts'
import { runs } from '../../support/runs.ts'

const packet = (topic: string, payload = 'x') =>
  ({
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain: true,
    dup: false,
  }) as PublishPacket

async function found(kept: ReturnType<typeof retainedStore>, ...filters: string[]): Promise<string[]> {
  const topics: string[] = []
  for await (const { topic } of kept.createRetainedStreamCombi(filters) as AsyncIterable<PublishPacket>)
    topics.push(topic)
  return topics.sort()
}

/** MQTT 3.1.1, 4.7, said level by level. */
function fallsUnder(filter: string[], topic: string[]): boolean {
  if (filter.length === 0) return topic.length === 0
  if (filter[0] === '#') return true
  return (
    topic.length > 0 &&
    (filter[0] === '+' || filter[0] === topic[0]) &&
    fallsUnder(filter.slice(1), topic.slice(1))
  )
}
const level = fc.constantFrom('a', 'b', 'ab', '', 'A', '米', '$x')
const topics = fc.array(level, { minLength: 1, maxLength: 5 })
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, isOpen]) => (isOpen ? [...levels, '#'] : levels))

describe('the retained messages', () => {
  it('are the newest of each topic, until an empty message ends it', async () => {
    const kept = retainedStore()
    for (const topic of ['tilth/a', 'tilth/b', 'tilth/a']) await kept.storeRetained(packet(topic))
    expect(await found(kept, 'tilth/a')).toEqual(['tilth/a'])
    expect(await found(kept, 'tilth/+')).toEqual(['tilth/a', 'tilth/b'])
    expect(await found(kept, 'tilth/a', 'tilth/#')).toEqual(['tilth/a', 'tilth/a', 'tilth/b'])
    await kept.storeRetained(packet('tilth/a', ''))
    expect(await found(kept, 'tilth/#')).toEqual(['tilth/b'])
    expect(await found(kept, 'tilth/a', 'tilth/A', 'tilth')).toEqual([])
  })

  it('match a filter according to the standard (property)', () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        expect(matchesFilter(filter.join('/'), topic.join('/'))).toBe(fallsUnder(filter, topic))
      }),
      { numRuns: runs(5_000) },
    )
  })

  it('are found without a scan of the rest: 30,000 topics are requested individually', async () => {
    const kept = retainedStore()
    const all = Array.from({ length: 30_000 }, (_, i) => `tilth/v1/coop/device-${i}/config`)
    for (const topic of all) await kept.storeRetained(packet(topic))
    // at a look through all of it this would be 900,000,000 matches
    for (const topic of all) expect(await found(kept, topic)).toHaveLength(1)
  })
})
