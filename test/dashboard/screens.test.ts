/** The rules behind the screens: pure, so that each can be read as a sentence. */
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, startOfDay } from '../../broker/contract/time.ts'
import { eventParser, type StreamEvent, parseChange } from '../../dashboard/src/api/events.ts'
import { personalPreferences, parsePreferences } from '../../dashboard/src/app/preferences-model.ts'
import { farmTime } from '../../dashboard/src/app/farm-time.ts'
import { isRunning } from '../../dashboard/src/water/open-commands.ts'
import { countMoved, keepShownOrder } from '../../dashboard/src/fields/stable-order.ts'
import { isCounted, stepOf } from '../../dashboard/src/water/start-step.ts'
import { dayRows } from '../../dashboard/src/charts/day-rows.ts'
import { nearest, timeTicks } from '../../dashboard/src/charts/time-axis.ts'
import { tankScale, waterZone } from '../../dashboard/src/charts/water-left.ts'
import { durationChoices, minutesFor } from '../../dashboard/src/water/duration-choices.ts'
import { suggestDeviceId } from '../../dashboard/src/devices/suggest-device-id.ts'
import type { CommandView } from '../../services/api/irrigation/command-schemas.ts'

const command = (more: Partial<CommandView>): CommandView => ({
  id: 'c1',
  runId: null,
  zoneId: 'z1',
  fieldId: 'f1',
  fieldName: 'Paddy 7',
  zoneName: 'Inlet',
  valve: 'V1',
  do: 'open',
  state: 'sent',
  atMs: 0,
  confirmedAtMs: null,
  endsAtMs: null,
  boundMs: null,
  litres: null,
  flowLpm: null,
  reason: null,
  ...more,
})

describe('water left', () => {
  const water = (leftMm: number) => ({
    leftMm,
    loMm: leftMm,
    hiMm: leftMm,
    ofMm: 45,
    asOfMs: 0,
    fresh: 'ok' as const,
  })
  it('is short below the limit of the decision, and full near the end', () => {
    expect([-5, 5, 20, 44].map((mm) => waterZone(water(mm), 'ok'))).toEqual(['short', 'good', 'good', 'full'])
  })
  it('is drawn as good for a field that is OK alone', () =>
    expect((['act', 'soon', 'unknown'] as const).map((status) => waterZone(water(35), status))).toEqual([
      'refill',
      'refill',
      'refill',
    ]))
  it('fills the bar by the number: empty when irrigation is due, half at half', () => {
    const x = tankScale(water(0), 100, 0)
    expect([-5, 0, 22.5, 45, 60].map(x)).toEqual([0, 0, 50, 100, 100])
  })
})

describe('a command to a valve, as a person sees it', () => {
  it('is unconfirmed after 90 s without a response, whatever its row states', () => {
    expect(stepOf(command({ state: 'sent' }), 89_000)).toBe('sent')
    expect(stepOf(command({ state: 'sent' }), 91_000)).toBe('unconfirmed')
    expect(stepOf(null, 91_000)).toBe('unconfirmed')
  })
  it('0 L is a count only after two reports, and not while a flow is measured', () => {
    const none = command({ state: 'confirmed', atMs: 0, confirmedAtMs: 0, litres: 0, flowLpm: null })
    expect(isCounted(none, 60_000)).toBe(false)
    expect(isCounted(none, 121_000)).toBe(true)
    expect(isCounted({ ...none, flowLpm: 372 }, 900_000)).toBe(false)
    expect(isCounted({ ...none, flowLpm: 372, litres: 5 }, 60_000)).toBe(true)
    expect(isCounted({ ...none, litres: null }, 900_000)).toBe(false)
  })
  it('stays confirmed however long it takes', () =>
    expect(stepOf(command({ state: 'confirmed' }), 600_000)).toBe('confirmed'))
  it('counts as running until it has certainly ended', () => {
    expect(isRunning([command({ state: 'unconfirmed' })], 'z1')).toBe(true)
    expect(isRunning([command({ state: 'ended' })], 'z1')).toBe(false)
    expect(isRunning([command({ do: 'close' })], 'z1')).toBe(false)
    expect(isRunning([command({})], 'z2')).toBe(false)
  })
})

