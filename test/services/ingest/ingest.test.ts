import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { internalTopic, topicOf } from '../../../broker/contract/topics.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { fail } from '../../../services/errors.ts'
import type { ChangeEvent } from '../../../services/ports.ts'
import { toJson, type Calibration } from '../../../services/tables.ts'
import { closed, eventually } from '../../broker/rig.ts'
import { NOON, startIngestRig, type IngestRig } from './rig.ts'

const topic = topicOf('coop', 'probe1', 'telemetry')
const iso = (atMs: number) => new Date(atMs).toISOString()
const message = (n: number, more: object = {}) =>
  JSON.stringify({
    v: 1,
    n,
    boot: 1,
    monoMs: n * MINUTE_MS,
    time: iso(NOON - HOUR_MS + n * MINUTE_MS),
    measurements: [{ soil: { depth: 30, moisture: 21.4 } }],
    ...more,
  })

describe('from the field into the series', () => {
  let rig: IngestRig
  beforeEach(async () => {
    rig = await startIngestRig()
    await rig.addDevice()
  })
  afterEach(() => rig.stop())

  /** Puts messages into the journal as the broker does, and waits until ingest is done. */
  async function send(...payloads: (string | Buffer)[]): Promise<void> {
    const { journal } = rig.brokerRig
    const from = { org: 'coop', device: 'probe1' }
    await Promise.all(
      payloads.map((payload) =>
        journal.append({ ...from, receivedMs: rig.clock.now(), payload: Buffer.from(payload) }),
      ),
    )
    await rig.ingest().settled()
  }
  const values = async (quantity: string) =>
    (await rig.stored()).filter((reading) => reading.quantity === quantity).map(({ value }) => value)

  it('one message of a real device is readings with their place, time, unit and flags', async () => {
    const probe = await rig.brokerRig.connect('probe1')
    const measurements = [
      { soil: { depth: 30, moisture: 21.4, temperature: null } },
      {
        air: { location: 'outdoor', temperature: 61 },
        tilth: { trap: { species: 'codling-moth', count: 7 } },
      },
      { metering: { water: { total: 183_220 } }, tilth: { flow: 31.2, valve: 'V1' } },
    ]
    await probe.publishAsync(topic, message(1, { measurements, battery: 3.61 }), { qos: 1 })
    await rig.ingest().settled()
    const place = {
      org: 'coop',
      farm: 'farm1',
      field: 'field1',
      device: 'probe1',
      atMs: NOON - 59 * MINUTE_MS,
      origin: 'measured',
    }
    const stored = (await rig.stored()).sort((a, b) => a.quantity.localeCompare(b.quantity))
    expect(stored).toEqual([
      { ...place, quantity: 'air.temperature', depthCm: null, value: 61, flag: 4 },
      { ...place, quantity: 'device.battery', depthCm: null, value: 3.61, flag: 1 },
      { ...place, quantity: 'soil.moisture', depthCm: 30, value: 21.4, flag: 1 },
      { ...place, quantity: 'soil.temperature', depthCm: 30, value: null, flag: 9 },
      { ...place, quantity: 'trap.count/codling-moth', depthCm: null, value: 7, flag: 1 },
      { ...place, quantity: 'water.flow/V1', depthCm: null, value: 31.2, flag: 1 },
      { ...place, quantity: 'water.total/V1', depthCm: null, value: 183_220, flag: 1 },
    ])
    expect(rig.brokerRig.journal.cursor('ingest')).toBe(1)
    expect(rig.letters()).toEqual([])
  })

  it('raw counts of a probe become moisture by its calibration, at each depth by its own, and are kept', async () => {
    // SCAN 2184, 20 cm: permittivity 6.93 was reported as 10.8 % vol
    const calibration = toJson<Record<string, Calibration>>({
      'soil.permittivity': { kind: 'hydra' },
      'soil.raw': { kind: 'two-point', rawDry: 820, rawWet: 380, vwcDry: 0.05, vwcWet: 0.4 },
      'soil.raw@30': {
        kind: 'two-point',
        rawDry: 820,
        rawWet: 380,
        vwcDry: 0.05,
        vwcWet: 0.4,
        temp: { perC: 0.001, refC: 25 },
      },
    })
    await rig.state.updateTable('device').set({ calibration }).execute()
    await send(
      message(1, {
        measurements: [
          { soil: { depth: 10 }, tilth: { soilRaw: 600 } },
          { soil: { depth: 20 }, tilth: { soilPermittivity: 6.93 } },
          { soil: { depth: 30, temperature: 35 }, tilth: { soilRaw: 600 } },
          { soil: { depth: 40 }, tilth: { soilRaw: null } },
          { soil: { depth: 50, moisture: 31 }, tilth: { soilRaw: 600 } },
        ],
      }),
    )
    const moisture = (await rig.stored())
      .filter(({ quantity }) => quantity === 'soil.moisture')
      .sort((a, b) => a.depthCm! - b.depthCm!)
    expect(moisture.map(({ depthCm }) => depthCm)).toEqual([10, 20, 30, 40, 50])
    const [counts, permittivity, warm, nothing, own] = moisture
    expect(counts!.value).toBeCloseTo(22.5, 9)
    expect(permittivity!.value).toBeCloseTo(10.79, 2)
    expect(warm!.value).toBeCloseTo(21.5, 9)
    expect(nothing).toMatchObject({ value: null, flag: 9 })
    expect(own!.value).toBe(31)
    expect(await values('soil.raw')).toEqual([600, 600, null, 600])
    expect(await values('soil.permittivity')).toEqual([6.93])
  })

  it.each([
    ['malformed JSON', '{"v":1,', /^not JSON in UTF-8/],
    ['NaN, which JSON does not know', message(1).replace('21.4', 'NaN'), /^not JSON in UTF-8/],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /^not JSON in UTF-8/],
    [
      'a number as text',
      message(1).replace('21.4', '"21.4"'),
      /^measurements\.0\.soil\.moisture: .*got "21\.4"/,
    ],
    ['a value beyond all numbers', message(1).replace('21.4', '1e999'), /^measurements\.0\.soil\.moisture: /],
    ['another version', message(1, { v: 2 }), /^v: .*got 2/],
    ['no message number', message(1, { n: undefined }), /^n: .*required|^message: .*n/],
    ['no measurement', message(1, { measurements: [] }), /^measurements: /],
    [
      'a quantity that nobody knows',
      message(1, { measurements: [{ moon: { phase: 1 } }] }),
      /^measurements: expected at least one quantity/,
    ],
    [
      'an absurd value',
      message(1, { measurements: [{ air: { temperature: 999 } }] }),
      /^measurements\.0\.air\.temperature: expected -100 to 150 °C, got 999/,
    ],
    [
      'the same quantity twice',
      message(1, { measurements: [{ air: { temperature: 9 } }, { air: { temperature: 8 } }] }),
      /^measurements\.1\.air\.temperature: air\.temperature is in the message twice/,
    ],
    ['the year 2099', message(1, { time: '2099-01-01T00:00:00Z' }), /^time: expected at most 24 h after/],
    [
      '500 days ago',
      message(1, { time: iso(NOON - 500 * DAY_MS) }),
      /^time: expected at most 400 days before/,
    ],
  ])(
    '%s becomes a dead letter with the reason, and the next message goes through',
    async (_what, payload, reason) => {
      await send(payload, message(2))
      expect(rig.letters()).toEqual([expect.stringMatching(reason)])
      expect(await values('soil.moisture')).toEqual([21.4])
      expect(rig.brokerRig.journal.cursor('ingest')).toBe(2)
    },
  )

  it('a 10 MB payload never reaches the readings and is counted by its size', async () => {
    const probe = await rig.brokerRig.connect('probe1')
    probe.publish(topic, Buffer.alloc(10_000_000, '1'), { qos: 1 }, () => {})
    await closed(probe)
    expect(rig.letters()).toEqual([expect.stringMatching(/^packet: expected at most 65792 bytes, got 1000/)])
    expect(await rig.stored()).toEqual([])
  })

  it("another organisation's topic is rejected by the broker and leaves no trace in the readings", async () => {
    const probe = await rig.brokerRig.connect('probe1')
    probe.publish(topicOf('other', 'probe1', 'telemetry'), message(1), { qos: 1 }, () => {})
    await closed(probe)
    await rig.ingest().settled()
    expect(await rig.stored()).toEqual([])
    expect(await rig.stored('other')).toEqual([])
  })

  it('a message of an unregistered device is a dead letter, and is stored when the device is registered and it is replayed', async () => {
    const { journal } = rig.brokerRig
    await journal.append({
      org: 'coop',
      device: 'probe7',
      receivedMs: NOON,
      payload: Buffer.from(message(1)),
    })
    await rig.ingest().settled()
    expect(rig.letters()).toEqual(['device: probe7 is not known in coop'])
    await rig.addDevice({ id: 'probe7' })
    await journal.replay(journal.deadLetters({})[0]!.id, 'coop')
    await rig.ingest().settled()
    expect(await rig.stored()).toMatchObject([{ device: 'probe7', value: 21.4 }])
    expect(rig.letters()).toEqual([])
  })

  it.each([
    ['two days behind', -2 * DAY_MS],
    ['two years ahead', 730 * DAY_MS],
  ])(
    'a message rejected by a server clock that was %s is stored as good when it is replayed',
    async (_what, offMs) => {
      const { journal } = rig.brokerRig
      const receivedMs = NOON + offMs
      await journal.append({ org: 'coop', device: 'probe1', receivedMs, payload: Buffer.from(message(1)) })
      await rig.ingest().settled()
      expect(rig.letters()).toEqual([expect.stringMatching(/^time: expected at most/)])
      await journal.replay(journal.deadLetters({})[0]!.id, 'coop')
      await rig.ingest().settled()
      expect(await rig.stored()).toMatchObject([{ atMs: NOON - 59 * MINUTE_MS, value: 21.4, flag: 1 }])
      expect(rig.letters()).toEqual([])
    },
  )

  it('a message without a time keeps the time of its first arrival when it is replayed', async () => {
    const { journal } = rig.brokerRig
    const payload = Buffer.from(message(1, { time: undefined }))
    await journal.append({ org: 'coop', device: 'probe7', receivedMs: NOON, payload })
    await rig.ingest().settled()
    await rig.addDevice({ id: 'probe7' })
    await rig.clock.advanceTo(NOON + DAY_MS)
    await journal.replay(journal.deadLetters({})[0]!.id, 'coop')
    await rig.ingest().settled()
    expect(await rig.stored()).toMatchObject([{ device: 'probe7', atMs: NOON, origin: 'estimated' }])
  })

  it('a device of another organisation, or a revoked one, is not accepted', async () => {
    await rig.addDevice({ id: 'probe8', org: 'other' })
    await rig.addDevice({ id: 'probe9', revokedAtMs: NOON - 1 })
    for (const device of ['probe8', 'probe9'])
      await rig.brokerRig.journal.append({
        org: 'coop',
        device,
        receivedMs: NOON,
        payload: Buffer.from(message(1)),
      })
    await rig.ingest().settled()
    expect(rig.letters()).toEqual(['device: probe8 is not known in coop', 'device: probe9 has been revoked'])
  })

  it('a repeated message is stored once, however late it is repeated', async () => {
    await send(message(1), message(1), message(2))
    await rig.restart()
    await send(message(1), message(2))
    expect(await rig.stored()).toHaveLength(2)
    expect(rig.ingest().counters()).toMatchObject({ duplicates: 2, missing: 0 })
    expect(rig.letters()).toEqual([])
  })

  it('a message that never arrived is visible as missing until it arrives', async () => {
    await send(message(1), message(4))
    expect(rig.ingest().counters().missing).toBe(2)
    await send(message(3), message(2))
    expect(rig.ingest().counters().missing).toBe(0)
    expect(await rig.stored()).toHaveLength(4)
  })

  it('a device that was replaced and counts from 0 again is not taken for a duplicate', async () => {
    await send(message(5), message(6))
    await send(message(5, { boot: 1, time: iso(NOON) }))
    expect(await rig.stored()).toHaveLength(3)
    expect(rig.ingest().counters()).toMatchObject({ numbersRestarted: 1, duplicates: 0 })
  })

  it('hardware that claimed the id of another starts new counters at once: no message is a duplicate, and its rain starts where the other ended', async () => {
    const rain = (n: number, cumulative: number) =>
      message(n, { boot: 1, time: undefined, measurements: [{ rain: { cumulative } }] })
    await send(rain(1, 412.6), rain(2, 413))
    await rig.clock.advanceTo(rig.clock.now() + 60_000)
    await rig.state
      .updateTable('device')
      .set({ claimedMs: rig.clock.now() })
      .where('id', '=', 'probe1')
      .execute()
    await rig.restart() // reads the row again
    // readings from its previous farm
    await send(rain(1, 960), rain(2, 960.4))
    expect(rig.letters()).toEqual([])
    expect(rig.ingest().counters().duplicates).toBe(0)
    expect(await values('rain.cumulative')).toEqual([412.6, 413, 413, 413.4])
    // accepted once: from now on the same readings are ordinary duplicates
    await rig.restart()
    await send(rain(2, 960.4))
    expect(await values('rain.cumulative')).toHaveLength(4)
  })

  describe('a probe without a clock', () => {
    /** The n-th message of a boot, measured every 10 minutes. */
    const unclocked = (n: number, mm: number) =>
      message(n, {
        time: undefined,
        monoMs: n * 10 * MINUTE_MS,
        measurements: [{ rain: { cumulative: mm } }],
      })
    const live = async (first: number, last: number, mm: number) => {
      const startMs = rig.clock.now()
      for (let n = first; n <= last; n++) {
        await rig.clock.advanceTo(startMs + (n - first) * 10 * MINUTE_MS)
        await send(unclocked(n, mm + n * 0.2))
      }
    }
    const later = (ms: number) => rig.clock.advanceTo(rig.clock.now() + ms)
    const replayAll = async () => {
      const { journal } = rig.brokerRig
      for (const { id } of journal.deadLetters({})) await journal.replay(id, 'coop')
      await rig.ingest().settled()
    }

    it('that was replaced and starts again at boot 1, n 0 is accepted after three messages; none is lost', async () => {
      await live(0, 5, 412)
      await later(30 * DAY_MS)
      const replacedMs = rig.clock.now()
      await live(0, 1, 0)
      expect(rig.letters()).toEqual([
        'n: expected a number that was never used before, got 0 again; replay it if the device was reflashed or replaced',
        expect.stringMatching(/^n: .*got 1 again/),
      ])
      await rig.restart() // what was noticed so far is not forgotten
      await later(10 * MINUTE_MS)
      await live(2, 4, 0)
      expect(rig.ingest().counters()).toMatchObject({ numbersRestarted: 1, duplicates: 0 })
      expect(await rig.stored()).toHaveLength(6 + 3)
      await replayAll()
      expect(rig.letters()).toEqual([])
      const fresh = (await rig.stored()).filter(({ atMs }) => atMs >= replacedMs)
      expect(fresh.map(({ atMs }) => (atMs - replacedMs) / MINUTE_MS)).toEqual([0, 10, 20, 30, 40])
      const totals = fresh.map(({ value }) => value!)
      expect([...totals].sort((a, b) => a - b)).toEqual(totals)
      // 1 mm by the old gauge, and the 0.8 mm that the new one has counted
      expect(totals.at(-1)).toBeCloseTo(413 + 0.8, 6)
    })

    it('that sends its backlog again after a day, in a burst, is not taken for a new one', async () => {
      await live(0, 5, 412)
      await later(DAY_MS)
      await send(...[0, 1, 2, 3, 4, 5].map((n) => unclocked(n, 412 + n * 0.2)))
      await later(10 * MINUTE_MS)
      await send(unclocked(6 + 144, 414))
      expect(rig.ingest().counters()).toMatchObject({ numbersRestarted: 0 })
      expect(await rig.stored()).toHaveLength(7)
      expect(rig.letters()).toHaveLength(6)
    })

    it('whose message repeats soon after leaves no dead letter, also with a backlog of hours', async () => {
      await later(8 * HOUR_MS)
      const backlog = [0, 1, 2, 3].map((n) => unclocked(n, 412))
      await send(...backlog)
      await later(5 * MINUTE_MS)
      await send(...backlog)
      expect(rig.letters()).toEqual([])
      expect(rig.ingest().counters()).toMatchObject({ duplicates: 4, numbersRestarted: 0 })
    })

    it('is accepted at once when a person replays its repeat, and its next messages too', async () => {
      await live(0, 5, 412)
      await later(DAY_MS)
      const replacedMs = rig.clock.now()
      await send(unclocked(0, 0))
      await replayAll()
      await later(10 * MINUTE_MS)
      await send(unclocked(1, 0.2))
      expect(rig.letters()).toEqual([])
      expect((await rig.stored()).slice(6).map(({ atMs }) => atMs - replacedMs)).toEqual([0, 10 * MINUTE_MS])
    })
  })

  it('a dead letter that repeats a stored message stays a dead letter when it is replayed', async () => {
    await send(message(1))
    const { journal } = rig.brokerRig
    const payload = Buffer.from(message(1))
    const from = { org: 'coop', device: 'probe1', receivedMs: NOON, payload }
    await journal.deadLetter({ ...from, topic, reason: 'test: kept by hand', bytes: payload.length })
    await journal.replay(journal.deadLetters({})[0]!.id, 'coop')
    await rig.ingest().settled()
    expect(rig.letters()).toEqual(['n: expected a number that was never used before, got 1 again'])
    expect(await rig.stored()).toHaveLength(1)
  })

  it('two messages of the same second do not overwrite each other', async () => {
    const time = iso(NOON)
    await send(message(1, { time }), message(2, { time }), message(3, { time }))
    expect((await rig.stored()).map(({ atMs }) => atMs - NOON)).toEqual([0, 1, 2])
  })

  it('a message without a time is placed at its arrival and marked', async () => {
    await send(message(1, { time: undefined }))
    expect(await rig.stored()).toMatchObject([{ atMs: NOON, flag: 2, origin: 'estimated' }])
  })

  it('a jump faster than the quantity can change is suspect, and does not move the reference', async () => {
    const air = (n: number, temperature: number) => message(n, { measurements: [{ air: { temperature } }] })
    await send(air(1, 20), air(2, 45), air(3, 20.5))
    expect((await rig.stored()).map(({ flag }) => flag)).toEqual([1, 3, 1])
  })

  it('rain is a total that never falls, through a restart and late messages', async () => {
    const rain = (n: number, cumulative: number, boot = 1) =>
      message(n, { boot, measurements: [{ rain: { cumulative } }] })
    await send(rain(1, 412.6), rain(2, 413), rain(5, 0.8, 2))
    await send(rain(4, 0.2, 2), rain(3, 413.4))
    await send(rain(6, 1, 2))
    // 0.4 + 0.4 before the restart, 0.2 + 0.6 + 0.2 after it
    const totals = (await values('rain.cumulative')) as number[]
    expect([...totals].sort((a, b) => a - b)).toEqual(totals)
    expect(totals.at(-1)).toBeCloseTo(412.6 + 1.8, 6)
  })

  it('a water meter rolls over at the modulus of its device row', async () => {
    await rig.addDevice({
      id: 'valve1',
      kind: 'controller',
      counterModulus: JSON.stringify({ 'water.total/V1': 1_000 }),
    })
    for (const [n, total] of [
      [1, 990],
      [2, 15],
    ] as const)
      await rig.brokerRig.journal.append({
        org: 'coop',
        device: 'valve1',
        receivedMs: NOON,
        payload: Buffer.from(
          message(n, { measurements: [{ metering: { water: { total } }, tilth: { valve: 'V1' } }] }),
        ),
      })
    await rig.ingest().settled()
    expect(await values('water.total/V1')).toEqual([990, 1_015])
  })

  it('loses nothing while the series are unavailable for ten minutes, and continues by itself', async () => {
    rig.fault.before = () => fail('STORE_UNAVAILABLE', 'append')
    await send(message(1), message(2))
    await rig.clock.advanceTo(NOON + 10 * MINUTE_MS)
    await send(message(3))
    expect(await rig.stored()).toEqual([])
    expect(rig.ingest().counters()).toMatchObject({ behind: 3, records: 0 })
    expect(rig.brokerRig.journal.cursor('ingest')).toBe(0)
    rig.fault.before = null
    await rig.clock.advanceTo(NOON + 11 * MINUTE_MS) // it tries again every 30 s at the latest
    await rig.ingest().settled()
    expect(await rig.stored()).toHaveLength(3)
    expect(rig.ingest().counters()).toMatchObject({ behind: 0, duplicates: 0 })
  })

  it('of a thousand readings, the one that the store rejects is a dead letter, and 999 are stored', async () => {
    rig.fault.before = (readings) => {
      if (readings.some(({ value }) => value === 13)) fail('STORE_REFUSED', 'field type conflict')
    }
    const moist = (n: number, moisture: number) =>
      message(n, { time: iso(NOON - n * SECOND_MS), measurements: [{ soil: { moisture } }] })
    await send(...Array.from({ length: 1_000 }, (_, n) => moist(n, n === 700 ? 13 : 20)))
    expect(rig.letters()).toEqual(['soil.moisture: the store rejected it: field type conflict'])
    expect(await rig.stored()).toHaveLength(999)
    expect(rig.ingest().counters().behind).toBe(0)
  })

  it('a crash after the readings were stored and before the cursor moved changes nothing', async () => {
    const rain = (n: number, cumulative: number) =>
      message(n, { measurements: [{ rain: { cumulative }, air: { temperature: 20 + n } }] })
    await send(rain(1, 100), rain(2, 101))
    let dies = true
    rig.fault.after = () => {
      if (dies) throw new Error('the process dies here')
    }
    await send(rain(4, 3), rain(3, 102), message(5, { time: undefined }), '{"v":')
    const before = await rig.stored()
    expect(before.length).toBeGreaterThan(4)
    expect(rig.brokerRig.journal.cursor('ingest')).toBe(2)
    dies = false
    await rig.restart()
    await rig.ingest().settled()
    expect(await rig.stored()).toEqual(before)
    expect(rig.ingest().counters()).toMatchObject({ duplicates: 0, missing: 0 })
    expect(rig.letters()).toHaveLength(1)
  })

  it('moving a probe to another field takes effect with the next message', async () => {
    await send(message(1))
    await rig.state.updateTable('device').set({ fieldId: 'field2' }).where('id', '=', 'probe1').execute()
    const event: ChangeEvent = { event: 'device', atMs: NOON, id: 'probe1' }
    await rig.bus.publish(internalTopic('coop', 'event'), JSON.stringify(event), { qos: 1, retain: false })
    await eventually(() => rig.bus.counts().received > 1)
    await send(message(2))
    expect((await rig.stored()).map(({ field }) => field).sort()).toEqual(['field1', 'field2'])
  })

  it('publishes which fields have new readings, at most once a second', async () => {
    const heard: ChangeEvent[] = []
    await rig.bus.subscribe(
      internalTopic('coop', 'event'),
      ({ payload }) => void heard.push(JSON.parse(new TextDecoder().decode(payload)) as ChangeEvent),
    )
    await send(message(1))
    await send(message(2))
    await eventually(() => heard.length === 1)
    expect(heard).toEqual([{ event: 'reading', atMs: NOON, fields: ['field1'] }])
    await rig.clock.advanceTo(NOON + SECOND_MS)
    await eventually(() => heard.length === 2)
  })

  it('stores when a device was last seen and its battery, once a minute', async () => {
    const row = () =>
      rig.state.selectFrom('device').selectAll().where('id', '=', 'probe1').executeTakeFirstOrThrow()
    await send(message(1, { battery: 3.61 }))
    expect(await row()).toMatchObject({ lastSeenMs: NOON, batteryV: 3.61 })
    await rig.clock.advanceTo(NOON + 30 * SECOND_MS)
    await send(message(2, { battery: 3.5 }))
    expect(await row()).toMatchObject({ lastSeenMs: NOON, batteryV: 3.61 })
    await rig.clock.advanceTo(NOON + 60 * SECOND_MS)
    await send(message(3))
    await expect.poll(row).toMatchObject({ lastSeenMs: NOON + 60 * SECOND_MS, batteryV: 3.5 })
  })
})
