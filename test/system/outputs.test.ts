/**
 * A siren from the form to the horn: a complete Tilth over HTTP and MQTT, a simulated controller with a valve, a main
 * and a siren. Only the clock is virtual.
 */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import { addDays, dayOf, MINUTE_MS, SECOND_MS } from '../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../broker/contract/virtual-clock.ts'
import { startController, type Controller } from '../../firmware-sim/devices/controller.ts'
import { createSettler } from '../../firmware-sim/demo/simulation.ts'
import { normals, weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { createWorld } from '../../firmware-sim/world.ts'
import type { OutputList } from '../../services/api/schemas.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import { setUpFarm, type Farm } from './farm.ts'

const START_MS = Date.UTC(2026, 6, 6, 0) // 09:00 in Japan
const silentLog = { debug() {}, info() {}, warn() {}, error() {} }

let farm: Farm
let clock: VirtualClock
let controller: Controller
let tick: () => Promise<void>

beforeEach(async () => {
  clock = virtualClock(START_MS)
  const ticker = (run: () => Promise<void>) => {
    tick = run
    return () => {}
  }
  farm = await setUpFarm({}, { clock, timing: standardTiming, ticker, log: silentLog })
  const { site } = normals['rice-plain']!
  const firstDay = addDays(dayOf(START_MS, site.timeZone), -10)
  const world = createWorld({
    weather: weatherAt(weatherFromNormals('rice-plain', firstDay, '1'), site, '1'),
    fields: [{ id: 'f', kind: 'upland', areaM2: 1200, crop: 'soybean', plantedDay: firstDay, soil: 'loam' }],
    startMs: START_MS,
    seed: '1',
  })
  controller = await startController({
    credentials: { ...farm.controller, org: farm.org },
    url: `mqtt://127.0.0.1:${farm.tilth.mqttPort}`,
    clock,
    world,
    seed: '1',
    sampleS: 60,
    litresPerPulse: 1,
    master: 'M',
    valves: [
      { id: 'V1', field: 'f', ratedLpm: 160 },
      { id: 'S1', field: 'f', ratedLpm: 0, kind: 'siren' },
    ],
  })
  clock.onSettle(createSettler(farm.tilth, [controller]))
  await pass(MINUTE_MS)
})
afterEach(async () => {
  await controller.stop()
  await farm.stop()
})

const pass = (ms: number) => clock.advanceTo(clock.now() + ms)
const list = () => farm.get<OutputList>(`/api/fields/${farm.fieldId}/outputs`)

it('is bound, enabled, sounds only by day, and is silent a moment after the tap', async () => {
  expect((await list()).free).toMatchObject([{ deviceId: 'ctl-one', valve: 'S1', kind: 'siren' }])
  const output = { name: 'Siren', deviceId: 'ctl-one', valve: 'S1' }
  const { id } = await farm.post<{ id: string }>(`/api/fields/${farm.fieldId}/outputs`, output)
  await tick()
  await pass(30 * SECOND_MS)
  expect(controller.isOpen('S1')).toBe(false) // no rule is set

  await farm.patch(`/api/outputs/${id}`, {
    isOn: true,
    rule: { by: 'birds' },
    onMinutes: 3,
    everyMinutes: 10,
  })
  await pass(5 * MINUTE_MS)
  await tick()
  await pass(30 * SECOND_MS)
  expect(controller.isOpen('S1')).toBe(true)
  expect((await list()).outputs).toMatchObject([
    { isOn: true, position: 'open', reason: { key: 'birds-on' }, runs: [{ state: 'sent', minutes: 3 }] },
  ])

  await farm.post(`/api/outputs/${id}/off`, {})
  await pass(5 * SECOND_MS)
  expect(controller.isOpen('S1')).toBe(false)
  await pass(20 * MINUTE_MS)
  await tick()
  await pass(MINUTE_MS)
  const { outputs } = await list()
  expect(outputs).toMatchObject([{ isOn: false, position: 'closed', runs: [{ state: 'done' }] }])
  expect(outputs[0]!.runs).toHaveLength(1)
  expect(controller.passedLitres('S1')).toBe(0)
  expect(await farm.tilth.state.selectFrom('irrigation').selectAll().execute()).toEqual([])
  expect((await farm.get<Today>('/api/today')).alerts.map(({ cause }) => cause)).not.toContain('flow-alarm')
})
