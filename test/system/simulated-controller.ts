/** The controller `ctl-one` of the farm of farm.ts, simulated, with a field that dries under it. */
import { addDays, dayOf, systemClock } from '../../broker/contract/time.ts'
import { startController, type Controller } from '../../firmware-sim/devices/controller.ts'
import { normals, weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { createWorld } from '../../firmware-sim/world.ts'
import type { Farm } from './farm.ts'

/** Connects it to the broker of the farm. */
export function startSimulated(farm: Farm): Promise<Controller> {
  const { site } = normals['rice-plain']!
  const firstDay = addDays(dayOf(systemClock.now(), site.timeZone), -10)
  const world = createWorld({
    weather: weatherAt(weatherFromNormals('rice-plain', firstDay, '1'), site, '1'),
    fields: [{ id: 'f', kind: 'upland', areaM2: 1200, crop: 'soybean', plantedDay: firstDay, soil: 'loam' }],
    startMs: systemClock.now(),
    seed: '1',
  })
  return startController({
    credentials: { ...farm.controller, org: farm.org },
    url: `mqtt://127.0.0.1:${farm.tilth.mqttPort}`,
    clock: systemClock,
    world,
    seed: '1',
    sampleS: 5,
    litresPerPulse: 1,
    master: 'M',
    valves: [{ id: 'V1', field: 'f', ratedLpm: 160 }],
  })
}
