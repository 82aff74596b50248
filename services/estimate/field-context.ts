/** A field with everything that is needed to estimate it: its farm, seasons, zones, and the stations it follows. */
import { addDays, daysBetween, type Day } from '../../broker/contract/time.ts'
import { cropOf, crops, type Crop } from '../agronomy/crops/catalogue.ts'
import { combineLimits, enteredLimits } from '../agronomy/water/soil-limits.ts'
import { fetchAllPages } from '../runtime/paging.ts'
import type { State } from '../ports.ts'
import { defaultPaddyRow } from './paddy/season.ts'
import {
  MAX_PAST_DAYS,
  type DeviceRow,
  type FarmRow,
  type FieldRow,
  type DegreeDayTrackerRow,
  type PaddyRow,
  type SeasonRow,
  type SoilCalibrationRow,
  type SoilUsed,
  type ZoneRow,
} from '../tables.ts'

export interface FieldContext {
  field: FieldRow
  farm: FarmRow
  seasons: SeasonRow[] // by planting
  zones: ZoneRow[] // that water it
  outlets: ZoneRow[] // through which water leaves it
  paddy: PaddyRow // of an upland field: as usual, and unused
  watches: DegreeDayTrackerRow[]
  stations: NearStation[] // in the order of trust
  devices: DeviceRow[] // that stand in the field
  learned: SoilCalibrationRow[] // what the probes that stand in it have taught
  soil: SoilUsed // limits of its root zone: the field's own, drawn towards what was learned
}

export interface NearStation {
  device: DeviceRow
  home: FarmRow // where it stands
  km: number
}

/** What one organisation has in one time zone. */
export interface FieldGroup {
  org: string
  timeZone: string
  plots: FieldContext[]
  devices: Map<string, DeviceRow>
}

/** Fields with a season or a count under way at some time since `sinceDay`, grouped. `fieldIds`: only these. */
export async function loadFieldGroups(
  state: State,
  sinceDay: Day,
  fieldIds?: readonly string[],
): Promise<FieldGroup[]> {
  if (fieldIds?.length === 0) return []
  let query = state.selectFrom('field').selectAll().orderBy('id')
  if (fieldIds) query = query.where('id', 'in', [...fieldIds])
  const fields = await query.execute()
  if (fields.length === 0) return []
  const orgs = [...new Set(fields.map((field) => field.org))]
  const [farms, seasons, zones, watches, devices, soils, paddies] = await Promise.all([
    state.selectFrom('farm').selectAll().where('org', 'in', orgs).execute(),
    state
      .selectFrom('season')
      .selectAll()
      .where('org', 'in', orgs)
      .where((row) => row.or([row('harvestedDay', 'is', null), row('harvestedDay', '>=', sinceDay)]))
      .orderBy('plantedDay')
      .execute(),
    fetchAllPages((afterId, limit) =>
      state
        .selectFrom('zone')
        .selectAll()
        .where('org', 'in', orgs)
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute(),
    ),
    state.selectFrom('degreeDayTracker').selectAll().where('org', 'in', orgs).execute(),
    fetchAllPages((afterId, limit) =>
      state
        .selectFrom('device')
        .selectAll()
        .where('org', 'in', orgs)
        .where('revokedAtMs', 'is', null)
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute(),
    ),
    state.selectFrom('soilCalibration').selectAll().where('org', 'in', orgs).orderBy('depthCm').execute(),
    state.selectFrom('paddy').selectAll().where('org', 'in', orgs).execute(),
  ])
  const farmById = new Map(farms.map((farm) => [farm.id, farm]))
  const seasonsOf = grouped(seasons, (season) => season.fieldId)
  const paddyOf = new Map(paddies.map((paddy) => [paddy.fieldId, paddy]))
  const zonesOf = grouped(zones, (zone) => zone.fieldId)
  const watchesOf = grouped(watches, (watch) => watch.fieldId)
  const devicesOf = grouped(devices, (device) => device.org)
  const devicesIn = grouped(devices, (device) => device.fieldId ?? '')
  const soilsOf = grouped(soils, (soil) => soil.fieldId)
  const stationsOf = new Map<string, NearStation[]>()
  const groups = new Map<string, FieldGroup>()
  for (const field of fields) {
    const farm = farmById.get(field.farmId)
    const plot = { seasons: seasonsOf.get(field.id) ?? [], watches: watchesOf.get(field.id) ?? [] }
    if (!farm || (plot.seasons.length === 0 && plot.watches.length === 0)) continue
    const own = devicesOf.get(field.org) ?? []
    const key = `${field.org}/${farm.timeZone}`
    let group = groups.get(key)
    if (!group) {
      const byId = new Map(own.map((device) => [device.id, device]))
      groups.set(key, (group = { org: field.org, timeZone: farm.timeZone, plots: [], devices: byId }))
    }
    let near = stationsOf.get(farm.id)
    if (!near) stationsOf.set(farm.id, (near = nearStations(farm, own, farmById)))
    const stands = devicesIn.get(field.id) ?? []
    const learned = (soilsOf.get(field.id) ?? []).filter(({ deviceId }) =>
      stands.some((device) => device.id === deviceId),
    )
    group.plots.push({
      ...plot,
      field,
      farm,
      zones: (zonesOf.get(field.id) ?? []).filter(({ method }) => method !== 'outlet'),
      outlets: (zonesOf.get(field.id) ?? []).filter(({ method }) => method === 'outlet'),
      paddy: paddyOf.get(field.id) ?? defaultPaddyRow(field.id, field.org),
      stations: byTrust(field, near),
      devices: stands,
      learned,
      soil: soilUsed(field, learned),
    })
  }
  return [...groups.values()]
}

