import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { couldHaveStoppedAt, commonOutageTime } from '../../../services/domain/outage.ts'
import { silenceAlerts, silentAfterMs, type Device } from '../../../services/alerts/silence.ts'
import type { DesiredAlert } from '../../../services/alerts/desired-alerts.ts'

const NOW = Date.UTC(2026, 6, 6, 12)
const EVERY = 20 * MINUTE_MS
const device = (id: string, heardAgoMs: number | null, change: Partial<Device> = {}): Device => ({
  id,
  fieldId: `field-of-${id}`,
  farm: { id: 'oka', name: 'Oka' },
  integration: null,
  isController: false,
  everyMs: EVERY,
  createdMs: NOW - 100 * DAY_MS,
  heardMs: heardAgoMs === null ? null : NOW - heardAgoMs,
  listeningMs: NOW - 50 * DAY_MS,
  ...change,
})
const judge = (devices: Device[], standing: DesiredAlert[] = [], nowMs = NOW) =>
  silenceAlerts('coop', devices, standing, nowMs)
const told = (alerts: DesiredAlert[]) => alerts.map(({ cause, deviceId }) => `${cause} ${deviceId ?? '-'}`)

describe('a device is silent', () => {
  it('when it has missed six of its own intervals, not before', () => {
    expect(judge([device('probe', 6 * EVERY)])).toEqual([])
    expect(judge([device('probe', 6 * EVERY + 1)])).toEqual([
      {
        org: 'coop',
        cause: 'device-silent',
        severity: 'soon',
        params: {},
        fieldId: 'field-of-probe',
        deviceId: 'probe',
        sinceMs: NOW - 6 * EVERY - 1,
      },
    ])
  })

  it('never before ten minutes: it may be waiting to reconnect', () => {
    const valves = { isController: true, everyMs: 10 * SECOND_MS }
    expect(judge([device('valves', 10 * MINUTE_MS, valves)])).toEqual([])
    expect(judge([device('valves', 10 * MINUTE_MS + 1, valves)])).toMatchObject([
      { cause: 'device-silent', severity: 'act' },
    ])
  })

  it('by its own interval: a daily trap is not silent after three days', () => {
    expect(judge([device('trap', 3 * DAY_MS, { everyMs: DAY_MS })])).toEqual([])
    expect(told(judge([device('trap', 6 * DAY_MS + 1, { everyMs: DAY_MS })]))).toEqual(['device-silent trap'])
  })

  it('not since 1970: a device that never sent is unknown, and reported after a day as a note', () => {
    const young = device('new', null, { createdMs: NOW - DAY_MS })
    expect(judge([young])).toEqual([])
    const old = device('new', null, { createdMs: NOW - DAY_MS - 1 })
    expect(judge([old])).toMatchObject([{ cause: 'never-seen', severity: 'note', deviceId: 'new' }])
    expect(told(judge([old, { ...old, id: 'other' }]))).toEqual(['devices-never-seen -'])
  })

  it('only after Tilth itself has been receiving that long', () => {
    const listeningMs = NOW - 6 * EVERY
    expect(judge([device('probe', 30 * DAY_MS, { listeningMs })])).toEqual([])
    expect(told(judge([device('probe', 30 * DAY_MS, { listeningMs: listeningMs - 1 })]))).toEqual([
      'device-silent probe',
    ])
  })

  it('and stays silent over a restart of Tilth, until it sends', () => {
    const before = judge([device('probe', 3 * HOUR_MS)])
    expect(judge([device('probe', 3 * HOUR_MS, { listeningMs: NOW })], before)).toEqual(before)
    expect(judge([device('probe', 0, { listeningMs: NOW })], before)).toEqual([])
  })
})

