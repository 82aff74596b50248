/** A field with everything that its estimation needs: farm, seasons, zones, and the stations it follows. */
import { addDays, daysBetween, type Day } from '../../broker/contract/time.ts'
import { cropOf, crops } from '../agronomy/crops/catalogue.ts'
import type { Crop } from '../agronomy/crops/crop.ts'
import { combineLimits, enteredLimits } from '../agronomy/water/soil-limits.ts'
import { groupBy } from '../runtime/group-by.ts'
import { timeSlices } from '../runtime/cooperative.ts'
import { fetchAllPages } from '../runtime/paging.ts'
import type { State } from '../ports.ts'
import type { EnteredSalt } from './water/salt-reading.ts'
import { defaultPaddyRow } from '../domain/default-paddy.ts'
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
  seasons: SeasonRow[] // by planting day
  zones: ZoneRow[] // that irrigate it
  outlets: ZoneRow[] // that drain it
  paddy: PaddyRow // of an upland field: the defaults, unused
  trackers: DegreeDayTrackerRow[]
  stations: NearStation[] // in order of trust
  devices: DeviceRow[] // located in the field
  learned: SoilCalibrationRow[] // calibrations by the probes in the field
  salt: EnteredSalt | null // as a person has entered it
  soil: SoilUsed // limits of its root zone: the field's own, combined with the calibrated ones
}

export interface NearStation {
  device: DeviceRow
  home: FarmRow // its location
  km: number
}

/** The fields of one organisation in one time zone. */
export interface FieldGroup {
  org: string
  timeZone: string
  contexts: FieldContext[]
  devices: Map<string, DeviceRow>
}

/**
 * Fields with an active season or degree-day tracker at some time since `sinceDay`, grouped. `fieldIds`: only these.
 */
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
  const [farms, seasons, zones, trackers, devices, soils, paddies, salts] = await Promise.all([
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
    state
      .selectFrom('strategy')
      .select(['fieldId', 'waterEcDsM', 'soilEcDsM', 'soilEcDay'])
      .where('org', 'in', orgs)
      .execute(),
  ])
  const farmById = new Map(farms.map((farm) => [farm.id, farm]))
  const seasonsOf = groupBy(seasons, (season) => season.fieldId)
  const paddyOf = new Map(paddies.map((paddy) => [paddy.fieldId, paddy]))
  const saltOf = new Map(salts.map((row) => [row.fieldId, row]))
  const zonesOf = groupBy(zones, (zone) => zone.fieldId)
  const watchesOf = groupBy(trackers, (tracker) => tracker.fieldId)
  const devicesOf = groupBy(devices, (device) => device.org)
  const devicesIn = groupBy(devices, (device) => device.fieldId ?? '')
  const soilsOf = groupBy(soils, (soil) => soil.fieldId)
  const stationsOf = new Map<string, NearStation[]>()
  const groups = new Map<string, FieldGroup>()
  const betweenFields = timeSlices()
  for (const field of fields) {
    await betweenFields()
    const farm = farmById.get(field.farmId)
    const context = { seasons: seasonsOf.get(field.id) ?? [], trackers: watchesOf.get(field.id) ?? [] }
    if (!farm || (context.seasons.length === 0 && context.trackers.length === 0)) continue
    const orgDevices = devicesOf.get(field.org) ?? []
    const key = `${field.org}/${farm.timeZone}`
    let group = groups.get(key)
    if (!group) {
      const byId = new Map(orgDevices.map((device) => [device.id, device]))
      groups.set(key, (group = { org: field.org, timeZone: farm.timeZone, contexts: [], devices: byId }))
    }
    let stations = stationsOf.get(farm.id)
    if (!stations) stationsOf.set(farm.id, (stations = nearStations(farm, orgDevices, farmById)))
    const fieldDevices = devicesIn.get(field.id) ?? []
    const calibrations = (soilsOf.get(field.id) ?? []).filter(({ deviceId }) =>
      fieldDevices.some((device) => device.id === deviceId),
    )
    group.contexts.push({
      ...context,
      field,
      farm,
      zones: (zonesOf.get(field.id) ?? []).filter(({ method }) => method !== 'outlet'),
      outlets: (zonesOf.get(field.id) ?? []).filter(({ method }) => method === 'outlet'),
      paddy: paddyOf.get(field.id) ?? defaultPaddyRow(field.id, field.org),
      salt: saltOf.get(field.id) ?? null,
      stations: byTrust(field, stations),
      devices: fieldDevices,
      learned: calibrations,
      soil: soilUsed(field, calibrations),
    })
  }
  return [...groups.values()]
}

