/** A run on a valve of another make, from its approval to the record of its water. */
import { afterEach, describe, expect, it } from 'vitest'
import { startForeignFarm, type ForeignFarm } from './foreign-farm.ts'
import { breakTable } from '../../support/broken-table.ts'

const MINUTE_MS = 60_000

describe('a valve of another make', () => {
  let farm: ForeignFarm
  afterEach(() => farm.stop())
  const irrigation = () => farm.state.selectFrom('irrigation').selectAll().execute()

  it('opens once for a run, closes by itself, and its water is recorded', async () => {
    farm = await startForeignFarm()
    await farm.valve.connect()
    await farm.pass(20_000)
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    expect(farm.valve.commands.filter((text) => text.includes('ON'))).toEqual([
      'set {"state":"ON","on_time":600}',
    ])
    expect((await farm.run()).state).toBe('running')
    await farm.pass(11 * MINUTE_MS)
    expect(farm.valve.openings).toHaveLength(1)
    const [row] = await irrigation()
    expect(row).toMatchObject({ endReason: 'timer', volumeSource: 'metered', failure: null })
    expect(row!.litres).toBeGreaterThan(470)
    expect(row!.litres).toBeLessThan(490)
    expect(farm.shown()).toEqual(['closed', 'open', 'closed'])
    expect(farm.valve.commands.some((text) => text.includes('OFF'))).toBe(false)
    expect(await farm.alerts()).toEqual([])
  })

  const begin = async (changes: Parameters<typeof startForeignFarm>[0] = {}) => {
    farm = await startForeignFarm(changes)
    await farm.valve.connect()
    await farm.pass(20_000)
  }
  const opens = () => farm.valve.commands.filter((text) => text.includes('ON'))
  const closes = () => farm.valve.commands.filter((text) => text.includes('OFF'))

  it.each([
    ['doubles every report', { doubles: true }],
    ['is five seconds late', { delayMs: 5_000 }],
  ])('opens once and ends by its timer when the radio %s', async (_title, radio) => {
    await begin()
    Object.assign(farm.valve.radio, radio)
    await farm.addRun()
    await farm.pass(12 * MINUTE_MS)
    expect(opens()).toHaveLength(1)
    expect(await irrigation()).toMatchObject([{ endReason: 'timer' }])
  })

  it('is not running before it reports that it is open: a lost open ends without water and is not repeated', async () => {
    await begin()
    farm.valve.radio.losesCommands = true
    await farm.addRun()
    await farm.pass(60_000)
    expect((await farm.run()).state).toBe('sent')
    expect(farm.shown()).toEqual(['closed'])
    await farm.pass(20 * MINUTE_MS)
    expect(opens()).toHaveLength(1)
    expect(closes().length).toBeGreaterThan(5)
    expect(farm.valve.openings).toEqual([])
    expect((await farm.alerts()).find(({ cause }) => cause === 'valve-unproved')).toMatchObject({
      isActive: true,
    })
    expect(farm.shown()).toEqual(['closed'])
    farm.valve.radio.losesCommands = false
    await farm.pass(5 * MINUTE_MS)
    expect((await farm.alerts()).filter(({ isActive }) => isActive)).toEqual([])
    expect(farm.shown()).toEqual(['closed'])
  })

  it('is not shown closed while it stays open: it is closed until that is proved, and a person is notified', async () => {
    await begin()
    Object.assign(farm.valve.radio, { staysOpen: true, ignoresClose: true })
    await farm.addRun({ minutes: 2 })
    await farm.pass(10 * MINUTE_MS)
    expect(farm.valve.isOpen()).toBe(true)
    expect(farm.shown()).toEqual(['closed', 'open'])
    expect((await farm.alerts()).map(({ cause }) => cause)).toContain('valve-unproved')
    farm.valve.radio.ignoresClose = false
    await farm.pass(2 * MINUTE_MS)
    expect(farm.valve.isOpen()).toBe(false)
    expect(farm.shown()).toEqual(['closed', 'open', 'closed'])
    expect((await farm.alerts()).find(({ cause }) => cause === 'valve-unproved')).toMatchObject({
      isActive: false,
    })
  })

  it('is closed at once and locked when it repeats another duration, until a person unlocks it', async () => {
    await begin()
    farm.valve.radio.repeatsTimes = 10
    await farm.addRun()
    await farm.pass(30_000)
    expect(farm.valve.openings[0]!.closedMs! - farm.valve.openings[0]!.openedMs).toBeLessThan(5_000)
    expect(await farm.alerts()).toMatchObject([{ cause: 'valve-bound-lock', isActive: true }])
    farm.valve.radio.repeatsTimes = 1
    await farm.pass(30 * MINUTE_MS)
    expect(opens()).toHaveLength(1)
    expect(await farm.control().unlock('green-coop', 'controller-1', 'V1')).toBe(true)
    expect(await farm.alerts()).toMatchObject([{ isActive: false }])
    await farm.request({ minutes: 3 })
    await farm.pass(4 * MINUTE_MS)
    expect(farm.valve.openings.at(-1)).toMatchObject({ onTimeS: 180 })
  })

  it.each(['2.2.1', '2.6.0-dev'])('is never opened behind Zigbee2MQTT %s', async (version) => {
    farm = await startForeignFarm({ testedVersion: version })
    farm.valve.version = version
    await farm.valve.connect()
    await farm.pass(20_000)
    await farm.addRun()
    await farm.pass(20 * MINUTE_MS)
    expect(opens()).toEqual([])
    expect((await farm.run()).state).not.toBe('done')
    expect(await irrigation()).toMatchObject([{ ranMs: 0 }])
  })

  it('is tested again after an update of its gateway', async () => {
    await begin()
    await farm.valve.disconnect()
    farm.valve.version = '2.15.0'
    await farm.valve.connect()
    await farm.pass(20_000)
    await farm.addRun()
    await farm.pass(3 * MINUTE_MS)
    expect(opens()).toEqual([])
    expect(await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')).toBe('started')
    expect(await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')).toBe('busy')
    await farm.pass(3 * MINUTE_MS)
    const row = await farm.row()
    expect(row).toMatchObject({ testedProof: 'P2', testedVersion: '2.15.0' })
    expect(JSON.parse(row.test!)).toEqual({
      openedAfterS: 1,
      closedAfterS: 60,
      proof: 'P2',
      by: 'itself',
      failure: null,
    })
    await farm.request({ minutes: 2 })
    await farm.pass(3 * MINUTE_MS)
    expect(farm.valve.openings.map(({ onTimeS }) => onTimeS)).toEqual([60, 120])
    expect(await farm.alerts()).toEqual([])
  })

  it('fails its test when it does not close by itself', async () => {
    await begin({ testedProof: null })
    farm.valve.radio.staysOpen = true
    await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')
    await farm.pass(5 * MINUTE_MS)
    const row = await farm.row()
    expect(row.testedProof).toBe(null)
    expect(JSON.parse(row.test!)).toMatchObject({
      by: 'command',
      failure: { code: 'CLOSED_BY_COMMAND', params: {} },
    })
    expect(farm.valve.isOpen()).toBe(false)
  })

  it('is closed by STOP within seconds, also while others or a test run have opened it', async () => {
    await begin()
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    await farm.request({ kind: 'stop', zoneId: 'zone-1' })
    await farm.pass(5_000)
    expect(farm.valve.isOpen()).toBe(false)
    expect(await irrigation()).toMatchObject([{ endReason: 'command' }])
    await farm.pass(MINUTE_MS)
    await farm.control().startTest('green-coop', 'controller-1', 'V1', 'user-sato')
    await farm.pass(10_000)
    expect(farm.valve.isOpen()).toBe(true)
    await farm.request({ kind: 'stop-all', zoneId: null })
    await farm.pass(5_000)
    expect(farm.valve.isOpen()).toBe(false)
  })

  it('that others open is closed, reported, and its run recorded', async () => {
    await begin()
    await farm.request({ minutes: 2 })
    await farm.pass(4 * MINUTE_MS)
    farm.valve.openByHand()
    await farm.pass(10_000)
    expect(farm.valve.isOpen()).toBe(false)
    expect((await farm.alerts()).map(({ cause }) => cause)).toEqual(['valve-unordered'])
    await farm.pass(2 * MINUTE_MS)
    expect((await irrigation()).map(({ cause }) => cause).sort()).toEqual(['manual', 'unexpected'])
    await farm.request({ minutes: 2 })
    await farm.pass(4 * MINUTE_MS)
    expect(farm.valve.openings.at(-1)).toMatchObject({ onTimeS: 120 })
  })

  describe('when Tilth ends and starts again', () => {
    it.each(['before it leaves', 'after it has left'] as const)(
      'at an opening %s: it is never sent again',
      async (when) => {
        await begin()
        farm.crashAtOpening(when)
        await farm.addRun()
        await farm.pass(1_000)
        expect(farm.isCrashed()).toBe(true)
        await farm.restart(2_000)
        await farm.pass(30 * MINUTE_MS)
        expect(opens()).toHaveLength(when === 'before it leaves' ? 0 : 1)
        expect(closes().length).toBeGreaterThan(0)
        expect(farm.valve.isOpen()).toBe(false)
        // how long it ran is unknown
        expect(await irrigation()).toMatchObject([{ volumeSource: 'unknown', ranMs: 600_000 }])
      },
    )

    it.each([2_000, 30_000, 5 * MINUTE_MS, 599_000, 12 * MINUTE_MS])(
      'in a run, away from %i ms on: it is closed until that is proved',
      async (atMs) => {
        await begin()
        await farm.addRun()
        await farm.pass(atMs)
        Object.assign(farm.valve.radio, { losesCommands: true, losesReports: true })
        const shown = farm.shown().length
        await farm.restart(1_000)
        await farm.pass(20_000)
        if (atMs < 10 * MINUTE_MS) expect(farm.shown()).toHaveLength(shown)
        Object.assign(farm.valve.radio, { losesCommands: false, losesReports: false })
        await farm.pass(20 * MINUTE_MS)
        expect(opens()).toHaveLength(1)
        expect(farm.valve.isOpen()).toBe(false)
        expect(await irrigation()).toHaveLength(1)
      },
    )
  })

  describe('of a weak make', () => {
    const giex = async (meterDeviceId: string | null) => {
      farm = await startForeignFarm({ driver: 'z2m-giex-qt06-2', meterDeviceId })
      farm.valve.model = 'QT06_2'
      await farm.valve.connect()
      await farm.pass(20_000)
    }
    /** The meter publishes its flow for some minutes. */
    const meter = async (lpm: number, minutes: number) => {
      for (let n = 0; n < minutes * 2; n++) {
        const telemetry = {
          v: 1,
          n: farm.clock.now(),
          boot: 1,
          monoMs: n,
          measurements: [{ tilth: { flow: lpm } }],
        }
        const topic = `tilth/v1/green-coop/meter-1/telemetry`
        await farm.bus.publish(topic, JSON.stringify(telemetry), { qos: 1, retain: false })
        await farm.pass(30_000)
      }
    }

    it('does not run by itself without a meter or a second valve', async () => {
      await giex(null)
      await farm.addRun()
      await farm.pass(2 * MINUTE_MS)
      expect(opens()).toEqual([])
    })

    it('is closed when its meter proves it, whatever it reports', async () => {
      await giex('meter-1')
      await farm.addRun({ minutes: 2 })
      await farm.pass(10_000)
      expect(farm.valve.openings).toMatchObject([{ onTimeS: 120 }])
      await meter(50, 6)
      expect(farm.valve.isOpen()).toBe(false)
      // it reports closed, and water flows
      expect(farm.shown()).toEqual(['closed', 'open'])
      expect((await farm.alerts()).map(({ cause }) => cause)).toContain('valve-unproved')
      await meter(0, 2)
      expect(farm.shown()).toEqual(['closed', 'open', 'closed'])
    })
  })

  it('does not open what cannot be stored', async () => {
    await begin()
    const repair = await breakTable(farm.state, 'foreign_controller', ['update'])
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    expect(opens()).toEqual([])
    await repair()
    await farm.pass(15_000)
    expect(opens()).toHaveLength(1)
  })
})
