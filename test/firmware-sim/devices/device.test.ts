import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseOnline, parseTelemetry } from '../../../broker/contract/messages.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { topicOf } from '../../../broker/contract/topics.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import type { Device, DeviceOptions } from '../../../firmware-sim/devices/device.ts'
import type { World } from '../../../firmware-sim/world.ts'
import { fileFlash, memoryFlash } from '../../../firmware-sim/devices/flash.ts'
import { startGauge } from '../../../firmware-sim/devices/gauge.ts'
import { startProbe } from '../../../firmware-sim/devices/probe.ts'
import { startStation } from '../../../firmware-sim/devices/station.ts'
import { startTrap } from '../../../firmware-sim/devices/trap.ts'
import { weatherFromNormals } from '../../../firmware-sim/weather/weather-normals.ts'
import { midnight, riceField, soybeanOnLoam, steady, worldFrom } from '../places.ts'
import { startWire, type Wire } from '../wire.ts'

const start = midnight('2026-07-06')
let wire: Wire
let clock: VirtualClock
const devices: Device[] = []

beforeEach(async () => {
  wire = await startWire()
  clock = virtualClock(start)
})
afterEach(async () => {
  wire.hold(false)
  await Promise.all(devices.splice(0).map((device) => device.stop()))
  await wire.close()
})

const options = (id: string, source = steady()): DeviceOptions & { world: World } => ({
  credentials: { org: 'hills', id, secret: 'a secret', commandKey: null },
  url: wire.url,
  clock,
  world: worldFrom('2026-07-06', [soybeanOnLoam, riceField], source),
  seed: 'test',
})

async function begin<T extends Device>(starting: Promise<T>): Promise<T> {
  const device = await starting
  devices.push(device)
  clock.onSettle(() => device.settled())
  return device
}
const probe = (own: Partial<DeviceOptions & { world: World }> = {}) =>
  begin(startProbe({ ...options('probe-1'), field: 'north-3', depthsCm: [15, 30, 60], ...own }))

