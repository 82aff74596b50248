/** The one field with the torture's valves; its weather and soil are irrelevant. */
import { addDays, dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { normals, weatherFromNormals } from '../../../firmware-sim/weather/weather-normals.ts'
import { weatherAt } from '../../../firmware-sim/weather/weather.ts'
import { createWorld, type World } from '../../../firmware-sim/world.ts'
import { fieldId } from '../../support/place.ts'

/** The field of all valves. */
export const VALVE_FIELD = fieldId(0)

export function valveWorld({
  startMs,
  seed,
  areaM2,
}: {
  startMs: AtMs
  seed: string
  areaM2: number
}): World {
  const { site } = normals['rice-plain']!
  const firstDay = addDays(dayOf(startMs, site.timeZone), -10)
  return createWorld({
    weather: weatherAt(weatherFromNormals('rice-plain', firstDay, seed), site, seed),
    fields: [
      { id: VALVE_FIELD, kind: 'upland', areaM2, crop: 'soybean', plantedDay: firstDay, soil: 'loam' },
    ],
    startMs,
    seed,
  })
}