describe('all devices of an integration that stopped together', () => {
  const integration = { id: 'chirp', name: 'ChirpStack' }
  const lorawan = (id: string, agoMs: number) => device(id, agoMs, { integration })
  const both = [lorawan('deep', 3 * HOUR_MS), lorawan('shallow', 3 * HOUR_MS - 5 * MINUTE_MS)]
  const others = [device('own', 0), device('own-2', MINUTE_MS)]

  it('are one alert of the integration, with their number', () => {
    expect(judge([...both, ...others])).toEqual([
      {
        org: 'coop',
        cause: 'integration-silent',
        severity: 'act',
        fieldId: null,
        deviceId: null,
        params: { n: 2, of: 2, backMs: null, integration: 'chirp', name: 'ChirpStack' },
        sinceMs: NOW - 3 * HOUR_MS + 5 * MINUTE_MS,
      },
    ])
  })

  it('are counted one by one while another device of it reports, or when they stopped on different days', () => {
    expect(told(judge([...both, lorawan('alive', 0)]))).toEqual([
      'device-silent deep',
      'device-silent shallow',
    ])
    const apart = [both[0]!, lorawan('shallow', 3 * DAY_MS)]
    expect(told(judge(apart))).toEqual(['device-silent deep', 'device-silent shallow'])
  })

  it('belong to the outage of the farm when others stopped with them', () => {
    expect(judge([...both, device('own', 3 * HOUR_MS)])).toMatchObject([
      { cause: 'farm-silent', params: { n: 3, of: 3 } },
    ])
  })

  it('stay one alert while they come back, and another device that stops has its own', () => {
    const before = judge(both)
    const later = NOW + 2 * MINUTE_MS
    const back = [both[0]!, { ...both[1]!, heardMs: later }]
    expect(judge([...back, ...others], before, later)).toMatchObject([
      { cause: 'integration-silent', params: { n: 1, of: 2, backMs: later } },
    ])
    expect(judge([...both.map((one) => ({ ...one, heardMs: later })), ...others], before, later)).toEqual([])
    const own = device('own', 3 * HOUR_MS)
    expect(told(judge([...both, own], before))).toEqual(['integration-silent -', 'device-silent own'])
  })
})

describe('devices that stopped together', () => {
  const forty = (agoMs: number) =>
    Array.from({ length: 40 }, (_, i) => device(`probe-${i}`, agoMs + (i * EVERY) / 40))
  const wholeFarm = forty(2 * HOUR_MS)

  it('are one alert and not forty, with their number, the total and the start time', () => {
    expect(
      judge([...wholeFarm, device('elsewhere', 0, { farm: { id: 'higashi', name: 'Higashi' } })]),
    ).toEqual([
      {
        org: 'coop',
        cause: 'farm-silent',
        severity: 'act',
        fieldId: null,
        deviceId: null,
        params: { n: 39, of: 40, backMs: null, farm: 'Oka', farmId: 'oka' },
        sinceMs: NOW - 2 * HOUR_MS - EVERY / 40, // the first of them has still a moment to go
      },
    ])
  })

  it('a gateway may serve several farms, or a part of one', () => {
    const three = ['a', 'b', 'c'].map((id) => device(id, 3 * HOUR_MS))
    const there = ['d', 'e'].map((id) => device(id, MINUTE_MS))
    expect(judge([...three, ...there])).toMatchObject([{ cause: 'farm-silent', params: { n: 3, of: 5 } }])
    const farms = three.map((one, i) => ({ ...one, farm: { id: `farm-${i}`, name: 'Oka' } }))
    expect(judge([...farms, ...there])).toMatchObject([{ cause: 'devices-silent', params: { n: 3, of: 5 } }])
  })

  it('a controller that is missed first gets an alert of its own, and then joins the others', () => {
    const valves = (agoMs: number) => device('valves', agoMs, { isController: true, everyMs: 10 * SECOND_MS })
    const farm = (atMs: number) => [
      valves(atMs),
      ...['a', 'b', 'c'].map((id, i) => device(id, atMs + i * 5 * MINUTE_MS)),
    ]
    const soon = judge(farm(11 * MINUTE_MS))
    expect(told(soon)).toEqual(['device-silent valves'])
    expect(told(judge(farm(2 * HOUR_MS + 1), soon))).toEqual(['farm-silent -'])
  })

  it('two are two alerts, and three that stopped on different days are three', () => {
    expect(judge([device('a', 3 * HOUR_MS), device('b', 3 * HOUR_MS)])).toHaveLength(2)
    const apart = [3, 5, 9].map((days) => device(`${days}`, days * DAY_MS))
    expect(told(judge(apart))).toEqual(['device-silent 3', 'device-silent 5', 'device-silent 9'])
  })

  it('one that was silent before keeps an alert of its own', () => {
    expect(told(judge([device('broken', 5 * DAY_MS), ...wholeFarm]))).toEqual([
      'farm-silent -',
      'device-silent broken',
    ])
  })

  it('are waited for when the first is back; those that stay away have a cause of their own', () => {
    const standing = judge(forty(3 * HOUR_MS))
    const back = (left: number) =>
      forty(3 * HOUR_MS).map((one, i) => (i < left ? one : { ...one, heardMs: NOW + MINUTE_MS }))
    const first = judge(back(10), standing, NOW + 2 * MINUTE_MS)
    expect(first).toMatchObject([{ cause: 'farm-silent', params: { n: 10, backMs: NOW + 2 * MINUTE_MS } }])
    const later = judge(back(2), first, NOW + 20 * MINUTE_MS)
    expect(later).toMatchObject([{ cause: 'farm-silent', params: { n: 2 } }])
    const last = judge(back(2), later, NOW + 2 * MINUTE_MS + silentAfterMs(EVERY) + 1)
    // the 38 sent one message since: they are silent again, together; the other two sent none
    expect(told(last)).toContain('device-silent probe-0')
    expect(told(last)).toContain('device-silent probe-1')
    expect(judge(back(0), later, NOW + 20 * MINUTE_MS)).toEqual([])
  })
})

