/** What a field drains by itself is not counted as drained irrigation. */
import { expect, it } from 'vitest'
import { addDays, startOfDay } from '../../../broker/contract/time.ts'
import { coOperative, type Place } from '../../../firmware-sim/demo/co-operative.ts'
import { seasonReport } from '../../../firmware-sim/demo/season-report.ts'
import { unwateredDrainage } from '../../../firmware-sim/demo/season.ts'
import { worldOf } from '../../../firmware-sim/demo/simulation.ts'
import { steady } from '../places.ts'

const farm = coOperative.farms.find(({ fields }) => fields.some(({ kind }) => kind === 'upland'))!
const field = farm.fields.find(({ kind }) => kind === 'upland')!
const place: Place = { ...coOperative, farms: [{ ...farm, fields: [field] }] }
const startMs = startOfDay('2026-06-01', place.timeZone)
const season = { startMs, endMs: startOfDay(addDays('2026-06-01', 20), place.timeZone), seed: 'x' }

it('a full soil drains without irrigation, and more with it', () => {
  const alone = unwateredDrainage(place, steady(), season).get(field.id)!
  expect(alone).toBeGreaterThan(1)
  const world = worldOf(place, steady(), season)
  world.addWater(field.id, 60)
  world.advanceTo(season.endMs)
  expect(world.summary(field.id).drainageMm).toBeGreaterThan(alone + 10)
})

it('the report has both numbers', () => {
  const outcome = {
    field: 'a',
    rainMm: 100,
    appliedMm: 858,
    meteredM3: 8580,
    runs: 33,
    drainageMm: 41,
    drainedOfIrrigationMm: 15,
    stressDays: 5,
    relativeYield: 0.977,
  }
  const text = seasonReport({
    weather: 'w',
    crop: 'cotton',
    fromDay: '2026-06-01',
    days: 20,
    series: 'sqlite',
    seconds: 1,
    messages: 1,
    deadLetters: 0,
    fields: [outcome],
    et0: null,
    decisions: 'x',
  })
  expect(text).toMatch(/drained +of irrig\./)
  expect(text).toMatch(/ 41 +15 /)
})
