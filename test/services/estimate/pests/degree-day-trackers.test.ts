/** Degree-day trackers of insects: sums, outlook and threshold from stored days, traps and models. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  addDays,
  daysBetween,
  DAY_MS,
  HOUR_MS,
  startOfDay,
  type Day,
} from '../../../../broker/contract/time.ts'
import { updateDegreeDayTrackers } from '../../../../services/estimate/pests/degree-day-trackers.ts'
import { midwinterBefore } from '../../../../services/estimate/pests/tracker-inputs.ts'
import { loadFieldGroups } from '../../../../services/estimate/field-context.ts'
import {
  readNextEvent,
  readPestOutlook,
  type DegreeDayTrackerRow,
  type ModelRow,
} from '../../../../services/tables.ts'
import { deviceRow, openStores, ORG, plantFarm, reading, type Stores } from '../farm.ts'

const ZONE = 'America/Phoenix'
const BIOFIX = '2012-06-01'
let stores: Stores
beforeEach(async () => {
  stores = await openStores(startOfDay('2012-08-01', ZONE))
  await plantFarm(stores)
  await stores.state
    .insertInto('device')
    .values(deviceRow({ id: 'trap1', kind: 'trap', fieldId: 'field1' }))
    .execute()
})
afterEach(() => stores.close())

/** Days of 15 to 30 °C. */
async function warmDays(fromDay: Day, days: number): Promise<void> {
  for (let i = 0; i < days; i++)
    await stores.state
      .insertInto('fieldDay')
      .values({
        fieldId: 'field1',
        org: ORG,
        day: addDays(fromDay, i),
        et0Method: 'fao56-pm',
        tempMinC: 15,
        tempMaxC: 30,
        irrigationMm: 0,
        irrigationSource: 'none',
        notes: '[]',
      })
      .execute()
}

async function watch(
  subject: string,
  through: Day,
  counts: Record<Day, number> = {},
  biofixDay = BIOFIX,
): Promise<DegreeDayTrackerRow> {
  await stores.state
    .insertInto('degreeDayTracker')
    .values({ fieldId: 'field1', subject, org: ORG, biofixDay, sumCd: 0, missingDays: 0 })
    .execute()
  await stores.series.append(
    Object.entries(counts).map(([day, count]) =>
      reading('trap1', `trap.count/${subject}`, startOfDay(day, ZONE) + 22 * HOUR_MS, count, {
        field: 'field1',
      }),
    ),
  )
  return update(through)
}

async function update(through: Day): Promise<DegreeDayTrackerRow> {
  const group = (await loadFieldGroups(stores.state, BIOFIX))[0]!
  await updateDegreeDayTrackers(stores, group, group.contexts, through)
  return stores.state.selectFrom('degreeDayTracker').selectAll().executeTakeFirstOrThrow()
}

const outlookOf = (row: DegreeDayTrackerRow) => readPestOutlook(row.outlook!)
const nightly = (fromDay: Day, counts: number[]): Record<Day, number> =>
  Object.fromEntries(counts.map((count, i) => [addDays(fromDay, i), count]))

describe('the outlook of a tracker', () => {
  it('is the next event where the traps have no catches, and the threshold is unknown', async () => {
    await warmDays(BIOFIX, 5)
    const { next, threshold } = outlookOf(await watch('codling-moth', '2012-06-05'))
    expect(next).toMatchObject({ key: 'egg-hatch', from: 'sum' })
    expect(threshold).toEqual({ count: 5, perDays: 7, caught: null, isReached: null })
    expect(next!.fromDay <= next!.midDay && next!.midDay <= next!.toDay).toBe(true)
  })
  it('dates an event that has passed with its unknown days on the day on which it did, not today', async () => {
    await warmDays(addDays(BIOFIX, 20), 5)
    const row = await watch('codling-moth', addDays(BIOFIX, 24))
    expect(row.missingDays).toBe(20)
    const event = readNextEvent(row.nextEvent!)
    expect(event.needCd).toBeGreaterThan(row.sumCd)
    expect(event.toDay < addDays(BIOFIX, 20)).toBe(true)
    expect(event.fromDay <= event.toDay).toBe(true)
  })
  it('five moths in a week reach the threshold; fewer do not, where the trap was in place all week', async () => {
    await warmDays(BIOFIX, 14)
    const low = outlookOf(await watch('codling-moth', '2012-06-10', nightly(BIOFIX, Array(14).fill(0))))
    expect(low.threshold).toMatchObject({ caught: 0, isReached: false })
    const at = startOfDay('2012-06-12', ZONE) + 22 * HOUR_MS
    await stores.series.append([
      reading('trap1', 'trap.count/codling-moth', at + 1000, 6, { field: 'field1' }),
    ])
    expect(outlookOf(await update('2012-06-14')).threshold).toMatchObject({ caught: 6, isReached: true })
    // a week later it is too old to count, and there was no check since
    await warmDays('2012-06-15', 8)
    expect(outlookOf(await update('2012-06-22')).threshold).toMatchObject({ caught: null, isReached: null })
  })
  it('manual trap counts reach the threshold just as an automatic trap does', async () => {
    await warmDays(BIOFIX, 14)
    await watch('codling-moth', '2012-06-10')
    const counted = (id: string, day: Day, count: number) => ({
      id,
      org: ORG,
      farmId: 'farm1',
      fieldId: 'field1',
      kind: 'trap' as const,
      subject: 'codling-moth',
      count,
      text: null,
      atMs: startOfDay(day, ZONE) + 9 * HOUR_MS,
      actor: 'sato',
      receivedMs: 0,
    })
    await stores.state
      .insertInto('scoutingCount')
      .values([counted('a', BIOFIX, 0), counted('b', '2012-06-12', 4), counted('c', '2012-06-14', 2)])
      .execute()
    expect(outlookOf(await update('2012-06-14')).threshold).toMatchObject({ caught: 6, isReached: true })
  })
  it('the threshold is reported when nothing can be dated, as in the weeks after the last event', async () => {
    await warmDays(BIOFIX, 60)
    const catches = nightly('2012-07-15', [1, 2, 0, 1, 3, 2, 1, 4, 2, 3, 1, 2, 1, 3, 2, 1])
    const { next, threshold } = outlookOf(await watch('codling-moth', '2012-07-30', catches))
    expect(next).toBeNull()
    expect(threshold).toMatchObject({ isReached: true })
  })
  it('a trap in place since yesterday does not show a low catch', async () => {
    await warmDays(BIOFIX, 10)
    const outlook = outlookOf(await watch('codling-moth', '2012-06-10', { '2012-06-09': 1 }))
    expect(outlook.threshold).toMatchObject({ caught: 1, isReached: null })
  })
  it('the learned flight is used, unless it fell back', async () => {
    await warmDays(BIOFIX, 15)
    const rising = nightly(BIOFIX, [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 8])
    await stores.state.insertInto('model').values(model('used', 1)).execute()
    const learned = outlookOf(await watch('corn-earworm', '2012-06-15', rising))
    expect(learned.next).toMatchObject({ key: 'flight-half', from: 'both' })
    await stores.state.insertInto('model').values(model('fallback', 2)).execute()
    expect(outlookOf(await update('2012-06-15')).next?.from).not.toBe('both')
  })
})

