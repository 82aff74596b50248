/** The verdicts of the bench on its figures: a figure that could not be measured must never pass. */
import { describe, expect, it } from 'vitest'
import { quantile } from '../../bench/support/generator.ts'
import { memoryOf } from '../../bench/support/memory.ts'
import {
  allMet,
  atMost,
  count,
  metOnAnyMachine,
  ms,
  machineDependent,
  table,
  infoFigure,
} from '../../bench/support/report.ts'

describe('a figure', () => {
  it('is met at its limit and not above it', () => {
    expect(atMost('latency', 'p99', 20, 20, ms).isMet).toBe(true)
    expect(atMost('latency', 'p99', 20.1, 20, ms).isMet).toBe(false)
  })

  it('that could not be measured is not met and prints "none"', () => {
    const figure = atMost('latency', 'p99', quantile([], 0.99), 20, ms)
    expect(figure).toMatchObject({ value: 'none', isMet: false })
  })

  it('for comparison only cannot fail', () => {
    expect(allMet([infoFigure('peer', 'skipped', 'mosquitto is missing')])).toBe(true)
    expect(allMet([infoFigure('peer', 'p99', '16 ms'), atMost('crash', 'lost', 1, 0, count)])).toBe(false)
  })

  it('that depends on the machine counts here, and is not judged on any machine', () => {
    const slow = [
      machineDependent(atMost('latency', 'p99', 21, 20, ms)),
      atMost('crash', 'lost', 0, 0, count),
    ]
    expect([allMet(slow), metOnAnyMachine(slow)]).toEqual([false, true])
    expect(metOnAnyMachine([...slow, atMost('crash', 'lost', 1, 0, count)])).toBe(false)
  })

  it('is one row of the table with its target and result', () => {
    const text = table([atMost('crash', 'lost', 3, 0, count), infoFigure('crash', 'back', ms(812.34))])
    expect(text.split('\n')).toEqual([
      'line   figure  value     target  pass',
      '-----  ------  --------  ------  ----',
      'crash  lost    3         <= 0    NO',
      'crash  back    812.3 ms',
      '',
    ])
  })
})

describe('quantile', () => {
  it('of the numbers 1 to 100: half are below the 51st, 99 below the 100th', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i + 1)
    expect([
      quantile(numbers, 0),
      quantile(numbers, 0.5),
      quantile(numbers, 0.99),
      quantile(numbers, 1),
    ]).toEqual([1, 51, 100, 100])
  })
})

describe('memory of a run', () => {
  it('is compared between the end of the first third and the end, a second of samples each', () => {
    const samples = [...new Array(12).fill(100), ...new Array(12).fill(300), ...new Array(12).fill(125)]
    expect(memoryOf(samples as number[])).toEqual({ maxMB: 300, thirdMB: 100, endMB: 125 })
  })

  it('is unknown without a sample, never 0', () => {
    expect(memoryOf([])).toEqual({ maxMB: NaN, thirdMB: NaN, endMB: NaN })
  })
})
