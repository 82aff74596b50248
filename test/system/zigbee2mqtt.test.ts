/** A Sonoff SWV behind a real Zigbee2MQTT: opened once and proved closed, whatever the radio does. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RadioValve } from '../support/zigbee2mqtt/valve.ts'
import { eventually } from './farm.ts'
import { describeZigbee, NOW, OLD, startRig, type Rig } from './zigbee-rig.ts'

describeZigbee(NOW)('a valve behind Zigbee2MQTT', () => {
  let rig: Rig
  let isWatching = true
  const wrong: string[] = []
  let watcher: Promise<void>
  beforeAll(async () => {
    rig = await startRig(NOW)
    // whatever happens: the page never shows closed while water flows
    watcher = (async () => {
      while (isWatching) {
        const before = rig.valve.openings.length
        const wasOpen = rig.valve.isOpen()
        const position = await rig.position()
        const isSameOpening = rig.valve.isOpen() && rig.valve.openings.length === before
        const openForMs = Date.now() - (rig.valve.openings.at(-1)?.openedMs ?? 0)
        // its report needs a moment
        if (wasOpen && isSameOpening && openForMs > 1_500 && position === 'closed')
          wrong.push(`${before}. opening, after ${openForMs} ms`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
  }, 240_000)
  afterAll(async () => {
    isWatching = false
    await watcher
    await rig.stop()
  }, 60_000)

  const openings = () => rig.valve.openings.length
  const record = (n: number) =>
    eventually(async () => {
      const rows = await rig.farm.tilth.state
        .selectFrom('irrigation')
        .selectAll()
        .orderBy('commandedAtMs')
        .execute()
      return rows[n - 1]
    }, 240_000)

  it('passes its test run: it opens for a minute and closes by itself', async () => {
    await rig.farm.post(`/api/devices/${rig.deviceId}/valves/V1/test`, undefined)
    const tested = await eventually(async () => {
      const [one] = (await rig.valves()).valves
      return one?.test ? one : null
    }, 60_000)
    expect(tested).toMatchObject({ testedProof: 'P2', test: { by: 'itself', failure: null } })
    expect(rig.valve.openings).toMatchObject([{ seconds: 60 }])
  }, 90_000)

  it('opened for ten minutes closes by itself, is proved closed, and its litres are recorded', async () => {
    await rig.start(10)
    const irrigation = await record(1)
    expect(rig.valve.openings.at(-1)).toMatchObject({ seconds: 600 })
    expect(rig.valve.openings.at(-1)!.closedMs).not.toBeNull()
    expect(irrigation).toMatchObject({ endReason: 'timer', volumeSource: 'metered', cause: 'manual' })
    // 0.7 m3/h for ten minutes
    expect(irrigation.litres!).toBeGreaterThan(90)
    expect(irrigation.litres!).toBeLessThan(140)
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null))
  }, 240_000)

  it.each<[string, Partial<RadioValve['radio']>]>([
    ['doubles every report', { doubles: true }],
    ['delays everything by a second', { delayMs: 1_000 }],
  ])(
    'is opened once over a radio that %s',
    async (_name, fault) => {
      const before = openings()
      const [irrigations] = await rig.farm.tilth.state
        .selectFrom('irrigation')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .execute()
      Object.assign(rig.valve.radio, fault)
      await rig.start(2)
      await record(Number(irrigations!.n) + 1)
      expect(openings()).toBe(before + 1)
      Object.assign(rig.valve.radio, { doubles: false, delayMs: 0 })
    },
    120_000,
  )

  it('opens nothing over a radio that loses the order, and is closed when it answers again', async () => {
    const before = openings()
    rig.valve.frames.length = 0
    rig.valve.radio.losesCommands = true
    await rig.start(2)
    await eventually(async () => rig.valve.frames.some((frame) => frame.startsWith('on')) || null, 30_000)
    expect(await rig.position()).toBe('unknown')
    rig.valve.radio.losesCommands = false
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before)
  }, 240_000)

  it('is opened once over a radio that loses its reports, and is unknown until it reports again', async () => {
    const before = openings()
    rig.valve.radio.losesReports = true
    await rig.start(2)
    await eventually(async () => rig.valve.isOpen() || null, 30_000)
    await eventually(async () => !rig.valve.isOpen() || null, 90_000)
    expect(await rig.position()).toBe('unknown')
    rig.valve.radio.losesReports = false
    rig.valve.report()
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before + 1)
  }, 240_000)

  it('is opened once, closes, and is known to be closed when Zigbee2MQTT is killed while it is open', async () => {
    const before = openings()
    await rig.start(5)
    await eventually(async () => rig.valve.isOpen() || null)
    await rig.z2m.kill('SIGKILL')
    await eventually(async () => !rig.valve.isOpen() || null, 90_000)
    await rig.z2m.start()
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before + 1)
  }, 240_000)

  it('whose timer fails is closed by Tilth', async () => {
    const before = openings()
    rig.valve.radio.staysOpen = true
    await rig.start(2)
    await eventually(async () => rig.valve.isOpen() || null, 30_000)
    await eventually(async () => !rig.valve.isOpen() || null, 90_000)
    rig.valve.radio.staysOpen = false
    await eventually(async () => ((await rig.position()) === 'closed' ? true : null), 60_000)
    expect(openings()).toBe(before + 1)
  }, 240_000)

  it('was never shown closed while it was open', () => expect(wrong).toEqual([]))
})

describeZigbee(OLD)('a Zigbee2MQTT before 2.6.0, which would open ten times as long', () => {
  let rig: Rig
  beforeAll(async () => void (rig = await startRig(OLD)), 120_000)
  afterAll(() => rig.stop(), 60_000)

  it('opens nothing, and the reason names the version', async () => {
    await rig.farm.post(`/api/devices/${rig.deviceId}/valves/V1/test`, undefined)
    const tested = await eventually(async () => {
      const [one] = (await rig.valves()).valves
      return one?.test ? one : null
    }, 60_000)
    expect(tested.testedProof).toBeNull()
    expect(tested.test!.failure).toEqual({
      code: 'REQUIREMENT_UNMET',
      params: { requirement: 'gateway-2-6', value: OLD },
    })
    expect(rig.valve.openings).toEqual([])
    expect(rig.valve.frames.filter((frame) => frame.startsWith('on'))).toEqual([])
  }, 90_000)
})
