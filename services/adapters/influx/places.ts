/**
 * Keeps a reading in the field under which it was first stored. In InfluxDB the field is a part of the key, so an old
 * reading that a moved device sends again would be stored twice, once in each field. A device that has stood in one
 * place only, nearly every device, costs one question when it is first seen.
 *
 * What this cannot see: two processes that write the readings of one device in the moment in which it is moved.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Reading } from '../../ports.ts'
import type { InfluxClient } from './client.ts'
import { decodeName, depthFromTag } from './names.ts'
import { headsQuery, placedQuery } from './queries.ts'

export interface PlaceTracker {
  /** The same readings, each where it was first stored. */
  resolve(readings: readonly Reading[]): Promise<readonly Reading[]>
  /** To be told what was written. */
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

export function createPlaceTracker(client: InfluxClient): PlaceTracker {
  const known = new Map<string, KnownPlace[]>()

  async function learn(readings: readonly Reading[]): Promise<void> {
    const isUnknown = (r: Reading) => !known.has(deviceKey(r))
    for (const [, ofOrg] of grouped(readings.filter(isUnknown), (r) => r.org)) {
      const devices = [...new Set(ofOrg.map((r) => r.device))]
      const { org } = ofOrg[0]!
      for (let i = 0; i < devices.length; i += DEVICES_PER_QUERY) {
        const asked = devices.slice(i, i + DEVICES_PER_QUERY)
        const found = await findPlaces(client, org, asked)
        for (const device of asked) known.set(deviceKey({ org, device }), found.get(device) ?? [])
      }
    }
  }

  /** Readings of devices that have stood, or stand within the batch, in more than one place. */
  function movedIn(readings: readonly Reading[]): Set<Reading> {
    const moved = new Set<Reading>()
    for (const [key, ofDevice] of grouped(readings, deviceKey)) {
      const places: Place[] = [...known.get(key)!, ...ofDevice]
      if (places.some((place) => !isAt(place, places[0]!))) for (const r of ofDevice) moved.add(r)
    }
    return moved
  }

  const mayBeStoredElsewhere = (r: Reading): boolean =>
    known.get(deviceKey(r))!.some((place) => !isAt(place, r) && r.atMs <= place.newestMs)

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
      for (const r of readings) addPlace(known.get(deviceKey(r)) ?? [], r, r.atMs)
    },
    forget: () => known.clear(),
  }
}

async function findPlaces(
  client: InfluxClient,
  org: string,
  devices: readonly string[],
): Promise<Map<string, KnownPlace[]>> {
  const found = new Map<string, KnownPlace[]>()
  for (const { tags, values } of await client.query(headsQuery({ org }, devices))) {
    const device = decodeName(tags.device ?? '')
    let places = found.get(device)
    if (!places) found.set(device, (places = []))
    addPlace(places, placeOf(tags), values[0]![0] as number)
  }
  return found
}

/** Where readings with these keys are stored already. */
async function storedPlaces(client: InfluxClient, readings: readonly Reading[]): Promise<Map<string, Place>> {
  const stored = new Map<string, Place>()
  for (const [, some] of grouped(readings, (r) => `${deviceKey(r)}\n${r.quantity}`)) {
    const { org, device, quantity } = some[0]!
    const fromMs = some.reduce((least, r) => Math.min(least, r.atMs), Infinity)
    const toMs = some.reduce((most, r) => Math.max(most, r.atMs), 0) + 1
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
  const same = places.find((one) => isAt(one, place))
  if (same) same.newestMs = Math.max(same.newestMs, atMs)
  else places.push({ farm: place.farm, field: place.field, newestMs: atMs })
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group) group.push(one)
    else groups.set(keyOf(one), [one])
  }
  return groups
}
