/** One sensor of a field: its last value, its series, and the forecast of its model. */
import { flags, quantityOf, type Flag } from '../../../broker/contract/quantities.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { PredictionRow } from '../../tables.ts'
import { freshness } from '../devices/device-view.ts'
import type { FieldDetail } from './field-schemas.ts'
import { modelIdOf, probeSubject } from '../models/model-queries.ts'
import { roundColumn, downsample, type Columns } from '../http/downsample.ts'

type SensorView = FieldDetail['sensors'][number]
export interface SensorRows {
  quantity: string
  depthCm: number | null
  device: string
  deviceName: string
  everyMs: number
  stepMs: number // of the columns
  latest: { atMs: AtMs; value: number | null; flag: Flag }
  series: Columns
}

/** `ahead` is null except for soil moisture with a forecast. `suspect`: the quality flag of the latest value. */
export function sensorView(
  sensor: SensorRows,
  predictions: readonly PredictionRow[],
  nowMs: AtMs,
): SensorView {
  const { quantity, depthCm, device, deviceName, latest, everyMs } = sensor
  const { atMs, value } = downsample(sensor.series, sensor.stepMs)
  return {
    quantity,
    unit: quantityOf(quantity)?.unit ?? '',
    depthCm,
    device,
    deviceName,
    latest: {
      v: latest.value,
      atMs: latest.atMs,
      kind: 'measured',
      fresh: freshness(nowMs - latest.atMs, everyMs),
    },
    suspect: latest.flag > flags.notEvaluated,
    atMs,
    mean: roundColumn(value, quantity),
    ahead: quantity === 'soil.moisture' ? ahead(predictions, probeSubject(device, depthCm), nowMs) : null,
  }
}

/** The newest forecast of a probe from now on; null when there is none. */
function ahead(rows: readonly PredictionRow[], subject: string, nowMs: AtMs): SensorView['ahead'] {
  const forecastRows = rows.filter((row) => row.subject === subject && row.atMs > nowMs)
  const issuedMs = Math.max(...forecastRows.map((row) => row.issuedMs))
  const newest = forecastRows.filter((row) => row.issuedMs === issuedMs).sort((a, b) => a.atMs - b.atMs)
  const [first] = newest
  if (first === undefined) return null
  const column = (of: (row: PredictionRow) => number) =>
    roundColumn(newest.map(of), 'soil.moisture') as number[]
  return {
    atMs: newest.map((row) => row.atMs),
    mid: column(({ value }) => value),
    lo: column(({ lo }) => lo),
    hi: column(({ hi }) => hi),
    method: newest.map(({ method }) => method),
    modelId: modelIdOf(first),
  }
}
