/** Rows of one farm as a test needs them: a soybean field of 1 ha on loam near Tsukuba, one sprinkler zone, one pump. */
import { startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../../services/ports/forecast.ts'
import { toJson } from '../../../services/tables.ts'
import type {
  AlertRow,
  FarmRow,
  FieldRow,
  FieldStateRow,
  IrrigationRow,
  PumpRow,
  RequestRow,
  RunRow,
  SeasonRow,
  StrategyRow,
  ValveStateRow,
  ZoneRow,
} from '../../../services/tables.ts'
import { emptySnapshot, type FarmSnapshot } from '../../../services/plan/snapshot.ts'

export const tokyo = 'Asia/Tokyo'
/** An instant on 24 July 2026 by the wall clock of Tsukuba. */
export const at = (hour: number, minute = 0): AtMs =>
  startOfDay('2026-07-24', tokyo) + (hour * 60 + minute) * 60_000

export const farmRow: FarmRow = {
  id: 'farm-1',
  org: 'demo',
  name: 'North farm',
  memberCode: null,
  timeZone: tokyo,
  latDeg: 36.1,
  lonDeg: 140.1,
  elevationM: 25,
  createdAtMs: 0,
}

export const fieldRow = (set: Partial<FieldRow> = {}): FieldRow => ({
  id: 'field-1',
  org: 'demo',
  farmId: 'farm-1',
  name: 'North 3',
  kind: 'upland',
  areaM2: 10_000,
  soilTexture: 'loam',
  fieldCapacity: 0.25,
  wiltingPoint: 0.1,
  saturation: 0.46,
  stationId: null,
  geojson: null,
  ...set,
})

export const seasonRow = (set: Partial<SeasonRow> = {}): SeasonRow => ({
  id: `season-${set.fieldId ?? 'field-1'}`,
  org: 'demo',
  fieldId: 'field-1',
  year: 2026,
  crop: 'soybean',
  variety: null,
  plantedDay: '2026-06-10',
  harvestPlannedDay: null,
  harvestedDay: null,
  yieldKg: null,
  yieldBasis: null,
  ...set,
})

/** 8.3 mm/h on 1 ha is 1,383 L/min; watered from 04:00 to 09:00. */
export const zoneRow = (set: Partial<ZoneRow> = {}): ZoneRow => ({
  id: 'zone-1',
  org: 'demo',
  farmId: 'farm-1',
  fieldId: 'field-1',
  name: 'North 3',
  areaM2: 10_000,
  method: 'sprinkler',
  applicationRateMmH: 10,
  efficiency: 0.8,
  wettedFraction: 1,
  mode: 'auto',
  madFraction: 0.5, // a grower's own line, at 45 of 90 mm; null: as the demand says
  maxDepthMm: 60,
  minMinutes: 15,
  maxMinutes: 300,
  windowFromMin: 240,
  windowToMin: 540,
  controllerId: 'controller-1',
  valve: 'V1',
  pumpId: 'pump-1',
  adjustPercent: 0,
  pausedUntilMs: null,
  dailyMaxLitres: null,
  ...set,
})

/** A grower who has entered only a full strategy. */
export const strategyRow = (set: Partial<StrategyRow> = {}): StrategyRow => ({
  fieldId: 'field-1',
  org: 'demo',
  kind: 'full',
  limits: null,
  riskAversion: null,
  cropPricePerT: null,
  yieldTonsHa: null,
  perRunHa: null,
  currency: null,
  waterEcDsM: null,
  soilEcDsM: null,
  soilEcDay: null,
  ...set,
})

export const pumpRow = (set: Partial<PumpRow> = {}): PumpRow => ({
  id: 'pump-1',
  org: 'demo',
  farmId: 'farm-1',
  name: 'Pump 1',
  capacityLpm: 2_000,
  dailyM3: null,
  maxOpenValves: 4,
  ...set,
})

/** At 20:00 the day before: 40 of 45 mm of readily available water used, 6 mm a day go. */
export const stateRow = (set: Partial<FieldStateRow> = {}): FieldStateRow => ({
  fieldId: 'field-1',
  org: 'demo',
  atMs: at(-4),
  crop: 'soybean',
  stage: 'mid-season',
  depletionMm: 40,
  depletionSdMm: 4,
  tawMm: 90,
  rawMm: 45,
  rootDepthM: 0.6,
  kc: 1.15,
  etcTodayMm: 6,
  etcWholeDayMm: 6,
  rainTodayMm: 0,
  irrigationTodayMm: 0,
  levelMm: null,
  levelAtMs: null,
  heatSumCd: 500,
  heatNext: null,
  freshness: 'ok',
  soil: null,
  inputs: toJson([
    {
      key: 'soil.moisture',
      value: 18,
      unit: '% vol',
      atMs: at(-5),
      depthCm: 30,
      kind: 'measured',
      fresh: 'ok',
    },
  ]),
  ...set,
})

export const runRow = (set: Partial<RunRow> = {}): RunRow => ({
  id: 'run-1',
  org: 'demo',
  farmId: 'farm-1',
  fieldId: 'field-1',
  zoneId: 'zone-1',
  day: '2026-07-24',
  startMs: at(4),
  minutes: 240,
  netMm: 32,
  grossMm: 40,
  litres: null,
  state: 'approved',
  cause: 'balance',
  rainSkip: null,
  decisionId: null,
  planVersion: '1-test',
  actor: 'plan',
  approvedBy: null,
  endReason: null,
  updatedAtMs: at(-4),
  ...set,
})

export const irrigationRow = (set: Partial<IrrigationRow> = {}): IrrigationRow => ({
  id: 'irrigation-1',
  org: 'demo',
  farmId: 'farm-1',
  fieldId: 'field-1',
  zoneId: 'zone-1',
  runId: 'run-0',
  commandId: 'command-0',
  cause: 'balance',
  decisionId: null,
  actor: 'plan:1-test',
  commandedAtMs: at(4),
  commandedMinutes: 240,
  openedAtMs: at(4),
  closedAtMs: at(8),
  ranMs: 240 * 60_000,
  litres: 400_000,
  volumeSource: 'metered',
  grossMm: 40,
  netMm: 32,
  endReason: 'timer',
  failure: null,
  ...set,
})

export const requestRow = (set: Partial<RequestRow> = {}): RequestRow => ({
  deviceId: null,
  id: 'request-1',
  org: 'demo',
  kind: 'stop',
  zoneId: 'zone-1',
  runId: null,
  minutes: null,
  actor: 'user-1',
  atMs: at(5),
  state: 'accepted',
  reason: null,
  resultId: null,
  alertId: null,
  ...set,
})

/** Of the controller as a whole. */
export const alertRow = (set: Partial<AlertRow> = {}): AlertRow => ({
  id: 'alert-1',
  org: 'demo',
  cause: 'valve-fault',
  severity: 'act',
  fieldId: null,
  deviceId: 'controller-1',
  params: toJson({ valve: null, fault: 'overflow' }),
  sinceMs: at(-30),
  clearedMs: null,
  ...set,
})

export const valveRow = (set: Partial<ValveStateRow> = {}): ValveStateRow => ({
  deviceId: 'controller-1',
  valve: 'V1',
  org: 'demo',
  pos: 'closed',
  feedback: null,
  seq: 4,
  ranMs: 0,
  litres: null,
  why: 'timer',
  sess: 'b1.c1.n1',
  reportedAtMs: at(-5),
  heartbeatAtMs: at(-4),
  boundMs: null,
  capMs: null,
  isTimed: null,
  ...set,
})

/** `rain`: mm for the days from 23 July on, as one number (certain) or [10 %, 50 %, 90 %]. */
export const rainForecast = (
  rain: (number | [number, number, number])[],
  set: Partial<ForecastResponse> = {},
): ForecastResponse => ({
  source: 'test',
  issuedMs: at(-5),
  days: rain.map((mm, i) => {
    const [lo, mid, hi] = typeof mm === 'number' ? [mm, mm, mm] : mm
    return {
      day: `2026-07-${23 + i}`,
      tempMinC: 22,
      tempMaxC: 31,
      rainMm: { lo, mid, hi },
      et0Mm: null,
      windMps: null,
    }
  }),
  ...set,
})

export const snapshot = (set: Partial<FarmSnapshot> = {}): FarmSnapshot => ({
  ...emptySnapshot(farmRow),
  fields: [fieldRow()],
  seasons: [seasonRow()],
  zones: [zoneRow()],
  pumps: [pumpRow()],
  states: [stateRow()],
  ...set,
})
