/** Inputs of the degree-day trackers of a group: temperatures of air and soil, catches, and learned flight models. */
import { addDays, dayOf, startOfDay, type Day } from '../../../broker/contract/time.ts'
import type { HeatRecord } from '../../agronomy/crops/degree-days.ts'
import { MAX_FLIGHTS, type LearnedHalf } from '../../agronomy/pests/outlook.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import type { RolledSeries, SeriesStore, State } from '../../ports.ts'
import { readModelTerms, type DegreeDayTrackerRow } from '../../tables.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { FieldGroup } from '../field-context.ts'

/** Extremes of one day of one field. */
export type TempsOf = (fieldId: string, day: Day) => HeatRecord | undefined

/** Catches of one insect by one trap of a field, by civil day, in order. */
export type TrapCatches = { day: Day; count: number }[]

export interface TrackerInputs {
  air: TempsOf
  soil: TempsOf
  /** trap by trap */
  catches(fieldId: string, subject: string): TrapCatches[]
  /** of each flight of a year with an active model, the first one first */
  learned(fieldId: string, subject: string): (LearnedHalf | null)[]
}

export async function readTrackerInputs(
  { state, series }: { state: State; series: SeriesStore },
  { org, timeZone, devices }: Pick<FieldGroup, 'org' | 'timeZone' | 'devices'>,
  trackers: readonly DegreeDayTrackerRow[],
  lastDay: Day,
): Promise<TrackerInputs> {
  const earliest = trackers.map((tracker) => tracker.biofixDay).reduce((a, b) => (a < b ? a : b))
  const span = {
    org,
    fromMs: startOfDay(earliest, timeZone),
    toMs: startOfDay(addDays(lastDay, 1), timeZone),
    step: 'hour' as const,
  }
  const rolled = (quantity: string, isWanted: boolean): Promise<RolledSeries[]> =>
    isWanted ? series.rolled({ ...span, quantity }) : Promise.resolve([])
  const has = (kind: string) => [...devices.values()].some((device) => device.kind === kind)
  const countsSoil = trackers.some(({ subject }) => pestOf(subject)?.soil)
  const [days, caught, soil, models, byHand] = await Promise.all([
    state
      .selectFrom('fieldDay')
      .select(['fieldId', 'day', 'tempMinC', 'tempMaxC'])
      .where('fieldId', 'in', [...new Set(trackers.map((tracker) => tracker.fieldId))])
      .where('day', '>=', addDays(earliest, -366)) // includes a midwinter
      .where('day', '<=', lastDay)
      .execute(),
    rolled('trap.count/*', has('trap')),
    rolled('soil.temperature', countsSoil && has('probe')),
    state
      .selectFrom('model')
      .select(['subject', 'version', 'state', 'terms'])
      .where('org', '=', org)
      .where('kind', '=', 'pest-flight')
      .orderBy('version')
      .execute(),
    state
      .selectFrom('scoutingCount')
      .select(['fieldId', 'subject', 'count', 'atMs'])
      .where('org', '=', org)
      .where('kind', '=', 'trap')
      .where('atMs', '>=', span.fromMs)
      .where('atMs', '<', span.toMs)
      .orderBy('atMs')
      .execute(),
  ])
  const air = new Map(days.map((row) => [`${row.fieldId} ${row.day}`, row]))
  const soilDays = soilRecords(soil, timeZone)
  const traps = groupBy(caught, ({ field, quantity }) => `${field} ${quantity.slice('trap.count/'.length)}`)
  const handTraps = groupBy(byHand, ({ fieldId, subject }) => `${fieldId} ${subject}`)
  const newest = new Map(models.map((model) => [model.subject, model]))
  return {
    air: (fieldId, day) => air.get(`${fieldId} ${day}`),
    soil: (fieldId, day) => soilDays.get(`${fieldId} ${day}`),
    catches: (fieldId, subject) => {
      const byHandHere = handTraps.get(`${fieldId} ${subject}`)
      return [
        ...(traps.get(`${fieldId} ${subject}`) ?? []).map((trap) => catchesByDay(trap, timeZone)),
        // scouting counts of a field are treated as one more trap
        ...(byHandHere ? [scoutedByDay(byHandHere, timeZone)] : []),
      ]
    },
    learned: (fieldId, subject) =>
      Array.from({ length: MAX_FLIGHTS }, (_, i) => {
        const model = newest.get(`${fieldId}/${subject}/${i + 1}`)
        return model?.state === 'used' ? learnedHalf(readModelTerms(model.terms)) : null
      }),
  }
}

/** The day from which published curves count: 1 January, south of the equator 1 July, on or before a day. */
export function midwinterBefore(day: Day, latDeg: number): Day {
  const year = Number(day.slice(0, 4))
  if (latDeg >= 0) return `${year}-01-01`
  return day.slice(5) >= '07-01' ? `${year}-07-01` : `${year - 1}-07-01`
}

function catchesByDay({ atMs, mean, count }: RolledSeries, timeZone: string): TrapCatches {
  const byDay = new Map<Day, number>()
  for (const [i, at] of atMs.entries()) {
    const day = dayOf(at, timeZone)
    byDay.set(day, (byDay.get(day) ?? 0) + mean[i]! * count[i]!)
  }
  return [...byDay].map(([day, sum]) => ({ day, count: Math.round(sum) }))
}

function scoutedByDay(
  counts: readonly { count: number | null; atMs: number }[],
  timeZone: string,
): TrapCatches {
  const byDay = new Map<Day, number>()
  for (const { count, atMs } of counts) {
    const day = dayOf(atMs, timeZone)
    byDay.set(day, (byDay.get(day) ?? 0) + count!)
  }
  return [...byDay].map(([day, count]) => ({ day, count }))
}

/** Insects in the soil are tracked at about 10 cm; the daily range differs with depth. cm */
const SOIL_DEPTH_CM = { from: 5, to: 15 }
const HOURS_OF_A_DAY = 20 // fewer do not show the extremes

/** Extremes of the hourly means of a field's probes near 10 cm. */
function soilRecords(series: readonly RolledSeries[], timeZone: string): Map<string, HeatRecord> {
  const hours = new Map<string, number[]>()
  for (const { field, depthCm, atMs, mean } of series) {
    if (depthCm === null || depthCm < SOIL_DEPTH_CM.from || depthCm > SOIL_DEPTH_CM.to) continue
    for (const [i, at] of atMs.entries()) {
      const key = `${field} ${dayOf(at, timeZone)}`
      const temps = hours.get(key)
      if (temps) temps.push(mean[i]!)
      else hours.set(key, [mean[i]!])
    }
  }
  return new Map(
    [...hours]
      .filter(([, temps]) => temps.length >= HOURS_OF_A_DAY)
      .map(([key, temps]) => [key, { tempMinC: Math.min(...temps), tempMaxC: Math.max(...temps) }]),
  )
}

function learnedHalf(
  terms: readonly { key: string; coefficient: number; sd: number | null }[],
): LearnedHalf | null {
  const half = terms.find(({ key }) => key === 'flight-half')
  const spread = terms.find(({ key }) => key === 'flight-spread')
  return half?.sd != null && spread
    ? { midCd: half.coefficient, sdCd: half.sd, scaleCd: spread.coefficient }
    : null
}
