/** Queryable: a message counts from the moment a query shows it, and not before. */
import { describe, expect, it } from 'vitest'
import { watchVisibility } from '../../bench/support/visible.ts'

describe('the watch', () => {
  it('counts every message of a device up to the newest one in the query', async () => {
    let nowMs = 0
    let newest: [string, number][] = []
    const watch = watchVisibility(
      async () => newest,
      () => nowMs,
    )
    watch.sent('probe-1', 1_000)
    nowMs = 10
    watch.sent('probe-1', 1_010)
    watch.sent('probe-2', 1_010)
    newest = [['probe-1', 1_010]]
    nowMs = 30
    expect(await watch.drained(200)).toBe(1)
    expect(watch.seenMs()).toEqual([20, 30])
    expect(watch.lastSeenMs()).toBe(30)
    newest = [['probe-2', 1_009]]
    expect(await watch.drained(50)).toBe(1)
    newest = [['probe-2', 1_010]]
    expect(await watch.drained(1_000)).toBe(0)
    await watch.stop()
  })

  it('reports a failed query instead of waiting forever', async () => {
    const watch = watchVisibility(async () => {
      throw new Error('the store is away')
    })
    watch.sent('probe-1', 1)
    expect(await watch.drained(10_000)).toBe(1)
    await expect(watch.stop()).rejects.toThrow('the store is away')
  })
})