/**
 * Above this depth evaporation dries the soil below the limit of the roots. FAO-56 chapter 7: the evaporating layer
 * is 0.10-0.15 m
 */
const DRIED_BY_SUN_CM = 10

/** The field's own limits, combined with those that its probes have calibrated below the evaporating layer. */
export const soilUsed = (field: FieldRow, calibrations: readonly SoilCalibrationRow[]): SoilUsed =>
  combineLimits(
    enteredLimits(field),
    calibrations.filter(({ depthCm }) => depthCm >= DRIED_BY_SUN_CM),
  )

/** The air of a station is not representative over larger distances. km, unconfirmed */
const NEAR_KM = 50

/** The stations near a farm: its own first, then those of the organisation by distance between the farms. */
function nearStations(
  farm: FarmRow,
  devices: readonly DeviceRow[],
  farmById: ReadonlyMap<string, FarmRow>,
): NearStation[] {
  const nearStations: NearStation[] = []
  for (const device of devices) {
    if (device.kind !== 'station') continue
    const home = device.farmId === null ? undefined : farmById.get(device.farmId)
    if (!home) continue
    const km = distanceKm(farm, home)
    if (km <= NEAR_KM) nearStations.push({ device, home, km })
  }
  return nearStations.toSorted((a, b) => a.km - b.km)
}

/** The station the field follows, then those in the field, then by distance. */
function byTrust(field: FieldRow, nearStations: readonly NearStation[]): NearStation[] {
  const trust = ({ device }: NearStation) =>
    device.id === field.stationId ? 0 : device.fieldId === field.id ? 1 : 2
  return nearStations.toSorted((a, b) => trust(a) - trust(b))
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

/** The active season on a day: the latest planted one that is not harvested. */
export const seasonOn = (context: FieldContext, day: Day): SeasonRow | undefined =>
  context.seasons.findLast(
    (season) => season.plantedDay <= day && (season.harvestedDay === null || day <= season.harvestedDay),
  )

/** A season's crop; a name without a table row is estimated as the generic crop, with a note. */
export function cropOfSeason(season: SeasonRow): { crop: Crop; isKnown: boolean } {
  const crop = cropOf(season.crop)
  return { crop: crop ?? crops.generic, isKnown: crop !== undefined }
}

/** The first day that a field needs, not before `LONGEST_PAST_DAYS`; null when it needs none up to `lastDay`. */
export function firstDayOf(context: FieldContext, lastDay: Day): Day | null {
  const starts = [
    ...context.seasons.filter((season) => season.plantedDay <= lastDay).map((season) => season.plantedDay),
    ...context.trackers.filter((tracker) => tracker.biofixDay <= lastDay).map((tracker) => tracker.biofixDay),
  ]
  if (starts.length === 0) return null
  const first = starts.reduce((a, b) => (a < b ? a : b))
  const limit = addDays(lastDay, -MAX_PAST_DAYS)
  return first < limit ? limit : first
}

/** Whether a field has something to estimate on a day. */
export const isUnderWay = (context: FieldContext, day: Day): boolean =>
  seasonOn(context, day) !== undefined ||
  context.trackers.some((tracker) => daysBetween(tracker.biofixDay, day) >= 0)
