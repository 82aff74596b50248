/**
 * A season of synthetic days: showers, and a probe whose content falls by a tenth of its excess over 8 % a day and
 * rises by a third of a percent a millimetre, with the noise of a sensor. Not the equations of the model that is
 * tested on it.
 */
import { HOUR_MS, addDays, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { random } from '../../../firmware-sim/random.ts'
import { emptyDay } from '../../../services/estimate/days/field-day.ts'
import type { Reading } from '../../../services/ports.ts'
import type { FieldDayRow } from '../../../services/tables.ts'
import { ORG, reading } from '../estimate/farm.ts'

export const ZONE = 'America/Phoenix'

export interface SeasonDay {
  day: Day
  rainMm: number
  content: number // at the end of the day, as measured
}

export function seasonDays(fromDay: Day, count: number, seed = 'season'): SeasonDay[] {
  const chance = random(seed)
  let content = 22
  return Array.from({ length: count }, (_, i) => {
    const rainMm = chance.next() < 0.2 ? Math.round(chance.gamma(1, 12)) : 0
    content = Math.min(34, content + rainMm / 3)
    content -= 0.1 * (content - 8)
    return { day: addDays(fromDay, i), rainMm, content: content + 0.15 * chance.normal() }
  })
}

/** Three hourly readings at the end of each day: a day's content is their mean. */
export const probeHours = (days: readonly SeasonDay[], over: Partial<Reading> = {}): Reading[] =>
  days.flatMap(({ day, content }) =>
    [3, 2, 1].map((hours) =>
      reading('probe1', 'soil.moisture', startOfDay(addDays(day, 1), ZONE) - hours * HOUR_MS, content, {
        field: 'field1',
        depthCm: 30,
        ...over,
      }),
    ),
  )

export const fieldDays = (days: readonly SeasonDay[], fieldId = 'field1'): FieldDayRow[] =>
  days.map(({ day, rainMm }) => ({
    ...emptyDay,
    fieldId,
    day,
    org: ORG,
    et0Mm: 5,
    et0Method: 'fao56-pm',
    et0SdMm: 0.3,
    tempMinC: 15,
    tempMaxC: 30,
    kc: 1,
    ks: 1,
    etcMm: 5,
    etaMm: 5,
    rainMm,
    irrigationMm: 0,
    irrigationSource: 'none',
    deepPercolationMm: 0,
    depletionMm: 10,
    depletionSdMm: 5,
    tawMm: 100,
    rawMm: 50,
    rootDepthM: 0.8,
    notes: '[]',
  }))
