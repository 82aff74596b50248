import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import { judgeRepeat, type RepeatRun } from '../../../services/ingest/duplicate-detection.ts'

const NOON = Date.UTC(2026, 6, 6, 12)

/** Judges repeats that come one after the other, a day after the last new message. */
function judgeAll(repeats: { n: number; monoMs: number; atMs: AtMs; boot?: number }[]): string[] {
  let run: RepeatRun | null = null
  return repeats.map(({ n, monoMs, atMs, boot = 1 }) => {
    const arrival = { receivedMs: NOON + atMs, replayedMs: null }
    const verdict = judgeRepeat({ n, boot, monoMs }, arrival, { lastNewMs: NOON - DAY_MS, run })
    if (verdict.kind !== 'repeat') run = verdict.kind === 'unclear' ? verdict.run : null
    return verdict.kind
  })
}

describe('a message number that repeats, long after', () => {
  it.each([10 * SECOND_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS])(
    'is from a restarted probe when repeats continue at the pace of its own clock (one in %i ms)',
    (everyMs) => {
      const repeats = Array.from({ length: 40 }, (_, n) => ({
        n,
        monoMs: n * everyMs,
        atMs: n * everyMs * 1.05,
      }))
      const verdicts = judgeAll(repeats)
      const proved = verdicts.indexOf('began-again')
      expect(proved).toBe(everyMs === 10 * SECOND_MS ? 29 : 2)
      expect(verdicts.slice(0, proved).every((kind) => kind === 'unclear')).toBe(true)
    },
  )

  it.each([
    ['a backlog in one burst', 10 * MINUTE_MS, SECOND_MS],
    ['a dense backlog over a slow link', 10 * SECOND_MS, MINUTE_MS],
    ['a backlog at twice its pace', 10 * MINUTE_MS, 5 * MINUTE_MS],
  ])('is a duplicate when it is of %s', (_what, measuredEveryMs, sentEveryMs) => {
    const repeats = Array.from({ length: 200 }, (_, n) => ({
      n,
      monoMs: n * measuredEveryMs,
      atMs: n * sentEveryMs,
    }))
    expect(new Set(judgeAll(repeats))).toEqual(new Set(['unclear']))
  })

  it('proves nothing by coming down, by standing still, or in another boot', () => {
    const at = (i: number) => ({ monoMs: i * HOUR_MS, atMs: i * HOUR_MS })
    expect(judgeAll([5, 4, 3, 2].map((n, i) => ({ n, ...at(i) })))).not.toContain('began-again')
    expect(judgeAll([5, 5, 5, 5].map((n, i) => ({ n, ...at(i) })))).not.toContain('began-again')
    expect(judgeAll([1, 2, 3, 4].map((n, i) => ({ n, boot: i, ...at(i) })))).not.toContain('began-again')
  })

  it('is stored once while it is sent again and again', () => {
    const repeats = [0, 1, 2, 3].map((i) => ({ n: 5, monoMs: HOUR_MS, atMs: i * HOUR_MS }))
    expect(judgeAll(repeats)).toEqual(['unclear', 'repeat', 'repeat', 'repeat'])
  })

  it('is not dropped because the clock of the server once ran ahead by years', () => {
    const arrival = { receivedMs: NOON, replayedMs: null }
    const memory = { lastNewMs: NOON + 700 * DAY_MS, run: null }
    expect(judgeRepeat({ n: 3, boot: 1, monoMs: 0 }, arrival, memory).kind).toBe('unclear')
  })

  it('continues after a backlog of the new probe has arrived in one burst', () => {
    const burst = [0, 1, 2].map((n) => ({ n, monoMs: n * HOUR_MS, atMs: n }))
    const live = [3, 4, 5].map((n) => ({ n, monoMs: n * HOUR_MS, atMs: (n - 2) * HOUR_MS }))
    expect(judgeAll([...burst, ...live])[4]).toBe('began-again')
  })
})
