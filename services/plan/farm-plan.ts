/**
 * The plan of one farm: what every field needs, what the pumps can give, and what is said of it. Pure: the same rows at
 * the same instant are the same plan.
 */
import { addDays, dayOf, startOfDay, type AtMs } from '../../broker/contract/time.ts'
import type { PumpRow, ZoneRow } from '../tables.ts'
import { adviceOf, type FieldAdvice, type ZoneOutcome } from './advice.ts'
import { isPaused, zoneNeed, type PlanTimes, type ZoneNeed } from './field-plan.ts'
import type { UnknownKey } from './keys.ts'
import { packRuns, type Packed, type PumpLimits, type Wanted } from './pump-packing.ts'
import { flowLpm, sizeOf } from './run-size.ts'
import type { FarmSnapshot } from './snapshot.ts'
import { isUnderWay, litresOn, takenBy } from './under-way.ts'

export interface FarmPlan {
  advice: FieldAdvice[]
  outcomes: ZoneOutcome[]
}

export function planFarm(farm: FarmSnapshot, times: PlanTimes): FarmPlan {
  const unknown = new Map<string, UnknownKey>()
  const needs: ZoneNeed[] = []
  for (const field of farm.fields) {
    const season = farm.seasons.find((row) => row.fieldId === field.id)
    if (!season) continue
    const zones = farm.zones.filter((zone) => zone.fieldId === field.id)
    for (const zone of zones.length > 0 ? zones : [null]) {
      const need = zoneNeed(farm, field, season, zone, times)
      if (need.ok) needs.push(need.value)
      else unknown.set(field.id, need.error)
    }
  }
  const packed = pack(farm, needs, times.nowMs)
  const outcomes = needs.map((need) => outcomeOf(need, packed))
  const advice = farm.fields.map((field) =>
    adviceOf(farm, field, {
      isInSeason: farm.seasons.some((row) => row.fieldId === field.id),
      unknown: unknown.get(field.id) ?? null,
      outcomes: outcomes.filter((outcome) => outcome.need.field.id === field.id),
      nowMs: times.nowMs,
    }),
  )
  return { advice, outcomes }
}

/** A zone that is off, paused or busy gets no run, whatever its field needs. */
export const mayRun = (farm: FarmSnapshot, zone: ZoneRow, nowMs: AtMs): boolean =>
  zone.mode !== 'off' &&
  !isPaused(zone, nowMs) &&
  !farm.runs.some((run) => run.zoneId === zone.id && isUnderWay(run, nowMs))

function pack(farm: FarmSnapshot, needs: readonly ZoneNeed[], nowMs: AtMs): Map<string, Packed> {
  const byPump = new Map<string | null, Wanted[]>()
  for (const need of needs) {
    const { zone, window, size } = need
    if (!zone || !window || !size || size.minutes === 0 || !mayRun(farm, zone, nowMs)) continue
    const wanted: Wanted = {
      zoneId: zone.id,
      flowLpm: flowLpm(zone),
      minutes: size.minutes,
      minMinutes: zone.minMinutes,
      fromMs: window.fromMs,
      toMs: window.toMs,
      dueMs: need.need.dueMs ?? window.toMs,
      preferredMs: need.standing?.startMs ?? null,
    }
    byPump.set(zone.pumpId, [...(byPump.get(zone.pumpId) ?? []), wanted])
  }
  const packed = new Map<string, Packed>()
  for (const [pumpId, wanted] of byPump) {
    const pump = pumpId === null ? null : pumpLimits(farm, pumpId, nowMs)
    const zones = farm.zones.filter((zone) => zone.pumpId === pumpId)
    const taken = pump ? takenBy(zones, farm.runs, nowMs) : []
    for (const answer of packRuns(wanted, pump, taken)) packed.set(answer.zoneId, answer)
  }
  return packed
}

function pumpLimits(farm: FarmSnapshot, pumpId: string, nowMs: AtMs): PumpLimits {
  const { timeZone } = farm.farm
  // a pump that is not known gives nothing
  const pump: Pick<PumpRow, 'capacityLpm' | 'maxOpenValves' | 'dailyM3'> = farm.pumps.find(
    (row) => row.id === pumpId,
  ) ?? { capacityLpm: 0, maxOpenValves: 0, dailyM3: null }
  const zones = farm.zones.filter((zone) => zone.pumpId === pumpId)
  const usedLitres = new Map<string, number>()
  const usedOn = (day: string): number => {
    if (!usedLitres.has(day)) {
      const fromMs = startOfDay(day, timeZone)
      const toMs = startOfDay(addDays(day, 1), timeZone)
      usedLitres.set(
        day,
        litresOn((atMs) => atMs >= fromMs && atMs < toMs, zones, { ...farm, nowMs }),
      )
    }
    return usedLitres.get(day)!
  }
  const civilDay = (atMs: AtMs): string => dayOf(atMs, timeZone)
  return {
    capacityLpm: pump.capacityLpm,
    maxOpenValves: pump.maxOpenValves,
    dayOf: civilDay,
    litresLeft: (atMs) => (pump.dailyM3 === null ? null : pump.dailyM3 * 1000 - usedOn(civilDay(atMs))),
  }
}

function outcomeOf(need: ZoneNeed, packed: ReadonlyMap<string, Packed>): ZoneOutcome {
  const { zone, size } = need
  const answer = zone ? packed.get(zone.id) : undefined
  if (!zone || !size || !answer) {
    const noWindow = zone && size && need.window === null ? 'window' : null
    return { need, run: null, noRoom: noWindow ?? (size?.minutes === 0 ? size.limit : null) }
  }
  if (answer.startMs === null) return { need, run: null, noRoom: answer.limit }
  const { startMs, minutes } = answer
  const limit = answer.limit ?? size.limit
  return { need, noRoom: null, run: { zoneId: zone.id, startMs, limit, ...sizeOf(zone, minutes) } }
}