/** Resolves when everything published so far has arrived. */
async function heardAll(): Promise<void> {
  await wire.say('tilth/v1/hills/marker/state', { mark: wire.heard.length })
  const mark = wire.heard.length
  await wire.when(({ device, message }) => device === 'marker' && message.mark <= mark && message.mark >= 0)
}
/** Real time for sockets, until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a device on the wire', () => {
  it('publishes online 1, retained, and its will publishes online 0 when the power fails', async () => {
    const device = await probe()
    const [hello] = [await wire.when(({ kind }) => kind === 'online')]
    expect(hello.message).toMatchObject({ on: 1 })
    expect(hello.message.sess).toMatch(/^b1\.c1\.[0-9a-f]{8}$/)
    device.cutPower()
    const will = await wire.when(({ kind, message }) => kind === 'online' && message.on === 0)
    // the server must know which session ended
    expect(will.message.sess).toBe(hello.message.sess)
    await device.restorePower()
    const again = await wire.when(({ message }) => message.on === 1 && message.sess.startsWith('b2.c1.'))
    expect(parseOnline(JSON.stringify(again.message)).ok).toBe(true)
  })

  it('publishes online 0 when it is stopped', async () => {
    const device = await probe()
    await device.stop()
    const bye = await wire.when(({ kind, message }) => kind === 'online' && message.on === 0)
    expect(bye.message.sess).toMatch(/^b1\.c1\./)
  })

  it('measures every 20 minutes on the clock, in messages that the contract accepts', async () => {
    await probe()
    await clock.advanceTo(start + 2 * HOUR_MS)
    await heardAll()
    const messages = wire.of('probe-1', 'telemetry')
    expect(messages.map(({ time }) => time)).toEqual(
      [20, 40, 60, 80, 100, 120].map((minutes) => new Date(start + minutes * MINUTE_MS).toISOString()),
    )
    expect(messages.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6])
    for (const message of messages) {
      const text = JSON.stringify(message)
      expect(parseTelemetry(text).ok).toBe(true)
      expect(text.length).toBeLessThan(1024)
    }
    expect(messages[0].measurements.map(({ soil }: { soil: { depth: number } }) => soil.depth)).toEqual([
      15, 30, 60,
    ])
  })

  it('reports the water of the true soil in % with one decimal, within a few percent of it', async () => {
    const world = worldFrom('2026-07-06', [soybeanOnLoam])
    await probe({ world })
    await clock.advanceTo(start + HOUR_MS)
    await heardAll()
    const { moisture } = wire.of('probe-1', 'telemetry').at(-1).measurements[0].soil
    expect(moisture).toBe(Number(moisture.toFixed(1)))
    expect(Math.abs(moisture - world.moistureAt('north-3', 15) * 100)).toBeLessThan(4)
  })

  it('applies a retained configuration, and a newer one at once', async () => {
    await wire.say(topicOf('hills', 'probe-1', 'config'), { v: 1, version: 1, sampleS: 600 }, true)
    const device = await probe()
    await until(() => device.received() === 1)
    await clock.advanceTo(start + HOUR_MS)
    expect(device.sent()).toBe(1 + 6)
    await wire.say(topicOf('hills', 'probe-1', 'config'), { v: 1, version: 2, sampleS: 3600 }, true)
    await until(() => device.received() === 2)
    await clock.advanceTo(start + 4 * HOUR_MS)
    expect(device.sent()).toBe(1 + 6 + 3)
  })

  it('retains its interval when a configuration cannot be parsed', async () => {
    const notes: string[] = []
    const device = await probe({ note: (text) => notes.push(text) })
    await wire.say(topicOf('hills', 'probe-1', 'config'), { v: 1, version: 3, sampleS: 'soon' }, true)
    await until(() => device.received() === 1)
    await clock.advanceTo(start + HOUR_MS)
    expect(device.sent()).toBe(1 + 3)
    expect(notes.join()).toContain('config refused: sampleS')
  })

  it('publishes null for a dead sensor and the same value for a stuck one', async () => {
    const device = await probe()
    device.setFault('soil.moisture', 'dead', '30')
    await clock.advanceTo(start + 20 * MINUTE_MS)
    device.setFault('soil.temperature', 'stuck')
    await clock.advanceTo(start + 5 * HOUR_MS)
    await heardAll()
    const messages = wire.of('probe-1', 'telemetry')
    for (const { measurements } of messages) {
      expect(measurements[1].soil.moisture).toBeNull()
      expect(measurements[0].soil.moisture).toBeGreaterThan(5)
    }
    const temps = messages.map(({ measurements }) => measurements[0].soil.temperature)
    expect(new Set(temps).size).toBe(1)
  })

  it('sends no time without a clock, and a wrong one with a wrong clock', async () => {
    const device = await probe()
    device.setClockError(null)
    await clock.advanceTo(start + 20 * MINUTE_MS)
    device.setClockError(-10 * 365 * DAY_MS)
    await clock.advanceTo(start + 40 * MINUTE_MS)
    await heardAll()
    const [without, wrong] = wire.of('probe-1', 'telemetry')
    expect(without).not.toHaveProperty('time')
    expect(without.monoMs).toBe(20 * MINUTE_MS)
    expect(wrong.time.slice(0, 4)).toBe('2016')
  })
})

describe('the flash of a device', () => {
  it('stores measurements while the network is down and sends the oldest first', async () => {
    const device = await probe()
    await clock.advanceTo(start + HOUR_MS)
    device.cutNetwork()
    await clock.advanceTo(start + 6 * HOUR_MS)
    expect(device.unsent()).toBe(15)
    await device.restoreNetwork()
    await device.settled()
    expect(device.unsent()).toBe(0)
    await heardAll()
    expect(wire.of('probe-1', 'telemetry').map(({ n }) => n)).toEqual(
      Array.from({ length: 18 }, (_, i) => i + 1),
    )
  })

  it('reconnects by itself after an outage of the broker, with nothing lost', async () => {
    const device = await probe()
    await clock.advanceTo(start + HOUR_MS)
    await heardAll()
    await wire.down()
    await until(() => !device.isOnline())
    await clock.advanceTo(start + 3 * HOUR_MS)
    expect(device.unsent()).toBe(6)
    await wire.up()
    // the longest wait between attempts is a minute
    await clock.advanceTo(start + 3 * HOUR_MS + 2 * MINUTE_MS)
    await device.settled()
    expect(device.isOnline()).toBe(true)
    await heardAll()
    const numbers = wire.of('probe-1', 'telemetry').map(({ n }) => n)
    expect([...new Set(numbers)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('continues its count after a reboot: no number is used twice, and the boot is counted', async () => {
    const device = await probe()
    await clock.advanceTo(start + HOUR_MS)
    device.cutNetwork()
    await clock.advanceTo(start + 2 * HOUR_MS)
    device.cutPower()
    await clock.advanceTo(start + 3 * HOUR_MS)
    await device.restorePower()
    await device.restoreNetwork()
    await clock.advanceTo(start + 4 * HOUR_MS)
    await heardAll()
    const messages = wire.of('probe-1', 'telemetry')
    expect(messages.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    // unsent readings keep the boot and the clock of their time
    expect(messages.map(({ boot }) => boot)).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2])
    expect(messages[6].monoMs).toBe(20 * MINUTE_MS)
  })

  it('stores a message until its PUBACK, and has at most 20 in flight', async () => {
    wire.hold(true)
    const device = await probe()
    // no settling here: the acknowledgements are held back
    for (let i = 0; i < 50; i++) device.sampleNow()
    expect(device.unsent()).toBe(50)
    expect(device.sent()).toBe(1 + 20)
    wire.hold(false)
    await device.settled()
    expect(device.unsent()).toBe(0)
    expect(device.sent()).toBe(1 + 50)
  })

  it('resends the messages in flight when the connection broke', async () => {
    wire.hold(true)
    const device = await probe()
    for (let i = 0; i < 3; i++) device.sampleNow()
    device.cutNetwork()
    wire.hold(false)
    expect(device.unsent()).toBe(3)
    await device.restoreNetwork()
    await device.settled()
    expect(device.unsent()).toBe(0)
    await heardAll()
    expect([...new Set(wire.of('probe-1', 'telemetry').map(({ n }) => n))].sort()).toEqual([1, 2, 3])
  })

  it('drops the oldest when 2016 messages wait: the gap in n shows the loss', async () => {
    const device = await probe()
    device.cutNetwork()
    for (let i = 0; i < 2020; i++) device.sampleNow()
    expect(device.unsent()).toBe(2016)
    await device.restoreNetwork()
    await device.settled()
    await heardAll()
    expect(wire.of('probe-1', 'telemetry')[0].n).toBe(5)
  })

  it('survives the program in a file, and an invalid file is refused by name', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tilth-flash-'))
    try {
      const path = join(dir, 'probe-1.json')
      const first = await probe({ flash: fileFlash(path) })
      await clock.advanceTo(start + HOUR_MS)
      await first.stop()
      await probe({ flash: fileFlash(path) })
      await clock.advanceTo(start + 2 * HOUR_MS)
      await heardAll()
      expect(wire.of('probe-1', 'telemetry').map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6])
      expect(fileFlash(join(dir, 'new.json')).load()).toBeNull()
      const other = fileFlash(join(dir, 'other.json'))
      other.save({} as never)
      expect(() => other.load()).toThrow('other.json is not the flash of a device')
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('drains the battery slowly', async () => {
    await probe({ sampleS: 86_400, flash: memoryFlash() })
    await clock.advanceTo(start + 60 * DAY_MS)
    await heardAll()
    const volts = wire.of('probe-1', 'telemetry').map(({ battery }) => battery)
    expect(volts[0]).toBeLessThanOrEqual(3.65)
    expect(volts.at(-1)).toBeLessThan(volts[0])
    expect(volts.at(-1)).toBeGreaterThan(3)
  })
})

describe('the kinds of devices', () => {
  it('a station reports the rain, the light and the extremes of the day', async () => {
    const source = steady({ rainMm: 12.6, tempMinC: 18, tempMaxC: 27 })
    await begin(startStation({ ...options('station-1', source), sampleS: 3600 }))
    await clock.advanceTo(start + 2 * DAY_MS)
    await heardAll()
    const readings = wire.of('station-1', 'telemetry').map(({ measurements }) => measurements[0])
    expect(readings).toHaveLength(48)
    // in tips of 0.2 mm: what is left of a tip is not lost
    expect(readings[23].rain.cumulative).toBe(12.6)
    expect(readings[47].rain.cumulative).toBe(25.2)
    const temps = readings.slice(0, 24).map(({ air }) => air.temperature)
    expect(Math.min(...temps)).toBeCloseTo(18, 0)
    expect(Math.max(...temps)).toBeCloseTo(27, 0)
    const light = readings.slice(0, 24).reduce((sum, { tilth }) => sum + tilth.solarRadiation * 3600e-6, 0)
    expect(light).toBeCloseTo(21.5, 0)
  })

  it('a leaf is wet from the rain until the air has dried it, and a station without a sensor omits it', async () => {
    const source = steady({ rainMm: 12.6, tempMinC: 18, tempMaxC: 27 })
    await begin(startStation({ ...options('station-1', source), sampleS: 3600 }))
    await begin(startStation({ ...options('station-2', source), sampleS: 3600, hasLeafSensor: false }))
    await clock.advanceTo(start + DAY_MS)
    await heardAll()
    const shares = wire
      .of('station-1', 'telemetry')
      .map(({ measurements }) => measurements[0].tilth.leafWetness as number)
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true)
    expect(Math.max(...shares)).toBe(1)
    expect(Math.min(...shares)).toBe(0)
    for (const { measurements } of wire.of('station-2', 'telemetry'))
      expect(measurements[0].tilth).not.toHaveProperty('leafWetness')
  })

  it('a trap counts each insect once a day, and none that flew before its installation', async () => {
    const source = weatherFromNormals('rice-plain', '2026-01-01', '4')
    const trap = { ...options('trap-1', source), field: 'north-3', species: 'codling-moth' } as const
    await begin(startTrap(trap))
    await clock.advanceTo(start + 30 * DAY_MS)
    await heardAll()
    const counts = wire.of('trap-1', 'telemetry').map(({ measurements }) => measurements[0].tilth.trap)
    expect(counts).toHaveLength(30)
    expect(counts[0].species).toBe('codling-moth')
    const lastMs = Date.parse(wire.of('trap-1', 'telemetry').at(-1).time)
    const flown =
      trap.world.caughtUntil('north-3', 'codling-moth', lastMs) -
      trap.world.caughtUntil('north-3', 'codling-moth', start)
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(flown)
  })

  it('a gauge reports the level of the paddy, signed, in whole mm', async () => {
    const gauge = { ...options('gauge-1'), field: 'paddy-7' }
    await begin(startGauge(gauge))
    await clock.advanceTo(start + 5 * DAY_MS)
    await heardAll()
    const levels = wire.of('gauge-1', 'telemetry').map(({ measurements }) => measurements[0].tilth.waterLevel)
    expect(levels[0]).toBeGreaterThan(20)
    expect(levels.at(-1)).toBeLessThan(0)
    expect(levels.every(Number.isInteger)).toBe(true)
  })
})

describe('a fleet in virtual time', () => {
  it('runs a day of three devices with every message acknowledged and received', async () => {
    const fleet = [
      await probe(),
      await begin(startStation(options('station-1'))),
      await begin(startGauge({ ...options('gauge-1'), field: 'paddy-7' })),
    ]
    await clock.advanceTo(start + DAY_MS)
    await heardAll()
    for (const device of fleet) {
      expect(device.unsent()).toBe(0)
      expect(device.sent()).toBe(1 + 72)
      expect(wire.of(device.id, 'telemetry')).toHaveLength(72)
    }
  })

  it('sends the same messages again for the same seed', async () => {
    const day = async (id: string) => {
      await begin(startProbe({ ...options(id), field: 'north-3', depthsCm: [15, 30] }))
    }
    await day('probe-1')
    await clock.advanceTo(start + 6 * HOUR_MS)
    await heardAll()
    const first = wire.of('probe-1', 'telemetry')
    await devices.pop()!.stop()
    wire.heard.length = 0
    clock = virtualClock(start)
    await day('probe-1')
    await clock.advanceTo(start + 6 * HOUR_MS)
    await heardAll()
    expect(wire.of('probe-1', 'telemetry')).toEqual(first)
  })
})
