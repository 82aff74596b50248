/**
 * Disease risk of every field's crop on each closed civil day. The last days are recomputed, since late readings may
 * have changed them; every day is calculated from the hours of its stations and from the rows before it, so that the
 * same readings give the same rows in any order of arrival. A row is written only when it has changed, and what is known
 * never yields to unknown.
 */
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { HOUR_MS, addDays, daysBetween, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { DISEASES_VERSION, diseasesOfCrop, type Disease } from '../../agronomy/disease/catalogue.ts'
import { dailyFigures, assessDay, type DayFigures } from '../../agronomy/disease/assess-day.ts'
import { dayHours, type DayHours, type WeatherHour } from '../../agronomy/disease/weather-hours.ts'
import { stageOf } from '../../agronomy/crops/growth.ts'
import type { SeriesStore, State } from '../../ports.ts'
import { MAX_PAST_DAYS, toJson, type DiseaseDayRow, type SeasonRow } from '../../tables.ts'
import { RAIN_KM } from '../days/day-weather.ts'
import { weatherHours, type NearHours } from './hourly-weather.ts'
import { isSameRow, newestDays, readHistory, writeRows, type DiseaseHistory } from './risk-rows.ts'
import { readStages, type StageReader } from './crop-stages.ts'
import { hoursOf, joinHours, type Span } from '../days/hours.ts'
import { groupBy } from '../../runtime/group-by.ts'
import { cropOfSeason, type FieldContext, type FieldGroup } from '../field-context.ts'

const RECOMPUTE_DAYS = 3
const BACK_DAYS = 4 // a wet period of a day may have started this long before
const DAYS_PER_BATCH = 31 // of hours in memory
const RECENT_DAYS = 31 // a season without a newer row is recomputed; one that ended before is skipped

/** A field's season with the days of it that must be computed. */
interface SeasonDays {
  context: FieldContext
  season: SeasonRow
  diseases: Disease[]
  firstDay: Day
  lastDay: Day
}

/** Brings the disease rows of a group's fields up to `lastDay`. */
export async function closeDiseaseDays(
  stores: { state: State; series: SeriesStore },
  group: FieldGroup,
  lastDay: Day,
): Promise<void> {
  const newest = await newestDays(stores.state, group.org, addDays(lastDay, -RECENT_DAYS), lastDay)
  const works = group.contexts.flatMap((context) => daysToAssess(context, newest, lastDay) ?? [])
  if (works.length === 0) return
  const firstDay = works.map((work) => work.firstDay).reduce((a, b) => (a < b ? a : b))
  const diseases = [...new Set(works.flatMap((work) => work.diseases))]
  const history = await readHistory(stores.state, group.org, diseases, firstDay, lastDay)
  for (let from = firstDay; from <= lastDay; from = addDays(from, DAYS_PER_BATCH)) {
    const to = addDays(from, Math.min(DAYS_PER_BATCH - 1, daysBetween(from, lastDay)))
    const hoursAt = await readHours(stores.series, group, from, to)
    const fieldIds = works.filter(dependsOnStage).map(({ context }) => context.field.id)
    const stageOn = await readStages(stores.state, { org: group.org, fieldIds, from, to })
    for (let day = from; day <= to; day = addDays(day, 1)) {
      const due = works.filter((work) => work.firstDay <= day && day <= work.lastDay)
      await writeRows(stores.state, assessFields(due, day, { hoursAt, stageOn, history }))
      await yieldToEventLoop() // between two days the event loop serves leases and acknowledgements
    }
  }
}

/** Null when the crop has no disease in the catalogue, or all its days are up to date. */
function daysToAssess(
  context: FieldContext,
  newest: Awaited<ReturnType<typeof newestDays>>,
  lastDay: Day,
): SeasonDays | null {
  const season = context.seasons.findLast(({ plantedDay }) => plantedDay <= lastDay)
  if (!season) return null
  const { crop, isKnown } = cropOfSeason(season)
  const diseases = isKnown ? diseasesOfCrop(crop.id) : []
  if (diseases.length === 0) return null
  const limit = addDays(lastDay, -MAX_PAST_DAYS)
  const beginDay = season.plantedDay > limit ? season.plantedDay : limit
  const end = season.harvestedDay !== null && season.harvestedDay < lastDay ? season.harvestedDay : lastDay
  if (end < addDays(lastDay, -RECENT_DAYS)) return null
  const days = diseases.map(({ id }) => newest(context.field.id, id) ?? '')
  const newestDay = days.reduce((a, b) => (a < b ? a : b))
  const next = newestDay === '' ? beginDay : addDays(newestDay, 1)
  const redo = addDays(lastDay, 1 - RECOMPUTE_DAYS)
  const first = next < redo ? next : redo
  const firstDay = first < beginDay ? beginDay : first
  return firstDay <= end ? { context, season, diseases, firstDay, lastDay: end } : null
}

const dependsOnStage = ({ diseases }: SeasonDays): boolean => diseases.some(({ stages }) => stages !== null)

/** No station reported a temperature on the day. */
const hasNoWeather = ({ hours, todayAt }: DayHours): boolean =>
  hours.slice(todayAt).every(({ tempMinC }) => tempMinC === null)

function assessFields(
  due: readonly SeasonDays[],
  day: Day,
  { hoursAt, stageOn, history }: { hoursAt: HoursAt; stageOn: StageReader; history: DiseaseHistory },
): DiseaseDayRow[] {
  const rows: DiseaseDayRow[] = []
  const figures = new Map<string, DayFigures>() // many fields share the same stations
  for (const { context, season, diseases, lastDay: end } of due) {
    const { place, hours } = hoursAt(context, day)
    // without a closed day the crop is as old as its days
    const stage =
      stageOn(context.field.id, day) ??
      stageOf(cropOfSeason(season).crop, daysBetween(season.plantedDay, day))
    for (const disease of diseases) {
      const key = `${disease.id} ${place}`
      let ofDay = figures.get(key)
      if (!ofDay) figures.set(key, (ofDay = dailyFigures(disease, hours())))
      const past = history.past(context.field.id, disease, season.plantedDay, day)
      const { reason, ...result } = assessDay(disease, ofDay, past, stage)
      const row: DiseaseDayRow = {
        fieldId: context.field.id,
        disease: disease.id,
        day,
        org: context.field.org,
        ...result,
        reason: toJson(reason),
        paramsVersion: DISEASES_VERSION,
      }
      const stored = history.row(context.field.id, disease.id, day)
      // known levels stay when their hours are no longer available
      if (stored && stored.level !== 'unknown' && row.level === 'unknown') continue
      if (isSameRow(stored, row)) continue
      history.store(row)
      // of a gap without weather only the last day is written: it marks how far the season is assessed
      if (!stored && row.level === 'unknown' && day < end && hasNoWeather(hours())) continue
      rows.push(row)
    }
  }
  return rows
}

/** The hours of a field's day, and a key of their sources. */
type HoursAt = (context: FieldContext, day: Day) => { place: string; hours: () => DayHours }

/** Reads the measurements of a group's stations; fields with the same stations share their hours. */
async function readHours(series: SeriesStore, group: FieldGroup, from: Day, to: Day): Promise<HoursAt> {
  const startOf = (day: Day) => startOfDay(day, group.timeZone)
  const span = hoursOf({ fromMs: startOf(addDays(from, -BACK_DAYS)), toMs: startOf(addDays(to, 1)) })
  const stations = await readStations(series, group, span)
  const places = new Map<string, WeatherHour[]>()
  const windows = new Map<string, { day: Day; hours: DayHours }>() // of the newest requested day
  const hoursOfPlace = (context: FieldContext, place: string): WeatherHour[] => {
    let hours = places.get(place)
    if (!hours) {
      const nearHours = context.stations.map(({ device, km }) => ({ device, km, hours: stations(device.id) }))
      places.set(place, (hours = weatherHours(nearHours, span, skyOf(context))))
    }
    return hours
  }
  const hourOf = (day: Day): number => Math.ceil((startOf(day) - span.fromMs) / HOUR_MS)
  return (context, day) => {
    const place = placeOf(context)
    const hours = () => {
      const cached = windows.get(place)
      if (cached?.day === day) return cached.hours
      const beginHour = hourOf(addDays(day, -BACK_DAYS))
      const window = hoursOfPlace(context, place).slice(beginHour, hourOf(addDays(day, 1)))
      const hours = dayHours(window, hourOf(addDays(day, -1)) - beginHour, hourOf(day) - beginHour)
      windows.set(place, { day, hours })
      return hours
    }
    return { place, hours }
  }
}

// half a degree is two minutes of solar time: fields this close share theirs
const halfDegree = (deg: number): number => Math.round(deg * 2) / 2
const skyOf = ({ farm }: FieldContext) => ({
  timeZone: farm.timeZone,
  latDeg: halfDegree(farm.latDeg),
  lonDeg: halfDegree(farm.lonDeg),
})
const placeOf = (context: FieldContext): string => {
  const { latDeg, lonDeg } = skyOf(context)
  const stations = context.stations.map(({ device, km }) => `${device.id}${km <= RAIN_KM ? '' : '~'}`)
  return [latDeg, lonDeg, ...stations].join(' ')
}

const quantities = {
  temperature: 'air.temperature',
  humidity: 'air.relativeHumidity',
  wind: 'wind.speed',
  solar: 'solar.radiation',
  rain: 'rain.cumulative',
  wetness: 'leaf.wetness',
} as const

async function readStations(
  series: SeriesStore,
  group: FieldGroup,
  span: Span,
): Promise<(device: string) => NearHours['hours']> {
  if (group.contexts.every((context) => context.stations.length === 0)) return () => ({})
  const read = await Promise.all(
    Object.entries(quantities).map(async ([name, quantity]) => {
      const rolled = await series.rolled({ org: group.org, quantity, ...span, step: 'hour' })
      return [name, groupBy(rolled, (rolledSeries) => rolledSeries.device)] as const
    }),
  )
  return (device) =>
    Object.fromEntries(read.map(([name, byDevice]) => [name, joinHours(byDevice.get(device) ?? [])]))
}
