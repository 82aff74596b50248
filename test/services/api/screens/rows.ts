/** A field of maize in rows: what the views are tested on. */
import type { FieldRows } from '../../../../services/api/screens/field-card-view.ts'
import { toJson, type FieldStateRow } from '../../../../services/tables.ts'

export const NOW = Date.parse('2026-07-24T05:30:00Z')

export const state: FieldStateRow = {
  ...{
    fieldId: 'f',
    org: 'midori',
    atMs: NOW,
    crop: 'maize',
    stage: null,
    depletionMm: 40,
    depletionSdMm: 3,
  },
  ...{ tawMm: 90, rawMm: 45, rootDepthM: 0.7, kc: 1, etcTodayMm: 1, etcWholeDayMm: 6, rainTodayMm: 0 },
  ...{
    irrigationTodayMm: 0,
    levelMm: null,
    levelAtMs: null,
    heatSumCd: null,
    heatNext: null,
    freshness: 'ok',
  },
  inputs: toJson([]),
  soil: null,
}
export const rows: FieldRows = {
  field: {
    ...{
      id: 'f',
      org: 'midori',
      farmId: 'farm',
      name: 'North 3',
      kind: 'upland',
      areaM2: 3000,
      soilTexture: 'loam',
    },
    ...{ fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.46, stationId: null, geojson: null },
  },
  farm: {
    ...{
      id: 'farm',
      org: 'midori',
      name: 'Sato',
      memberCode: null,
      timeZone: 'Asia/Tokyo',
      latDeg: 36,
      lonDeg: 140,
    },
    ...{ elevationM: 30, createdAtMs: 0 },
  },
  season: null,
  state,
  advice: {
    ...{ fieldId: 'f', org: 'midori', atMs: NOW, status: 'ok', key: 'enough', params: toJson({ leftMm: 5 }) },
    ...{ whyId: 'w', nextRunId: null },
  },
  nextRun: null,
  hasSensor: true,
}
