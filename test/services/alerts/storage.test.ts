import { describe, expect, it } from 'vitest'
import { storageAlerts, type StorageCapacity } from '../../../services/alerts/storage.ts'
import type { DesiredAlert } from '../../../services/alerts/desired-alerts.ts'
import { throttledLogger } from '../../../services/runtime/logger.ts'

describe('the storage for readings', () => {
  const judge = (
    room: StorageCapacity,
    more: { dropped?: number; standing?: DesiredAlert[]; nowMs?: number } = {},
  ) => storageAlerts('coop', room, { dropped: 0, standing: [], nowMs: 1_000, ...more })

  it('raises an alert at 80 %, at 90 % and when it is full, each with its meaning', () => {
    expect(judge({ level: 'ok', fill: 0.79 })).toEqual([])
    expect(judge({ level: 'warning', fill: 0.899 })).toMatchObject([
      { cause: 'disk-filling', severity: 'soon', params: { percent: 89 }, sinceMs: 1_000 },
    ])
    expect(judge({ level: 'degraded', fill: 0.95 }, { dropped: 12 })).toMatchObject([
      { cause: 'disk-nearly-full', severity: 'act', params: { percent: 95, dropped: 12 } },
    ])
    expect(judge({ level: 'full', fill: 1 })).toMatchObject([{ cause: 'disk-full', severity: 'act' }])
  })

  it('keeps the start time of the alert and updates its figures, except on a full disk, where a write costs space', () => {
    for (const [level, isFrozen] of [
      ['warning', false],
      ['degraded', false],
      ['full', true],
    ] as const) {
      const standing = judge({ level, fill: 0.9 })
      const [later] = judge({ level, fill: 0.97 }, { dropped: 5, standing, nowMs: 9_000 })
      expect(later!.sinceMs).toBe(1_000)
      expect(later!.params['percent']).toBe(isFrozen ? 90 : 97)
    }
  })
})

describe('a throttled log', () => {
  it('drops and counts debug and info lines, and writes them again afterwards', () => {
    const lines: string[] = []
    const say = (level: string) => (_fields: object, text: string) => void lines.push(`${level} ${text}`)
    const log = throttledLogger({
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: say('error'),
    })
    for (const isQuiet of [false, true, false]) {
      log.setThrottled(isQuiet)
      for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, String(isQuiet))
    }
    expect(lines).toEqual([
      ...['debug false', 'info false', 'warn false', 'error false'],
      ...['warn true', 'error true'],
      ...['debug false', 'info false', 'warn false', 'error false'],
    ])
    expect(log.droppedLines()).toBe(2)
  })
})
