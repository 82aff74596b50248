/**
 * Registers a place with Tilth: the rows that people would enter on the dashboard, and a credential for each device.
 */
import type { Insertable } from 'kysely'
import { internalTopic } from '../../broker/contract/topics.ts'
import type { ChangeEvent } from '../../services/ports.ts'
import type { Tilth } from '../../services/app/start.ts'
import { defaultPaddyRow } from '../../services/domain/default-paddy.ts'
import { toJson, type DeviceKindName, type DeviceRow, type Tables } from '../../services/tables.ts'
import { limitsOf, soils } from '../field/soils.ts'
import type { FarmPlan, FieldPlan, Place } from './co-operative.ts'
import { fieldShapes, type FieldShape } from './field-shapes.ts'

export interface Credential {
  id: string
  org: string
  kind: DeviceKindName
  secret: string
  commandKey: string | null
  farm: FarmPlan
  /** null: serves the whole farm */
  field: FieldPlan | null
}

export interface ProvisionOptions {
  createdAtMs: number
  /** reporting interval of devices, s */
  everyS: Record<DeviceKindName, number>
}

/** The id of the only controller of a farm. */
export const controllerOf = (farm: FarmPlan): string => `ctl-${farm.id.replace(/^farm-/, '')}`
/** Valves are numbered in the order of the farm's fields. */
export const valveOf = (farm: FarmPlan, field: FieldPlan): string => `V${farm.fields.indexOf(field) + 1}`

/** Writes everything in one transaction and returns the devices' credentials. */
export async function provision(
  tilth: Tilth,
  place: Place,
  options: ProvisionOptions,
): Promise<Credential[]> {
  const credentials = place.farms.flatMap((farm) => credentialsOf(tilth, place, farm))
  const stations = credentials.filter(({ kind }) => kind === 'station')
  const insert = <T extends keyof Tables>(table: T, rows: Insertable<Tables[T]>[]) =>
    rows.length === 0
      ? null
      : tilth.state
          .insertInto(table)
          .values(rows as never)
          .execute()
  const { org } = place

  await insert(
    'farm',
    place.farms.map((farm) => ({
      id: farm.id,
      org,
      name: farm.name,
      memberCode: farm.memberCode,
      timeZone: place.timeZone,
      latDeg: place.latDeg,
      lonDeg: place.lonDeg,
      elevationM: place.elevationM,
      createdAtMs: options.createdAtMs,
    })),
  )
  await insert(
    'pump',
    place.farms.map((farm) => ({ id: pumpOf(farm), org, farmId: farm.id, ...farm.pump })),
  )
  const shapes = fieldShapes(place)
  for (const farm of place.farms) {
    // a farm without a station uses its neighbour's
    const station = stations.find((item) => item.farm === farm) ?? stations[0]
    for (const field of farm.fields)
      await provisionField(insert, place, farm, field, {
        stationId: station?.id ?? null,
        shape: shapes.get(field.id) ?? null,
      })
  }
  await insert(
    'device',
    credentials.map((credential) => ({
      ...deviceRow(tilth, place, credential, options),
      ...devicePosition(shapes.get((credential.field ?? credential.farm.fields[0]!).id)),
    })),
  )
  await publishDevicesChanged(tilth, org)
  return credentials
}

/** As the dashboard does after a change: every module with cached data of a device reloads it. */
export async function publishDevicesChanged({ bus, clock }: Tilth, org: string): Promise<void> {
  const event: ChangeEvent = { event: 'device', atMs: clock.now() }
  await bus.publish(internalTopic(org, 'event'), JSON.stringify(event), { qos: 1, retain: false })
}

const pumpOf = (farm: FarmPlan): string => `pump-${farm.id.replace(/^farm-/, '')}`

type Insert = <T extends keyof Tables>(table: T, rows: Insertable<Tables[T]>[]) => Promise<unknown> | null

