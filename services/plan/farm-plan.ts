/**
 * The plan of one farm: what every field needs, what the pumps can give, and what is said of it. Pure: the same rows at
 * the same instant are the same plan.
 */
import { addDays, dayOf, startOfDay, type AtMs } from '../../broker/contract/time.ts'
import type { PumpRow, ZoneRow } from '../tables.ts'
import { adviceOf, type FieldAdvice, type ZoneOutcome } from './advice.ts'
import { shutBy, silenceOf } from './blocked.ts'
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
  const outcomes = needs.map((need) => outcomeOf(farm, need, packed, times))
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

/** A zone that is off, paused, busy or cannot open its valve gets no run, whatever its field needs. */
export const mayRun = (farm: FarmSnapshot, zone: ZoneRow, nowMs: AtMs): boolean =>
  zone.mode !== 'off' &&
  !isPaused(zone, nowMs) &&
  shutBy(farm.alerts, zone) === null &&
  !farm.runs.some((run) => run.zoneId === zone.id && isUnderWay(run, nowMs, farm))

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
    const taken = pump ? takenBy(zones, farm, nowMs) : []
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

function outcomeOf(
  farm: FarmSnapshot,
  need: ZoneNeed,
  packed: ReadonlyMap<string, Packed>,
  times: PlanTimes,
): ZoneOutcome {
  const { zone, size } = need
  if (!zone) return { need, run: null, noRoom: null, block: null, flowing: null }
  const underWay = farm.runs.find((run) => run.zoneId === zone.id && isUnderWay(run, times.nowMs, farm))
  const flowing = underWay && underWay !== need.heldUp ? underWay : null
  // where no run is long enough, the valve is not what is in the way
  const block = size && size.minutes > 0 ? (shutBy(farm.alerts, zone) ?? silenceOf(farm, zone, times)) : null
  const answer = packed.get(zone.id)
  if (!size || !answer) {
    const noWindow = size && need.window === null ? 'window' : null
    const noRoom = noWindow ?? (size?.minutes === 0 ? size.limit : null)
    return { need, run: null, noRoom, block, flowing }
  }
  if (answer.startMs === null) return { need, run: null, noRoom: answer.limit, block, flowing }
  const { startMs, minutes } = answer
  const limit = answer.limit ?? size.limit
  const run = { zoneId: zone.id, startMs, limit, ...sizeOf(zone, minutes) }
  return { need, run, noRoom: null, block, flowing }
}