describe('the times offered for a start', () => {
  it('are the usual ones, never beyond the limit of the valve', () =>
    expect(durationChoices(90, null)).toEqual([5, 15, 30, 60, 90]))
  it('begin with a test of five minutes', () => expect(durationChoices(300, 240)[0]).toBe(5))
  it('always hold what the plan wants', () => {
    expect(durationChoices(240, 130)).toEqual([5, 15, 30, 60, 130, 240])
    expect(durationChoices(300, 225)).toEqual([5, 15, 30, 60, 225, 300])
    expect(durationChoices(300, 100)).toEqual([5, 15, 30, 60, 100, 300])
    expect(durationChoices(60, 130)).toEqual([5, 15, 30, 60])
  })
  it('give a net depth at the rate and efficiency of the zone, in whole minutes', () => {
    expect(minutesFor(25, { efficiency: 0.5, applicationRateMmH: 12 })).toBe(250)
    expect(minutesFor(10.1, { efficiency: 1, applicationRateMmH: 60 })).toBe(11)
    expect(minutesFor(null, { efficiency: 1, applicationRateMmH: 60 })).toBeNull()
  })
  it('are none where the valve may not open for a minute', () => expect(durationChoices(0, 30)).toEqual([]))
})

describe('the list of fields', () => {
  const items = (ids: string) => [...ids].map((id) => ({ id }))
  const order = (shown: string, now: string) =>
    keepShownOrder([...shown], items(now))
      .map(({ id }) => id)
      .join('')
  it('keeps its order while a person touches it and the states change', () =>
    expect(order('abcd', 'dabc')).toBe('abcd'))
  it('puts a new field behind the known ones, and drops one that is gone', () =>
    expect(order('abc', 'xac')).toBe('acx'))
  it('counts the fields that would move', () => {
    expect(countMoved([...'abcd'], items('abcd'))).toBe(0)
    expect(countMoved([...'abcd'], items('dabc'))).toBe(1)
    expect(countMoved([...'abc'], items('abcx'))).toBe(1)
  })
})

describe('the clock of the farm', () => {
  it('runs at the speed the server named', () =>
    expect(farmTime({ nowMs: 1_000_000, speed: 60 }, 5_000, 15_000)).toBe(1_600_000))
  it('does not run backwards when the clock of the phone is set back', () =>
    expect(farmTime({ nowMs: 1_000_000, speed: 1 }, 5_000, 1_000)).toBe(1_000_000))
})

describe('the stream of events', () => {
  const parse = (...pieces: string[]): StreamEvent[] => {
    const heard: StreamEvent[] = []
    const feed = eventParser((event) => heard.push(event))
    pieces.forEach((piece) => feed(piece))
    return heard
  }
  it('gives each event complete, wherever the network splits it', () =>
    expect(parse('id: 7\neve', 'nt: command\nda', 'ta: {"a":1}\n', '\n')).toEqual([
      { id: '7', event: 'command', data: '{"a":1}' },
    ]))
  it('passes over comments and retry', () => expect(parse(': still here\n\n', 'retry: 3000\n\n')).toEqual([]))
  it('joins data of several lines', () => expect(parse('data: a\ndata: b\n\n')[0]!.data).toBe('a\nb'))
  it('takes lines that end with CR LF, also when the piece ends between them', () =>
    expect(parse('data: a\r', '\n\r\n')).toHaveLength(1))
  it('parses a change, and treats an unknown message as a change of everything', () => {
    expect(parseChange({ id: '', event: 'command', data: '{"event":"command","fields":["f1"]}' })).toEqual({
      event: 'command',
      fields: ['f1'],
    })
    expect(parseChange({ id: '', event: 'resync', data: '{}' })).toBeNull()
    expect(parseChange({ id: '', event: 'command', data: 'not JSON' })).toBeNull()
  })
})

