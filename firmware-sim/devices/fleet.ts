/** Many devices from one list, with their fields. */
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { Clock, Day } from '../../broker/contract/time.ts'
import { startController } from './controller.ts'
import { cropKinds, type CropName } from '../field/crop-kinds.ts'
import type { Device } from './device.ts'
import type { FieldOptions } from '../field/field.ts'
import { fileFlash } from './flash.ts'
import { startGauge } from './gauge.ts'
import { insectKinds, type InsectName } from '../field/insects.ts'
import { startProbe } from './probe.ts'
import { soils, type SoilName } from '../field/soils.ts'
import { startStation } from './station.ts'
import { startTrap } from './trap.ts'
import type { World } from '../world.ts'

const oneOf = <T extends string>(names: readonly T[]) => Type.Union(names.map((name) => Type.Literal(name)))
const Name = Type.String({ pattern: '^[A-Za-z0-9_-]{3,40}$' })

/** The properties of a field that a person sets; the others are typical. */
const FieldProfile = Type.Object({
  kind: Type.Optional(oneOf(['upland', 'paddy'])),
  areaM2: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  crop: Type.Optional(oneOf(Object.keys(cropKinds))),
  soil: Type.Optional(oneOf(Object.keys(soils))),
  plantedDay: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' })),
  percolationMmDay: Type.Optional(Type.Number({ minimum: 0 })),
})

const Entry = Type.Object({
  id: Name,
  kind: oneOf(['probe', 'station', 'trap', 'gauge', 'controller']),
  secret: Type.String({ minLength: 1 }),
  commandKey: Type.Optional(Type.Union([Type.String({ pattern: '^([0-9a-f]{2})+$' }), Type.Null()])),
  field: Type.Optional(Type.String({ minLength: 1 })),
  fieldProfile: Type.Optional(FieldProfile),
  depthsCm: Type.Optional(Type.Array(Type.Number({ minimum: 1, maximum: 160 }), { minItems: 1 })),
  species: Type.Optional(oneOf(Object.keys(insectKinds))),
  /** a valve upstream of the controller's others */
  master: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' })),
  valves: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' }),
        ratedLpm: Type.Number({ exclusiveMinimum: 0 }),
        field: Type.Optional(Type.String({ minLength: 1 })),
      }),
      { minItems: 1 },
    ),
  ),
})
export type DeviceEntry = Static<typeof Entry>

const check = Compile(Type.Array(Entry, { minItems: 1 }))
const FIELD = 'field-1'

/** Reads a credentials file: a JSON list. The error names the index of the device and the key. */
export function parseFleet(text: string): Result<DeviceEntry[]> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return err(`not JSON: ${(error as Error).message}`)
  }
  if (!check.Check(value)) {
    const first = check.Errors(value)[0]
    return err(
      `${first?.instancePath.slice(1).replaceAll('/', '.') || 'list'}: ${first?.message ?? 'does not fit'}`,
    )
  }
  const entries = value as DeviceEntry[]
  for (const [i, { id, kind, commandKey, valves }] of entries.entries()) {
    if (entries.findIndex((entry) => entry.id === id) < i)
      return err(`${i}.id: ${id} stands twice in the list`)
    if (kind === 'controller' && (!commandKey || !valves))
      return err(`${i}: the controller ${id} needs a commandKey and valves`)
  }
  return ok(entries)
}

/** The fields of the devices. Unset properties are typical: upland soybean on loam, rice with a gauge. */
export function fieldsOf(entries: readonly DeviceEntry[], today: Day): FieldOptions[] {
  const ids = new Set(
    entries.flatMap(({ field, valves }) => [
      field ?? FIELD,
      ...(valves ?? []).map((v) => v.field ?? field ?? FIELD),
    ]),
  )
  return [...ids].map((id) => {
    const fieldEntries = entries.filter(({ field }) => (field ?? FIELD) === id)
    const profile = Object.assign(
      {},
      ...fieldEntries.map(({ fieldProfile }) => fieldProfile ?? {}),
    ) as Static<typeof FieldProfile>
    const kind = profile.kind ?? (fieldEntries.some((entry) => entry.kind === 'gauge') ? 'paddy' : 'upland')
    return {
      id,
      kind: kind as FieldOptions['kind'],
      areaM2: profile.areaM2 ?? 1_000,
      crop: (profile.crop ?? (kind === 'paddy' ? 'rice' : 'soybean')) as CropName,
      soil: (profile.soil ?? 'loam') as SoilName,
      plantedDay: profile.plantedDay ?? today,
      ...(profile.percolationMmDay === undefined ? {} : { percolationMmDay: profile.percolationMmDay }),
    }
  })
}

export interface FleetOptions {
  org: string
  url: string
  clock: Clock
  world: World
  seed: string
  sampleS?: number
  /** folder for the devices' flash files; without it a restart of the program is a new device */
  flashDir?: string
  note?(text: string): void
}

/** Starts all devices; resolves when each has tried to connect once. */
export const startFleet = (entries: readonly DeviceEntry[], options: FleetOptions): Promise<Device[]> =>
  Promise.all(entries.map((entry) => startEntry(entry, options)))

function startEntry(entry: DeviceEntry, options: FleetOptions): Promise<Device> {
  const { org, url, clock, world, seed, sampleS, flashDir, note } = options
  const field = entry.field ?? FIELD
  const common = {
    credentials: { org, id: entry.id, secret: entry.secret, commandKey: entry.commandKey ?? null },
    url,
    clock,
    world,
    seed,
    ...(sampleS === undefined ? {} : { sampleS }),
    ...(flashDir === undefined ? {} : { flash: fileFlash(join(flashDir, `${entry.id}.json`)) }),
    ...(note ? { note } : {}),
  }
  switch (entry.kind) {
    case 'probe':
      return startProbe({ ...common, field, depthsCm: entry.depthsCm ?? [15, 30, 60] })
    case 'station':
      return startStation(common)
    case 'trap':
      return startTrap({ ...common, field, species: (entry.species ?? 'codling-moth') as InsectName })
    case 'gauge':
      return startGauge({ ...common, field })
    default:
      return startController({
        ...common,
        master: entry.master ?? null,
        valves: (entry.valves ?? []).map((valve) => ({ ...valve, field: valve.field ?? field })),
      })
  }
}
