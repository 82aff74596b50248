/** The plan of one day: runs in order, and the remaining capacity of each pump. */
import { HOUR_MS, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { accountedLitres } from '../../domain/volume-accounting.ts'
import type { IrrigationRow, PumpRow, RunRow, ZoneRow } from '../../tables.ts'
import { VALVE_TEST } from '../../domain/manual-water.ts'
import { supplyChain } from '../../domain/water-supply.ts'
import type { PlanView } from '../irrigation/plan-schemas.ts'
import { rainSkipView } from './field-card-view.ts'
import { beganMs, runCut, runRecord, type LaterRun, type RunStop } from '../irrigation/run-record-view.ts'

export interface PlanRows {
  day: Day
  timeZone: string
  nowMs: AtMs
  speed: number
  pumps: PumpRow[]
  zones: ZoneRow[]
  fieldNames: ReadonlyMap<string, string>
  runs: RunRow[] // of the day, and those of the day before that reach into it
  irrigations: IrrigationRow[] // of these runs
  unplanned: IrrigationRow[] // of the day: by hand, or without a recorded command
  stops: readonly RunStop[] // of people, around these runs, oldest first
  given: Pick<PlanView, 'night' | 'eveningLitres' | 'given'>
  /** The water of the day, as in `given`, of some zones. */
  givenBy: (isCounted: (zoneId: string) => boolean) => PlanView['noPump']
  later: readonly LaterRun[] // the newest of each zone, including later days
}

const overStates = new Set(['done', 'skipped', 'failed', 'cancelled'])

/**
 * Runs in litres. The water of a zone counts for its pump and each main above. What a pump gave is by the hours of the day,
 * as in `given`; what it used is against its limit, which counts the water of a run on the day on which it begins. A run
 * that has opened has the time at which it did.
 */
export function planView(rows: PlanRows): PlanView {
  const zoneById = new Map(rows.zones.map((zone) => [zone.id, zone]))
  const recordsOf = (run: RunRow) => rows.irrigations.filter((record) => record.runId === run.id)
  const plannedM3 = (run: RunRow) =>
    (run.litres ?? run.grossMm * (zoneById.get(run.zoneId)?.areaM2 ?? 0)) / 1000
  /** The planned volume, and the volume by open time at the rate of the zone. */
  const litresOf = (run: RunRow, records: readonly IrrigationRow[]) => {
    const zone = zoneById.get(run.zoneId)
    const openMs = records.reduce((total, { ranMs }) => total + ranMs, 0)
    const isSure =
      records.length > 0 && records.every(({ ranMs, closedAtMs }) => ranMs === 0 || closedAtMs !== null)
    return {
      plannedLitres: plannedM3(run) * 1000,
      confirmedLitres: zone && isSure ? (zone.applicationRateMmH * zone.areaM2 * openMs) / HOUR_MS : null,
    }
  }
  // the water of a zone passes its pump and every main above it
  const pathByZone = new Map(rows.zones.map((zone) => [zone.id, supplyChain(rows, zone)]))
  const passes = (zoneId: string, pumpId: string) => pathByZone.get(zoneId)?.includes(pumpId) ?? false
  /** What a run of the day has yet to give. */
  const aheadM3 = (run: RunRow): number => {
    if (overStates.has(run.state)) return 0
    const zone = zoneById.get(run.zoneId)
    const gave = zone ? sum(recordsOf(run).map((record) => accountedLitres(record, zone))) / 1000 : 0
    return Math.max(0, plannedM3(run) - gave)
  }
  const ofDay = rows.runs.filter(({ day }) => day === rows.day)
  const ofDayIds = new Set(ofDay.map(({ id }) => id))
  const used = [...rows.irrigations.filter(({ runId }) => ofDayIds.has(runId)), ...rows.unplanned].flatMap(
    (record) => {
      const zone = zoneById.get(record.zoneId)
      return zone ? [{ zone, litres: accountedLitres(record, zone), isUnknown: record.litres === null }] : []
    },
  )
  /**
   * As dispatch counts it against the limits of the pump: unknown volumes are included at their upper bound
   * and counted.
   */
  const usedOf = (pumpId: string) => {
    const pumpUse = used.filter(({ zone }) => passes(zone.id, pumpId))
    return {
      usedM3: sum(pumpUse.map(({ litres }) => litres)) / 1000,
      unknownRuns: pumpUse.filter(({ isUnknown, litres }) => isUnknown && litres > 0).length,
    }
  }
  return {
    clock: { nowMs: rows.nowMs, speed: rows.speed },
    timeZone: rows.timeZone,
    day: rows.day,
    ...rows.given,
    noPump: rows.givenBy((zoneId) => !rows.pumps.some(({ id }) => passes(zoneId, id))),
    pumps: rows.pumps.map(({ id, name, capacityLpm, dailyM3 }) => ({
      id,
      name,
      capacityLpm,
      dailyM3,
      given: rows.givenBy((zoneId) => passes(zoneId, id)),
      aheadM3: sum(ofDay.filter((run) => passes(run.zoneId, id)).map(aheadM3)),
      ...usedOf(id),
    })),
    runs: rows.runs.map((run) => ({
      id: run.id,
      day: run.day,
      fieldId: run.fieldId,
      fieldName: rows.fieldNames.get(run.fieldId) ?? '',
      zoneId: run.zoneId,
      zoneName: zoneById.get(run.zoneId)?.name ?? '',
      atMs: beganMs(run, recordsOf(run)),
      minutes: run.minutes,
      netMm: run.netMm,
      grossMm: run.grossMm,
      state: run.state,
      cause: run.cause,
      isTest: run.planVersion === VALVE_TEST,
      rainSkip: rainSkipView(run),
      endReason: run.endReason,
      ...runRecord(run, recordsOf(run), rows.later),
      ...runCut(run, recordsOf(run), rows.stops),
      ...litresOf(run, recordsOf(run)),
      decisionId: run.decisionId,
    })),
  }
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