describe('whatever devices do (property)', () => {
  interface Drawn {
    agoMin: number | null
    everyMin: number
    farm: { id: string; name: string } | null
    listenedMin: number
  }
  const some: fc.Arbitrary<Drawn[]> = fc.array(
    fc.record({
      agoMin: fc.option(fc.integer({ min: 0, max: 10_000 })),
      everyMin: fc.constantFrom(1, 10, 20, 60, 1_440),
      farm: fc.constantFrom({ id: 'oka', name: 'Oka' }, { id: 'higashi', name: 'Higashi' }, null),
      listenedMin: fc.constantFrom(0, 30, 20_000),
    }),
    { maxLength: 40 },
  )
  const toDevices = (drawn: Drawn[]): Device[] =>
    drawn.map(({ agoMin, everyMin, farm, listenedMin }, i) =>
      device(`d${i}`, agoMin === null ? null : agoMin * MINUTE_MS, {
        everyMs: everyMin * MINUTE_MS,
        farm,
        listeningMs: NOW - listenedMin * MINUTE_MS,
      }),
    )

  it('each silent device has one alert, no other device has one, and checking again changes nothing', () => {
    fc.assert(
      fc.property(some, (drawn) => {
        const devices = toDevices(drawn)
        const alerts = judge(devices)
        const silent = devices.filter(
          ({ heardMs, everyMs, listeningMs }) =>
            heardMs !== null && NOW - Math.max(heardMs, listeningMs) > silentAfterMs(everyMs),
        )
        const inOutages = alerts.reduce(
          (sum, { params }) => sum + (params['of'] ? Number(params['n']) : 0),
          0,
        )
        const alone = alerts.filter(({ cause }) => cause === 'device-silent')
        expect(inOutages + alone.length).toBe(silent.length)
        expect(new Set(alone.map(({ deviceId }) => deviceId)).size).toBe(alone.length)
        for (const { deviceId } of alone) expect(silent.some(({ id }) => id === deviceId)).toBe(true)
        expect(judge(devices, alerts)).toEqual(alerts)
      }),
    )
  })

  it('the outage time is the one at which most could have stopped', () => {
    const words = fc.array(
      fc.record({
        heardMs: fc.integer({ min: 0, max: 500 }).map((min) => min * MINUTE_MS),
        everyMs: fc.constantFrom(MINUTE_MS, EVERY, HOUR_MS),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(words, (devices) => {
        const countAt = (atMs: number) => devices.filter((one) => couldHaveStoppedAt(one, atMs)).length
        const most = Math.max(0, ...devices.map(({ heardMs }) => countAt(heardMs)))
        const atMs = commonOutageTime(devices)
        if (most < 3) expect(atMs).toBeNull()
        else expect(countAt(atMs!)).toBe(most)
      }),
    )
  })
})
