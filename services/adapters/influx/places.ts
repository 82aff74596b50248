/**
 * Keeps a reading in the field under which it was first stored. In InfluxDB the field is part of the key, so an old
 * reading that a moved device repeats would be stored twice. A device that was always in one place, nearly every
 * device, costs one query when first seen.
 *
 * Limitation: two processes that write readings of one device at the moment it is moved.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Reading } from '../../ports.ts'
import type { InfluxClient } from './client.ts'
import { decodeName, depthFromTag } from './names.ts'
import { headsQuery, placedQuery } from './queries.ts'

export interface PlaceTracker {
  /** The same readings, each in the place where it was first stored. */
  resolve(readings: readonly Reading[]): Promise<readonly Reading[]>
  /** Call it after readings were written. */
  recordWritten(readings: readonly Reading[]): void
  forget(): void
}

interface Place {
  farm: string
  field: string
}
type KnownPlace = Place & { newestMs: AtMs }

const DEVICES_PER_QUERY = 100

const deviceKey = (r: { org: string; device: string }): string => `${r.org}\n${r.device}`
const readingKey = (r: Pick<Reading, 'org' | 'device' | 'quantity' | 'depthCm' | 'atMs'>): string =>
  `${deviceKey(r)}\n${r.quantity}\n${r.depthCm}\n${r.atMs}`
const isAt = (a: Place, b: Place): boolean => a.farm === b.farm && a.field === b.field

/**
 * Remembers the places of every device in memory. `resolve` queries devices that it does not know yet, and old
 * readings of moved ones.
 */
export function createPlaceTracker(client: InfluxClient): PlaceTracker {
  const placesByDevice = new Map<string, KnownPlace[]>()

  async function learn(readings: readonly Reading[]): Promise<void> {
    const isUnknown = (r: Reading) => !placesByDevice.has(deviceKey(r))
    for (const [, ofOrg] of grouped(readings.filter(isUnknown), (r) => r.org)) {
      const devices = [...new Set(ofOrg.map((r) => r.device))]
      const { org } = ofOrg[0]!
      for (let i = 0; i < devices.length; i += DEVICES_PER_QUERY) {
        const batch = devices.slice(i, i + DEVICES_PER_QUERY)
        const places = await findPlaces(client, org, batch)
        for (const device of batch) placesByDevice.set(deviceKey({ org, device }), places.get(device) ?? [])
      }
    }
  }

  /** Readings of devices with more than one place, stored or within the batch. */
  function movedIn(readings: readonly Reading[]): Set<Reading> {
    const movedReadings = new Set<Reading>()
    for (const [key, ofDevice] of grouped(readings, deviceKey)) {
      const places: Place[] = [...placesByDevice.get(key)!, ...ofDevice]
      if (places.some((place) => !isAt(place, places[0]!))) for (const r of ofDevice) movedReadings.add(r)
    }
    return movedReadings
  }

  const mayBeStoredElsewhere = (r: Reading): boolean =>
    placesByDevice.get(deviceKey(r))!.some((place) => !isAt(place, r) && r.atMs <= place.newestMs)

  return {
    async resolve(readings) {
      await learn(readings)
      const moved = movedIn(readings)
      if (moved.size === 0) return readings
      const settled = await storedPlaces(client, [...moved].filter(mayBeStoredElsewhere))
      return readings.map((r) => {
        if (!moved.has(r)) return r
        const place = settled.get(readingKey(r))
        if (place) return { ...r, ...place }
        settled.set(readingKey(r), { farm: r.farm, field: r.field })
        return r
      })
    },
    recordWritten(readings) {
      for (const r of readings) addPlace(placesByDevice.get(deviceKey(r)) ?? [], r, r.atMs)
    },
    forget: () => placesByDevice.clear(),
  }
}

async function findPlaces(
  client: InfluxClient,
  org: string,
  devices: readonly string[],
): Promise<Map<string, KnownPlace[]>> {
  const placesByDeviceId = new Map<string, KnownPlace[]>()
  for (const { tags, values } of await client.query(headsQuery({ org }, devices))) {
    const device = decodeName(tags.device ?? '')
    let places = placesByDeviceId.get(device)
    if (!places) placesByDeviceId.set(device, (places = []))
    addPlace(places, placeOf(tags), values[0]![0] as number)
  }
  return placesByDeviceId
}

/** The places where readings with these keys are already stored. */
async function storedPlaces(client: InfluxClient, readings: readonly Reading[]): Promise<Map<string, Place>> {
  const stored = new Map<string, Place>()
  for (const [, ofQuantity] of grouped(readings, (r) => `${deviceKey(r)}\n${r.quantity}`)) {
    const { org, device, quantity } = ofQuantity[0]!
    const fromMs = ofQuantity.reduce((min, r) => Math.min(min, r.atMs), Infinity)
    const toMs = ofQuantity.reduce((max, r) => Math.max(max, r.atMs), 0) + 1
    for (const { tags, values } of await client.query(placedQuery({ org, device, quantity, fromMs, toMs }))) {
      const place = placeOf(tags)
      const depthCm = depthFromTag(tags.depth)
      for (const [atMs] of values)
        stored.set(readingKey({ org, device, quantity, depthCm, atMs: atMs as number }), place)
    }
  }
  return stored
}

const placeOf = (tags: Record<string, string>): Place => ({
  farm: decodeName(tags.farm ?? ''),
  field: decodeName(tags.field ?? ''),
})

function addPlace(places: KnownPlace[], place: Place, atMs: AtMs): void {
  const existing = places.find((candidate) => isAt(candidate, place))
  if (existing) existing.newestMs = Math.max(existing.newestMs, atMs)
  else places.push({ farm: place.farm, field: place.field, newestMs: atMs })
}

function grouped<T>(entries: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of entries) {
    const group = groups.get(keyOf(entry))
    if (group) group.push(entry)
    else groups.set(keyOf(entry), [entry])
  }
  return groups
}
