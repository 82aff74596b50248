/** What `npm run torture` may be asked, and that it keeps account as it should. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { faultLines } from '../../bench/torture/lines.ts'
import { readOptions, usage } from '../../bench/torture/options.ts'
import { farmClock, startOfTime } from '../../bench/torture/support/farm-clock.ts'

const names = faultLines.map(({ name }) => name)

describe('the options of torture', () => {
  it('runs all lines when none is named, with seed 1 in the short form', () => {
    expect(readOptions([], names)).toEqual({
      ok: true,
      value: {
        lines: names,
        seed: '1',
        isLong: false,
        isJson: false,
        isBuilt: false,
        isAnyMachine: false,
        isHelp: false,
      },
    })
  })

  it('runs lines in table order, each once', () => {
    expect(readOptions(['F5', 'F1', 'F5', '--seed', '7', '--long'], names)).toMatchObject({
      ok: true,
      value: { lines: ['F1', 'F5'], seed: '7', isLong: true },
    })
  })

  it.each([
    [['F99'], 'F99'],
    [['--fast'], '--fast'],
    [['--seed'], '--seed must be a whole number, got nothing'],
    [['--seed', 'abc'], 'got abc'],
  ])('%j is refused by name', (args, reason) => {
    expect(readOptions(args, names)).toMatchObject({ ok: false, error: expect.stringContaining(reason) })
  })

  it('every line has a unique name and is in the usage', () => {
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(usage(faultLines)).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
  })
})

describe('the clock of a fast farm', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('is the same in two processes with the same epoch', () => {
    const time = startOfTime(8)
    const entry = farmClock(time)
    vi.advanceTimersByTime(1_234)
    const other = farmClock(time) // of a process that starts later
    expect([entry.now(), other.now()]).toEqual([time.epochMs + 8 * 1_234, time.epochMs + 8 * 1_234])
    vi.advanceTimersByTime(60_000)
    expect([entry.now(), other.now()]).toEqual([time.epochMs + 8 * 61_234, time.epochMs + 8 * 61_234])
  })
})
