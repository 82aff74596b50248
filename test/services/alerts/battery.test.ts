import { describe, expect, it } from 'vitest'
import { batteryForecastAlerts, isLow, watchBatteries } from '../../../services/alerts/battery.ts'

describe('a battery', () => {
  it.each([
    [3.61, null, false],
    [2.99, null, true],
    [3.1, null, null], // between the marks it stays as it was
    [3.16, null, false],
    [12.6, null, false],
    [11.7, null, true],
    [23.5, null, true],
    [2.9, 2.2, false], // two alkaline cells, as registered
    [2.1, 2.2, true],
    [7.2, null, null], // nothing is known of such a battery
    [0, null, null], // a device on the mains
    [null, null, null],
  ])('of %s V, low below %s V, is low: %s', (v, lowV, expected) => {
    expect(isLow({ v, lowV, percent: null })).toBe(expected)
  })

  it.each([
    [15, null, true],
    [0, null, true], // a device that states a percentage has a battery
    [15.1, null, null],
    [19, null, null],
    [20, null, false],
    [100, null, false],
    [80, 2.9, true], // it states both: the worse one counts
    [10, 3.6, true],
    [80, 3.1, null],
    [17, 3.6, null],
    [80, 3.6, false],
    [80, 7.2, false], // nothing is known of 7.2 V
  ])('of %s %% and %s V is low: %s', (percent, v, expected) => {
    expect(isLow({ v, lowV: null, percent })).toBe(expected)
  })

  it('in percent raises an alert at the second message of 15 % or less, and clears it at 20 %', () => {
    const watch = watchBatteries()
    let standing: number | null = null
    const receive = (heardMs: number, percent: number) =>
      (standing = watch.sinceMs('probe', { v: null, lowV: null, percent, heardMs }, standing))
    const levels = [30, 15, 16, 15, 14, 16, 19, 20, 15, 30, 15, 15]
    const received = levels.map((percent, i) => receive(i, percent))
    expect(received).toEqual([null, null, null, 1, 1, 1, 1, null, null, null, null, 10])
  })

  it('raises an alert at the second low reading, and clears it only clearly above the limit', () => {
    const watch = watchBatteries()
    let standing: number | null = null
    const hear = (heardMs: number, v: number | null) =>
      (standing = watch.sinceMs('probe', { v, lowV: null, percent: null, heardMs }, standing))
    const heard = [3.2, 2.9, 3.2, 2.9, 2.95, 3.05, 3.1, null, 3.14, 3.16, 2.9, 2.9].map((v, i) => hear(i, v))
    expect(heard).toEqual([null, null, null, null, 3, 3, 3, 3, 3, null, null, 10])
  })

  it('that was low for one cold night, in a single reading, raises no alert however often it is checked', () => {
    const watch = watchBatteries()
    const look = (heardMs: number) =>
      watch.sinceMs('probe', { v: 2.9, lowV: null, percent: null, heardMs }, null)
    expect([look(1), look(1), look(1), look(2)]).toEqual([null, null, null, 1])
  })

  it('with an alert from before a restart of Tilth raises no second one', () => {
    expect(watchBatteries().sinceMs('probe', { v: 2.9, lowV: null, percent: null, heardMs: 9 }, 4)).toBe(4)
  })
})

describe('a battery with a forecast', () => {
  const NOW = Date.parse('2026-08-05T00:00:00Z')
  const probe = { id: 'probe', org: 'coop', fieldId: 'north' }
  const none = { standing: [], low: [], nowMs: NOW }
  const left = (mid: number) => new Map([['probe', { mid, lo: mid - 2, hi: mid + 3 }]])

  it('raises an alert two weeks before it is low, with the range of dates', () => {
    expect(batteryForecastAlerts([probe], left(15), none)).toEqual([])
    expect(batteryForecastAlerts([probe], left(14), none)).toMatchObject([
      {
        cause: 'battery-low-forecast',
        deviceId: 'probe',
        params: { fromDay: '2026-08-17', toDay: '2026-08-22' },
      },
    ])
  })

  it('keeps its alert unchanged while the forecast varies or cannot be read, and clears it with a new battery', () => {
    const standing = batteryForecastAlerts([probe], left(12), none)
    const later = { standing, low: [], nowMs: NOW + 86_400_000 }
    expect(batteryForecastAlerts([probe], left(18), later)).toEqual(standing)
    expect(batteryForecastAlerts([probe], null, later)).toEqual(standing)
    expect(batteryForecastAlerts([probe], left(22), later)).toEqual([])
    expect(batteryForecastAlerts([probe], new Map(), later)).toEqual([])
  })

  it('that is already low raises the low-battery alert only', () => {
    const [standing] = batteryForecastAlerts([probe], left(1), none)
    const low = [{ ...standing!, cause: 'battery-low' as const }]
    expect(batteryForecastAlerts([probe], left(1), { ...none, low })).toEqual([])
  })
})