/** Above it the sun dries the soil beyond what roots can. FAO-56 chapter 7: the layer that evaporates is 0.10-0.15 m */
const DRIED_BY_SUN_CM = 10

/** The field's own limits, drawn towards what its probes have learned below the layer that the sun dries. */
export const soilUsed = (field: FieldRow, learned: readonly SoilCalibrationRow[]): SoilUsed =>
  combineLimits(
    enteredLimits(field),
    learned.filter(({ depthCm }) => depthCm >= DRIED_BY_SUN_CM),
  )

/** Rows by a key, in their order. */
export function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}

/** Further away the air is another place's. km, unconfirmed */
const NEAR_KM = 50

/** The stations near a farm: its own first, then those of the organisation by distance between the farms. */
function nearStations(
  farm: FarmRow,
  devices: readonly DeviceRow[],
  farmById: ReadonlyMap<string, FarmRow>,
): NearStation[] {
  const near: NearStation[] = []
  for (const device of devices) {
    if (device.kind !== 'station') continue
    const home = device.farmId === null ? undefined : farmById.get(device.farmId)
    if (!home) continue
    const km = distanceKm(farm, home)
    if (km <= NEAR_KM) near.push({ device, home, km })
  }
  return near.toSorted((a, b) => a.km - b.km)
}

/** The station the field follows, then those in the field, then as they come. */
function byTrust(field: FieldRow, near: readonly NearStation[]): NearStation[] {
  const trust = ({ device }: NearStation) =>
    device.id === field.stationId ? 0 : device.fieldId === field.id ? 1 : 2
  return near.toSorted((a, b) => trust(a) - trust(b))
}

/** Great-circle distance, km (haversine, Earth 6371 km). */
export function distanceKm(
  a: { latDeg: number; lonDeg: number },
  b: { latDeg: number; lonDeg: number },
): number {
  const rad = Math.PI / 180
  const h =
    Math.sin(((b.latDeg - a.latDeg) * rad) / 2) ** 2 +
    Math.cos(a.latDeg * rad) * Math.cos(b.latDeg * rad) * Math.sin(((b.lonDeg - a.lonDeg) * rad) / 2) ** 2
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** The season under way on a day: the latest planted that is not harvested. */
export const seasonOn = (plot: FieldContext, day: Day): SeasonRow | undefined =>
  plot.seasons.findLast(
    (season) => season.plantedDay <= day && (season.harvestedDay === null || day <= season.harvestedDay),
  )

/** A season's crop; a name the table does not know is estimated as the generic crop, and says so. */
export function cropOfSeason(season: SeasonRow): { crop: Crop; isKnown: boolean } {
  const crop = cropOf(season.crop)
  return { crop: crop ?? crops.generic, isKnown: crop !== undefined }
}

/** The first day that a plot needs, not before `LONGEST_PAST_DAYS`; null when it needs none up to `lastDay`. */
export function firstDayOf(plot: FieldContext, lastDay: Day): Day | null {
  const starts = [
    ...plot.seasons.filter((season) => season.plantedDay <= lastDay).map((season) => season.plantedDay),
    ...plot.watches.filter((watch) => watch.biofixDay <= lastDay).map((watch) => watch.biofixDay),
  ]
  if (starts.length === 0) return null
  const first = starts.reduce((a, b) => (a < b ? a : b))
  const limit = addDays(lastDay, -MAX_PAST_DAYS)
  return first < limit ? limit : first
}

/** Whether a plot has something to estimate on a day. */
export const isUnderWay = (plot: FieldContext, day: Day): boolean =>
  seasonOn(plot, day) !== undefined || plot.watches.some((watch) => daysBetween(watch.biofixDay, day) >= 0)
