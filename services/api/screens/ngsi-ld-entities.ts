/**
 * Fields, devices and readings as entities of FIWARE (NGSI-LD, ETSI GS CIM 009; smart data models AgriParcel, Device and
 * DeviceMeasurement). Units are codes of UN/CEFACT Recommendation 20. Pure.
 */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { FieldSummary } from '../../domain/field-summary.ts'
import type { Latest } from '../../ports.ts'
import type { DeviceView } from '../devices/device-schemas.ts'

export const entityTypes = ['AgriParcel', 'Device', 'DeviceMeasurement'] as const
export type EntityType = (typeof entityTypes)[number]

export const CONTEXT = [
  'https://raw.githubusercontent.com/smart-data-models/dataModel.Agrifood/master/context.jsonld',
  'https://raw.githubusercontent.com/smart-data-models/dataModel.Device/master/context.jsonld',
  'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.1.jsonld',
] as const

interface Property {
  type: 'Property'
  value: unknown
  unitCode?: string
  observedAt?: string
}
type Attribute = Property | { type: 'Relationship'; object: string } | { type: 'GeoProperty'; value: unknown }

/** An entity in the normalised representation. An attribute that is unknown is left out, as NGSI-LD has no null. */
export interface Entity {
  id: string
  type: EntityType
  '@context': readonly string[]
  [attribute: string]: unknown
}

/** Units of Tilth in UN/CEFACT codes; `scale` where the code is of another unit. */
const unitCodes: Record<string, { code: string; scale?: number }> = {
  '% vol': { code: 'P1' },
  '%': { code: 'P1' },
  '°C': { code: 'CEL' },
  'dS/m': { code: 'D10', scale: 0.1 }, // siemens per metre
  kPa: { code: 'KPA' },
  hPa: { code: 'A97' },
  'm/s': { code: 'MTS' },
  '°': { code: 'DD' },
  'W/m²': { code: 'D54' },
  mm: { code: 'MMT' },
  'L/min': { code: 'L2' },
  L: { code: 'LTR' },
  V: { code: 'VLT' },
}

const urn = (type: EntityType, ...parts: string[]): string =>
  `urn:ngsi-ld:${type}:${parts.map(encodeURIComponent).join(':')}`

/** A field as AgriParcel. `geometry`: GeoJSON in WGS 84; null: not drawn. */
export const agriParcel = (field: FieldSummary, geometry: unknown): Entity =>
  entity(urn('AgriParcel', field.id), 'AgriParcel', {
    name: property(field.name),
    area: property(field.areaM2, { unitCode: 'MTK' }),
    category: property('arable'),
    cropName: field.crop === '' ? null : property(field.crop),
    location: geometry === null ? null : { type: 'GeoProperty', value: geometry },
    irrigationStatus: property(field.status),
    waterLeft: field.waterLeftMm === null ? null : property(field.waterLeftMm, { unitCode: 'MMT' }),
    waterLevel: field.levelMm === null ? null : property(field.levelMm, { unitCode: 'MMT' }),
    nextIrrigationAt: field.nextRun && property(instant(field.nextRun.atMs)),
  })

const categories: Record<DeviceView['kind'], string> = {
  probe: 'sensor',
  station: 'sensor',
  gauge: 'meter',
  trap: 'sensor',
  controller: 'actuator',
}

/** A device as Device. `quantities`: those it has measured. */
export const deviceEntity = (device: DeviceView, quantities: readonly string[]): Entity =>
  entity(urn('Device', device.id), 'Device', {
    name: property(device.name),
    category: property([categories[device.kind]]),
    controlledProperty: quantities.length === 0 ? null : property([...new Set(quantities)].sort()),
    controlledAsset:
      device.fieldId === null ? null : { type: 'Relationship', object: urn('AgriParcel', device.fieldId) },
    deviceState: property(device.fresh),
    dateLastValueReported: device.lastSeenMs === null ? null : property(instant(device.lastSeenMs)),
    location:
      device.latDeg === null || device.lonDeg === null
        ? null
        : { type: 'GeoProperty', value: { type: 'Point', coordinates: [device.lonDeg, device.latDeg] } },
  })

/** The newest reading of one series as DeviceMeasurement; null for one without a value. */
export function measurement({ device, field, quantity, depthCm, atMs, value }: Latest): Entity | null {
  if (value === null) return null
  const unit = quantityOf(quantity)?.unit ?? ''
  const { code, scale = 1 } = unitCodes[unit] ?? {}
  const observedAt = instant(atMs)
  return entity(urn('DeviceMeasurement', device, quantity, String(depthCm ?? '-')), 'DeviceMeasurement', {
    refDevice: { type: 'Relationship', object: urn('Device', device) },
    refAgriParcel: field === '-' ? null : { type: 'Relationship', object: urn('AgriParcel', field) },
    controlledProperty: property(quantity),
    depth: depthCm === null ? null : property(depthCm, { unitCode: 'CMT' }),
    numValue: property(scaled(value, scale), {
      ...(code === undefined ? {} : { unitCode: code }),
      observedAt,
    }),
    dateObserved: property(observedAt),
  })
}

// 0.1 × 0.24 is 0.024, not 0.024000000000000004
const scaled = (value: number, scale: number): number =>
  scale === 1 ? value : Number((value * scale).toPrecision(12))

const property = (value: unknown, more: Omit<Property, 'type' | 'value'> = {}): Property => ({
  type: 'Property',
  value,
  ...more,
})

function entity(id: string, type: EntityType, attributes: Record<string, Attribute | null>): Entity {
  const known = Object.entries(attributes).filter(([, attribute]) => attribute !== null)
  return { id, type, ...Object.fromEntries(known), '@context': CONTEXT }
}

const instant = (atMs: AtMs): string => new Date(atMs).toISOString()
