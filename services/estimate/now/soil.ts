/** Current soil water by depth and salinity from the probes of a field. Pure: takes the newest readings. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { StateInput } from '../../tables.ts'
import { freshest, freshnessOf, type Freshness } from './freshness.ts'
import type { LatestReadings } from './latest-readings.ts'
import type { FieldContext } from '../field-context.ts'
import { sensorsOf } from '../water/combine-probes.ts'
import { saltByProbes } from '../water/salt-reading.ts'
import type { SensorReading } from '../water/upland-day.ts'

/** The sensors of the probes of a field, their freshness, and the inputs to display. */
export function soilNow(
  context: FieldContext,
  newestOf: LatestReadings,
  nowMs: AtMs,
): { sensors: SensorReading[]; fresh: Freshness | null; inputs: StateInput[] } {
  const probes = context.devices.filter((device) => device.kind === 'probe')
  const profiles = probes.map((device) => {
    const readings = (newestOf.device.get(device.id) ?? []).filter(
      (reading) =>
        reading.field === context.field.id &&
        reading.quantity === 'soil.moisture' &&
        reading.depthCm !== null,
    )
    const atMs = readings.length === 0 ? null : Math.max(...readings.map((reading) => reading.atMs))
    return { device, readings, fresh: freshnessOf(atMs, nowMs, device.everyS) }
  })
  const inputs = profiles.flatMap(({ device, readings }) =>
    readings
      .toSorted((a, b) => a.depthCm! - b.depthCm!)
      .map((reading) => ({
        key: 'soil.moisture',
        value: reading.value,
        unit: '% vol',
        atMs: reading.atMs,
        depthCm: reading.depthCm!,
        device: device.id,
        kind: 'measured' as const,
        fresh: freshnessOf(reading.atMs, nowMs, device.everyS),
      })),
  )
  return {
    // an old reading may predate today's water: only a fresh one corrects the balance
    sensors: sensorsOf(
      context,
      profiles.flatMap(({ device, readings }) =>
        readings.map(({ depthCm, value, atMs }) => ({
          device: device.id,
          depthCm,
          percent: freshnessOf(atMs, nowMs, device.everyS) === 'ok' ? value : null,
        })),
      ),
    ),
    fresh: profiles.length === 0 ? null : freshest(profiles.map((profile) => profile.fresh)),
    inputs,
  }
}

/**
 * ECe of the soil by its probes, the mean of their depths; empty without EC sensors or in soil too dry for the
 * method.
 */
export function saltInputs(context: FieldContext, newestOf: LatestReadings, nowMs: AtMs): StateInput[] {
  const ecReadings = context.devices
    .filter((device) => device.kind === 'probe')
    .flatMap((device) => {
      const deviceReadings = (newestOf.device.get(device.id) ?? []).filter(
        (reading) => reading.field === context.field.id,
      )
      return deviceReadings
        .filter(({ quantity }) => quantity === 'soil.ec')
        .flatMap((ec) => {
          const moisture = deviceReadings.find(
            (reading) => reading.quantity === 'soil.moisture' && reading.depthCm === ec.depthCm,
          )
          if (!moisture) return []
          const at = { device: device.id, depthCm: ec.depthCm }
          const dSm = saltByProbes(
            [{ ...at, percent: ec.value }],
            [{ ...at, percent: moisture.value }],
            context.field.saturation,
          )
          return dSm === null
            ? []
            : [{ dSm, atMs: ec.atMs, fresh: freshnessOf(ec.atMs, nowMs, device.everyS) }]
        })
    })
    .filter(({ fresh }) => fresh !== 'lost')
  if (ecReadings.length === 0) return []
  return [
    {
      key: 'soil.ec',
      value: Math.round((100 * ecReadings.reduce((sum, { dSm }) => sum + dSm, 0)) / ecReadings.length) / 100,
      unit: 'dS/m',
      atMs: Math.max(...ecReadings.map(({ atMs }) => atMs)),
      kind: 'estimated',
      fresh: freshest(ecReadings.map(({ fresh }) => fresh)),
      method: 'hilhorst',
    },
  ]
}
