import { describe, expect, it } from 'vitest'
import {
  formatBar,
  formatDuration,
  formatLine,
  progressBar,
  remainingMs,
} from '../../../services/runtime/progress-bar.ts'

/** An output that keeps what is written to it, and a clock that the test sets. */
function recorder(isTTY: boolean) {
  const written: string[] = []
  let nowMs = 0
  const bar = progressBar('season', {
    output: { write: (text) => written.push(text), isTTY, columns: 60 },
    nowMs: () => nowMs,
  })
  return { bar, written, setNow: (ms: number) => void (nowMs = ms) }
}

describe('the time left', () => {
  it('follows the mean speed so far', () => {
    expect(remainingMs(0.25, 10_000)).toBe(30_000)
    expect(remainingMs(1, 10_000)).toBe(0)
  })

  it('is unknown at the start', () => expect(remainingMs(0.01, 10_000)).toBe(null))

  it.each([
    [0, '0 s'],
    [400, '1 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
  ])('of %i ms is written %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('a line of progress', () => {
  it('has label, percent, detail and time left', () =>
    expect(formatLine({ label: 'season', share: 0.4, elapsedMs: 8_000, detail: '2026-06-18' })).toBe(
      'season   40 %  2026-06-18  12 s left',
    ))

  it('has the time it took at the end', () =>
    expect(formatLine({ label: 'season', share: 1, elapsedMs: 20_000 })).toBe('season  100 %  in 20 s'))

  it('has a bar on a terminal', () =>
    expect(formatBar({ label: 'season', share: 0.5, elapsedMs: 5_000 })).toBe(
      'season  [##########----------]   50 %  5 s left',
    ))
})

describe('on a terminal', () => {
  it('the bar is rewritten in place, at most every 100 ms', () => {
    const { bar, written, setNow } = recorder(true)
    bar.update(0.1)
    setNow(50)
    bar.update(0.2)
    setNow(120)
    bar.update(0.3)
    expect(written.map((text) => text.slice(0, 4))).toEqual(['\r\u001B[K', '\r\u001B[K'])
    expect(written.join('')).not.toContain('\n')
  })

  it('a line is never wider than the terminal', () => {
    const { bar, written } = recorder(true)
    bar.update(0.1, 'x'.repeat(200))
    expect(written[0]!.length - 4).toBeLessThan(60)
  })

  it('a warning has a line of its own, and the bar comes back below it', () => {
    const { bar, written } = recorder(true)
    bar.update(0.5)
    const [line] = written
    bar.print('a gateway is down')
    expect(written[1]).toBe(`\r\u001B[Ka gateway is down\n${line!.slice(4)}`)
  })

  it('its line is cleared at the end', () => {
    const { bar, written } = recorder(true)
    bar.update(1)
    bar.stop()
    expect(written.at(-1)).toBe('\r\u001B[K')
  })

  it('the bar is cleared while another stream writes, and drawn again', () => {
    const { bar, written } = recorder(true)
    bar.update(0.5)
    const [drawn] = written.splice(0)
    bar.aside(() => written.push('a figure\n'))
    expect(written).toEqual(['\r\u001B[K', 'a figure\n', drawn!.replace('\r\u001B[K', '')])
  })
})

describe('elsewhere', () => {
  it('prints a line every 10 %', () => {
    const { bar, written, setNow } = recorder(false)
    for (let i = 1; i <= 100; i++) {
      setNow(i * 100)
      bar.update(i / 100)
    }
    expect(written).toHaveLength(10)
    expect(written[0]).toBe('season   10 %  9 s left\n')
    expect(written[9]).toBe('season  100 %  in 10 s\n')
  })

  it('prints no control characters', () => {
    const { bar, written } = recorder(false)
    bar.update(0.5)
    bar.print('a gateway is down')
    bar.stop()
    expect(written.join('')).not.toMatch(/[\r\u001B]/)
  })
})