async function provisionField(
  insert: Insert,
  place: Place,
  farm: FarmPlan,
  field: FieldPlan,
  { stationId, shape }: { stationId: string | null; shape: FieldShape | null },
) {
  const { org } = place
  const { rateMmH, ...zone } = field.zone
  await insert('field', [
    {
      id: field.id,
      org,
      farmId: farm.id,
      name: field.name,
      kind: field.kind,
      areaM2: field.areaM2,
      soilTexture: field.soil,
      // a laboratory's numbers, rounded as it reports them
      ...roundedLimits(field),
      stationId,
      geojson: shape && toJson(shape),
    },
  ])
  await insert('season', [
    {
      id: `${field.id}-${field.plantedDay.slice(0, 4)}`,
      org,
      fieldId: field.id,
      year: Number(field.plantedDay.slice(0, 4)),
      crop: field.crop,
      variety: field.variety,
      plantedDay: field.plantedDay,
      harvestedDay: null,
      yieldKg: null,
      yieldBasis: null,
    },
    ...pastSeasons(org, field),
  ])
  if (field.kind === 'paddy')
    await insert('paddy', [
      {
        ...defaultPaddyRow(field.id, org),
        bundMm: BUND_MM,
        boardMm: BOARD_MM,
        headingCd: field.headingCd ?? null,
      },
    ])
  await insert('zone', [
    {
      id: `zone-${field.id}`,
      org,
      farmId: farm.id,
      fieldId: field.id,
      name: field.name,
      areaM2: field.areaM2,
      applicationRateMmH: rateMmH,
      wettedFraction: zone.method === 'drip' ? 0.4 : 1,
      minMinutes: 10,
      controllerId: controllerOf(farm),
      valve: valveOf(farm, field),
      pumpId: pumpOf(farm),
      adjustPercent: 0,
      pausedUntilMs: null,
      dailyMaxLitres: null,
      ...zone,
    },
  ])
  await insert(
    'degreeDayTracker',
    field.pests.flatMap(({ insect, biofixDay }) =>
      biofixDay === null
        ? []
        : [
            {
              fieldId: field.id,
              subject: insect,
              org,
              biofixDay,
              sumCd: 0,
              throughDay: null,
              missingDays: 0,
              nextEvent: null,
            },
          ],
    ),
  )
}

/** Harvests of earlier years, as the member entered them. */
const pastSeasons = (org: string, field: FieldPlan) =>
  Object.entries(field.pastKg10a ?? {}).map(([year, kg10a]) => ({
    id: `${field.id}-${year}`,
    org,
    fieldId: field.id,
    year: Number(year),
    crop: field.crop,
    variety: field.variety,
    plantedDay: field.plantedDay.replace(/^\d+/, year),
    harvestedDay: `${year}-09-20`,
    yieldKg: (kg10a * field.areaM2) / 1000,
    yieldBasis: 'brown rice, 15 % moisture',
  }))

/** initial height of the outlet boards */
const BOARD_MM = 80
const BUND_MM = 300

function roundedLimits(field: FieldPlan) {
  const { fieldCapacity, wiltingPoint, saturation } = limitsOf(soils[field.soil])
  const roundHundredth = (vwc: number) => Math.round(vwc * 100) / 100
  return {
    fieldCapacity: roundHundredth(fieldCapacity),
    wiltingPoint: roundHundredth(wiltingPoint),
    saturation: roundHundredth(saturation),
  }
}

function credentialsOf(tilth: Tilth, place: Place, farm: FarmPlan): Credential[] {
  const make = (kind: DeviceKindName, id: string, field: FieldPlan | null): Credential => ({
    id,
    org: place.org,
    kind,
    secret: tilth.credentials.newSecret(),
    commandKey:
      kind === 'controller' ? Buffer.from(tilth.credentials.newSecret(), 'base64url').toString('hex') : null,
    farm,
    field,
  })
  return [
    ...(farm.hasStation ? [make('station', `met-${farm.id.replace(/^farm-/, '')}`, null)] : []),
    make('controller', controllerOf(farm), null),
    ...farm.fields.flatMap((field) => [
      ...(field.probeDepthsCm.length > 0 ? [make('probe', `soil-${field.id}`, field)] : []),
      ...(field.kind === 'paddy' ? [make('gauge', `level-${field.id}`, field)] : []),
      ...(field.pests.length > 0 ? [make('trap', `trap-${field.id}`, field)] : []),
    ]),
  ]
}

/** The middle of its field; devices of a farm are in its first field. */
function devicePosition(shape: FieldShape | undefined): { latDeg?: number; lonDeg?: number } {
  const corners = shape?.coordinates[0]?.slice(0, -1) ?? []
  if (corners.length === 0) return {}
  const mean = (axis: 0 | 1) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length
  return { lonDeg: mean(0), latDeg: mean(1) }
}

function deviceRow(tilth: Tilth, place: Place, credential: Credential, options: ProvisionOptions): DeviceRow {
  const { id, org, kind, farm, field } = credential
  return {
    id,
    org,
    farmId: farm.id,
    fieldId: field?.id ?? null,
    kind,
    name: field ? field.name : farm.name,
    secretHash: tilth.credentials.hashSecret(credential.secret),
    previousSecretHash: null,
    commandKey: credential.commandKey,
    windHeightM: kind === 'station' ? place.windHeightM : null,
    everyS: options.everyS[kind],
    counterModulus: null,
    calibration: null,
    batteryLowV: null,
    createdAtMs: options.createdAtMs,
    revokedAtMs: null,
    lastSeenMs: null,
    batteryV: null,
  }
}
