/** The joint estimate of a field's probes for its root zone. Pure. */
import {
  meanOfProbes,
  probeDepletion,
  type ProbeEstimate,
  type ProbeReading,
} from '../../agronomy/water/probe.ts'
import type { SoilCalibrationRow } from '../../tables.ts'
import { limitsOf } from '../days/field-day.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { FieldContext } from '../field-context.ts'
import { sensorId, type ProbeValue } from './sensor-id.ts'
import type { SensorReading } from './upland-day.ts'

/** Each sensor against its own calibrated field capacity, where it has one; null when all are silent. */
export function combineProbes(
  context: Pick<FieldContext, 'soil' | 'learned'>,
  values: readonly ProbeValue[],
  rootDepthM: number,
): ProbeEstimate | null {
  const soil = limitsOf(context.soil)
  const profiles = [...groupBy(values, ({ device }) => device).values()].map((sensors) =>
    probeDepletion(
      sensors.flatMap(({ device, depthCm, percent }) =>
        depthCm === null || percent === null ? [] : [readingOf(context.learned, device, depthCm, percent)],
      ),
      soil,
      rootDepthM,
    ),
  )
  return meanOfProbes(
    profiles.filter((profile) => profile !== null),
    soil,
    rootDepthM,
  )
}

/** The sensors of the probes in a field, by device and depth. */
export const sensorsOf = (
  { devices }: Pick<FieldContext, 'devices'>,
  values: readonly ProbeValue[],
): SensorReading[] =>
  values
    .flatMap(({ device, depthCm, percent }) =>
      depthCm === null || !devices.some(({ id }) => id === device)
        ? []
        : [
            {
              id: sensorId(device, depthCm),
              depthM: depthCm / 100,
              vwc: percent === null ? null : percent / 100,
            },
          ],
    )
    .toSorted((a, b) => a.depthM - b.depthM || (a.id < b.id ? -1 : 1))

function readingOf(
  calibrations: readonly SoilCalibrationRow[],
  device: string,
  depthCm: number,
  percent: number,
): ProbeReading {
  const row = calibrations.find((limits) => limits.deviceId === device && limits.depthCm === depthCm)
  const fieldCapacity =
    row?.fieldCapacity == null || row.fieldCapacitySd === null
      ? undefined
      : { v: row.fieldCapacity, sd: row.fieldCapacitySd }
  return { depthCm, vwc: percent / 100, fieldCapacity }
}