describe('the axis of time', () => {
  const from = startOfDay('2026-07-20', 'Asia/Tokyo')
  it('marks hours of the farm within a day, days within a month, months within a season', () => {
    expect(timeTicks(from, from + DAY_MS, 'Asia/Tokyo').map(({ kind }) => kind)).toEqual(
      Array(5).fill('hour'),
    )
    expect(timeTicks(from, from + 7 * DAY_MS, 'Asia/Tokyo')[0]).toMatchObject({
      kind: 'day',
      day: '2026-07-21',
    })
    expect(timeTicks(from, from + 150 * DAY_MS, 'Asia/Tokyo').map(({ day }) => day)).toEqual([
      '2026-08-01',
      '2026-09-01',
      '2026-10-01',
      '2026-11-01',
      '2026-12-01',
    ])
  })
  it('keeps midnights at midnight over the night the clocks change (Berlin, 25 October 2026)', () => {
    const start = startOfDay('2026-10-23', 'Europe/Berlin')
    for (const { atMs, day } of timeTicks(start, start + 5 * DAY_MS, 'Europe/Berlin'))
      expect(atMs).toBe(startOfDay(day, 'Europe/Berlin'))
  })
  it('marks a month where its weeks begin, on the day that a person chose', () => {
    const days = (first?: 'sunday' | 'monday') =>
      timeTicks(from, from + 37 * DAY_MS, 'Asia/Tokyo', first).map(({ day }) => day)
    // 20 July 2026 is a Monday
    expect(days().slice(0, 2)).toEqual(['2026-07-27', '2026-08-03'])
    expect(days('sunday').slice(0, 2)).toEqual(['2026-07-26', '2026-08-02'])
  })
  it('is empty for a span of nothing', () => expect(timeTicks(from, from, 'Asia/Tokyo')).toEqual([]))
  it('finds the reading nearest to a touch', () => {
    expect(nearest([0, HOUR_MS, 2 * HOUR_MS], 0.6 * HOUR_MS)).toBe(1)
    expect(nearest([0, HOUR_MS], 9 * HOUR_MS)).toBe(1)
    expect(nearest([], 5)).toBe(-1)
  })
})

describe('stored preferences', () => {
  const usual = {
    language: null,
    theme: 'auto',
    fieldsAs: 'list',
    isSetUp: false,
    isUnsynced: false,
    areaUnit: null,
    waterUnit: null,
    tempUnit: null,
    depthUnit: null,
    tensionUnit: null,
    clock: null,
    firstWeekday: null,
  }
  it('fall back to the default where they are invalid', () => {
    for (const text of [null, '', 'not JSON', 'null', '{"theme":"neon","language":7,"clock":25}'])
      expect(parsePreferences(text)).toEqual(usual)
  })
  it('are restored', () =>
    expect(
      parsePreferences('{"theme":"sun","language":"ja","areaUnit":"tan","fieldsAs":"map","clock":"12"}'),
    ).toEqual({
      ...usual,
      language: 'ja',
      theme: 'sun',
      areaUnit: 'tan',
      fieldsAs: 'map',
      clock: '12',
    }))
  it('are sent to the server without the part that belongs to the phone', () =>
    expect(
      personalPreferences(parsePreferences('{"theme":"sun","fieldsAs":"map","isUnsynced":true}')),
    ).not.toHaveProperty('theme'))
})

describe('the device ID suggested for a device', () => {
  it('is a name that topics allow', () => {
    for (const name of ['North 3', '田んぼの水位計', 'a/b+c#d', 'x'.repeat(100)])
      expect(suggestDeviceId('probe', name, [])).toMatch(/^[A-Za-z0-9_-]{3,40}$/)
  })
  it('is not one that is taken', () =>
    expect(suggestDeviceId('probe', 'North 3', ['probe-north-3', 'probe-north-3-2'])).toBe('probe-north-3-3'))
})

describe('the table under a chart', () => {
  const timeZone = 'Asia/Tokyo'
  const start = startOfDay('2026-07-20', timeZone)
  const run = { runId: 'r', plannedMm: 9, minutes: 60, state: 'done' }
  const rows = dayRows(
    {
      timeZone,
      fromMs: start,
      rain: [{ day: '2026-07-21', atMs: start + DAY_MS, mm: 6, countedMm: 4 }],
      irrigation: [
        { ...run, atMs: start + HOUR_MS, confirmedMm: 8, meteredMm: 8.4 },
        { ...run, atMs: start + 30 * HOUR_MS, confirmedMm: null, meteredMm: null, state: 'approved' },
      ],
    },
    [start, start + HOUR_MS, start + DAY_MS, start + 25 * HOUR_MS],
    (index) => [33, 31, 29, null][index] ?? null,
  )
  it('has a row a day of the farm, newest first, with the level at its end, which is the midnight after it', () =>
    expect(rows.map(({ day, level }) => [day, level])).toEqual([
      ['2026-07-21', null],
      ['2026-07-20', 29],
    ]))
  it('counts water that flowed, never water that is only planned', () =>
    expect(rows.map(({ irrigationMm }) => irrigationMm)).toEqual([0, 8.4]))
  it('leaves unknown rain open: it is not zero', () =>
    expect(rows.map(({ rainMm }) => rainMm)).toEqual([6, null]))
})
