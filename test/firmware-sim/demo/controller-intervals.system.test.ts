/** The litres of a running valve climb in the demonstration, also after a device was added. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseConfig } from '../../../broker/contract/messages.ts'
import { topicOf } from '../../../broker/contract/topics.ts'
import { controllerIntervals } from '../../../firmware-sim/demo/controller-intervals.ts'
import { coOperative } from '../../../firmware-sim/demo/co-operative.ts'
import { publishDevicesChanged } from '../../../firmware-sim/demo/provision.ts'
import { scratchDir } from '../../../firmware-sim/demo/scratch-dir.ts'
import { startSimulation, type Simulation } from '../../../firmware-sim/demo/simulation.ts'
import { weatherFromNormals } from '../../../firmware-sim/weather/weather-normals.ts'
import { readSettings } from '../../../services/config/settings.ts'
import { createLogger } from '../../../services/runtime/logger.ts'

const SPEED = 60
const scratch = scratchDir('intervals')
let simulation: Simulation

beforeAll(async () => {
  const settings = readSettings(
    { DATA_DIR: scratch.path, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' },
    null,
  )
  if (!settings.ok) throw new Error(settings.error)
  simulation = await startSimulation({
    place: coOperative,
    weather: weatherFromNormals('rice-plain', '2026-01-01', 'kome'),
    seed: 'kome',
    fromDay: '2026-07-28',
    settings: settings.value,
    log: createLogger('error'),
    speed: SPEED,
  })
})
afterAll(async () => {
  await simulation?.stop()
  scratch.remove()
})

it('a controller keeps its live interval when a device changes: Tilth sends it its configuration again', async () => {
  const { tilth, credentials } = simulation
  const sent = new Map<string, number[]>()
  for (const { id, kind } of credentials) {
    if (kind !== 'controller') continue
    const received: number[] = []
    sent.set(id, received)
    await tilth.bus.subscribe(topicOf(coOperative.org, id, 'config'), ({ payload }) => {
      const config = parseConfig(payload)
      if (config.ok && config.value.stateMs !== undefined) received.push(config.value.stateMs)
    })
  }
  expect(sent.size).toBeGreaterThan(1)
  const { stateMs } = controllerIntervals(SPEED)
  await simulation.setControllerIntervals(controllerIntervals(SPEED))
  await publishDevicesChanged(tilth, coOperative.org)
  await simulation.fastForward(tilth.clock.now() + 60_000)
  for (const received of sent.values()) {
    expect(received[0]).toBeGreaterThan(stateMs) // of the season that passes in seconds
    expect(received.slice(-2)).toEqual([stateMs, stateMs])
  }
})
