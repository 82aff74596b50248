/**
 * Runs that share one pump, placed in time: never more flow than it gives, never more open valves than it allows,
 * never more water a day than it has, always inside the allowed hours. The most urgent run is placed first, as early
 * as it fits; one that does not fit whole is cut, down to its shortest run, and says what cut it.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { LimitKey } from './keys.ts'

export interface Wanted {
  zoneId: string
  flowLpm: number
  minutes: number
  minMinutes: number
  fromMs: AtMs
  toMs: AtMs
  dueMs: AtMs // the latest safe start; the smallest is the most urgent
  preferredMs: AtMs | null // where it stands in the plan already
}

/** A run that stands: under way, or somebody's own. */
export interface Taken {
  fromMs: AtMs
  toMs: AtMs
  flowLpm: number
}

export interface PumpLimits {
  capacityLpm: number
  maxOpenValves: number
  /** what the pump may still give on the civil day that holds an instant, L; null: no budget */
  litresLeft: (atMs: AtMs) => number | null
  dayOf: (atMs: AtMs) => string
}

export type Packed =
  | { zoneId: string; startMs: AtMs; minutes: number; limit: LimitKey | null }
  | { zoneId: string; startMs: null; limit: LimitKey }

/** Between two runs that cannot flow together: valves answer late, pressure has to settle. */
export const CHANGEOVER_MS = 2 * MINUTE_MS

// a pump rated in whole litres is not exceeded by the last digit of a sum
const SLACK = 1 + 1e-9

/** One answer for each wanted run, most urgent first. Without a pump only the allowed hours bind. */
export function packRuns(
  wanted: readonly Wanted[],
  pump: PumpLimits | null,
  taken: readonly Taken[],
): Packed[] {
  const placed = [...taken]
  const givenLitres = new Map<string, number>()
  const inOrder = [...wanted].sort((a, b) => a.dueMs - b.dueMs || (a.zoneId < b.zoneId ? -1 : 1))
  return inOrder.map((run) => {
    if (pump && run.flowLpm > pump.capacityLpm * SLACK)
      return { zoneId: run.zoneId, startMs: null, limit: 'pump-too-small' }
    const slot = bestSlot(run, pump, placed, givenLitres)
    if (slot.minutes < run.minMinutes || slot.startMs === null)
      return { zoneId: run.zoneId, startMs: null, limit: slot.limit ?? 'window' }
    const { startMs, minutes, limit } = slot
    placed.push({ fromMs: startMs, toMs: startMs + minutes * MINUTE_MS, flowLpm: run.flowLpm })
    if (pump) {
      const day = pump.dayOf(startMs)
      givenLitres.set(day, (givenLitres.get(day) ?? 0) + minutes * run.flowLpm)
    }
    return { zoneId: run.zoneId, startMs, minutes, limit }
  })
}

type Slot = { startMs: AtMs | null; minutes: number; limit: LimitKey | null }

/** Where it stands already, else the earliest start that holds the whole run, else the one that holds the most of it. */
function bestSlot(
  run: Wanted,
  pump: PumpLimits | null,
  placed: readonly Taken[],
  givenLitres: ReadonlyMap<string, number>,
): Slot {
  const starts = [run.fromMs, ...placed.map((other) => other.toMs + CHANGEOVER_MS)]
    .map(wholeMinute)
    .filter((atMs) => atMs >= run.fromMs && atMs < run.toMs)
    .sort((a, b) => a - b)
  if (run.preferredMs !== null && run.preferredMs >= run.fromMs && run.preferredMs < run.toMs)
    starts.unshift(run.preferredMs)
  let best: Slot = { startMs: null, minutes: 0, limit: 'window' }
  for (const startMs of starts) {
    const slot = slotAt(startMs, run, pump, placed, givenLitres)
    if (slot.minutes >= run.minutes) return { ...slot, limit: null }
    if (slot.minutes > best.minutes || best.startMs === null) best = slot
  }
  return best
}

function slotAt(
  startMs: AtMs,
  run: Wanted,
  pump: PumpLimits | null,
  placed: readonly Taken[],
  givenLitres: ReadonlyMap<string, number>,
): Slot {
  let slot: Slot = { startMs, minutes: run.minutes, limit: null }
  const cutTo = (most: number, limit: LimitKey): void => {
    const minutes = Math.max(0, Math.floor(most + 1e-9))
    if (minutes < slot.minutes) slot = { startMs, minutes, limit }
  }
  cutTo((run.toMs - startMs) / MINUTE_MS, 'window')
  if (!pump) return slot
  const leftLitres = pump.litresLeft(startMs)
  if (leftLitres !== null)
    cutTo((leftLitres - (givenLitres.get(pump.dayOf(startMs)) ?? 0)) / run.flowLpm, 'pump-budget')
  cutTo((fullFromMs(startMs, run, pump, placed) - startMs) / MINUTE_MS, 'pump-full')
  return slot
}

/** The first instant at or after `startMs` at which the pump has no room for this run beside the others. */
function fullFromMs(startMs: AtMs, run: Wanted, pump: PumpLimits, placed: readonly Taken[]): AtMs {
  const changes = [startMs, ...placed.map((other) => other.fromMs - CHANGEOVER_MS)]
    .filter((atMs) => atMs >= startMs)
    .sort((a, b) => a - b)
  for (const atMs of changes) {
    const beside = placed.filter(
      (other) => other.fromMs - CHANGEOVER_MS <= atMs && atMs < other.toMs + CHANGEOVER_MS,
    )
    const flowLpm = beside.reduce((sum, other) => sum + other.flowLpm, run.flowLpm)
    const isFull = flowLpm > pump.capacityLpm * SLACK || beside.length + 1 > pump.maxOpenValves
    if (isFull) return atMs
  }
  return Infinity
}

const wholeMinute = (atMs: AtMs): AtMs => Math.ceil(atMs / MINUTE_MS) * MINUTE_MS