it('south of the equator the year of an insect starts in July', () => {
  expect(midwinterBefore('2012-10-20', -38)).toBe('2012-07-01')
  expect(midwinterBefore('2013-02-01', -38)).toBe('2012-07-01')
  expect(midwinterBefore('2012-06-30', -38)).toBe('2011-07-01')
  expect(midwinterBefore('2012-10-20', 38)).toBe('2012-01-01')
})

it.each([
  ['north', 38, '2012-01-01'],
  ['south', -38, '2012-07-01'],
])(
  '%s of the equator the published flight of codling moth is counted from midwinter',
  async (_, latDeg, from) => {
    const through = addDays(from, 20)
    await stores.state.updateTable('farm').set({ latDeg }).execute()
    await stores.state.updateTable('season').set({ plantedDay: from }).execute()
    await warmDays(from, 21)
    const biofix = addDays(from, 14)
    const counts = nightly(biofix, [2, 3, 4, 6, 7, 9, 10])
    const { next } = outlookOf(await watch('codling-moth', through, counts, biofix))
    // 21 days of 12.3 °C·d since midwinter: the midpoint of the published flight, at 315, is between four and five
    // days off
    expect(next).toMatchObject({ key: 'flight-half', from: 'both' })
    expect(daysBetween(through, next!.midDay)).toBe(4)
  },
)

const model = (state: ModelRow['state'], version: number): ModelRow => ({
  org: ORG,
  kind: 'pest-flight',
  subject: 'field1/corn-earworm/1',
  version,
  fieldId: 'field1',
  deviceId: null,
  fittedAtMs: version,
  fromDay: '2009-01-01',
  throughDay: '2011-12-31',
  state,
  reason: JSON.stringify({ key: 'better', params: {} }),
  rows: 3,
  terms: JSON.stringify([
    { key: 'flight-half', unit: '°C·d', coefficient: 200, sd: 20 },
    { key: 'flight-spread', unit: '°C·d', coefficient: 40, sd: null },
  ]),
  skill: '[]',
  drift: null,
})

describe('an insect in the soil', () => {
  it('uses the temperature of the soil at 10 cm; without a probe there every day is missing', async () => {
    await warmDays(BIOFIX, 3)
    expect(await watch('western-corn-rootworm', '2012-06-03')).toMatchObject({
      sumCd: 0,
      missingDays: 3,
    })
    const hours = Array.from({ length: 72 }, (_, i) => startOfDay(BIOFIX, ZONE) + i * HOUR_MS)
    await stores.series.append(
      hours.flatMap((atMs) =>
        [10, 40].map((depthCm) =>
          // 16 to 24 °C at 10 cm, another temperature at 40
          reading(
            'probe1',
            'soil.temperature',
            atMs,
            depthCm === 40 ? 12 : 20 + 4 * Math.sin((2 * Math.PI * atMs) / DAY_MS),
            {
              field: 'field1',
              depthCm,
            },
          ),
        ),
      ),
    )
    const row = await update('2012-06-03')
    expect(row.missingDays).toBe(0)
    expect(row.sumCd / 3).toBeCloseTo(20 - (20 * 5) / 9, 1) // threshold 52 °F
  })
})
