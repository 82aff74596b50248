/** The state of the shared water during planning: the load of each resource, its quotas, the dosing units. */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { LimitKey } from '../message-keys.ts'
import type { Job, Problem, Quota, Resource, Span } from './types.ts'

// rounding of a sum must not exceed a pump rated in whole litres
const SLACK = 1 + 1e-9

/** Piecewise constant: from `atMs[i]` on there flow `flowLpm[i]` through `open[i]` valves. */
interface Load {
  resource: Resource
  atMs: AtMs[]
  flowLpm: number[]
  open: number[]
  quotas: { quota: Quota; leftLitres: number }[]
}

/** An opening of a zone with a dosing unit, and the part of it in which fertiliser flows. */
interface DosedOpening {
  jobId: string | null
  whole: Span
  feed: Span | null
  order: number | null
}

export interface Water {
  loads: Map<string, Load>
  units: Map<string, DosedOpening[]>
}

/** The water with its fixed flows. */
export function createWater(problem: Problem): Water {
  const water: Water = { loads: new Map(), units: new Map() }
  for (const resource of problem.resources)
    water.loads.set(resource.id, {
      resource,
      atMs: [-Infinity],
      flowLpm: [0],
      open: [0],
      quotas: resource.quotas.map((quota) => ({ quota, leftLitres: quota.litres })),
    })
  for (const flow of problem.fixedFlows) {
    for (const id of flow.path) {
      const load = water.loads.get(id)
      if (load) addFlow(load, flow, flow.flowLpm)
    }
    // its fertiliser is unknown: no other zone of the unit is open at the same time
    if (flow.unitId !== null)
      dosedOpenings(water, flow.unitId).push({ jobId: null, whole: flow, feed: flow, order: null })
  }
  return water
}

/** Adds an opening to the loads of its pump and mains, and to their quotas. */
export function allocate(water: Water, job: Job, opening: Span): void {
  for (const id of job.path) {
    const load = water.loads.get(id)
    if (!load) continue
    addFlow(load, opening, job.flowLpm)
    const litres = ((opening.toMs - opening.fromMs) / MINUTE_MS) * job.flowLpm
    for (const entry of load.quotas) if (contains(entry.quota, opening.fromMs)) entry.leftLitres -= litres
  }
  if (job.dosing)
    dosedOpenings(water, job.dosing.unitId).push({
      jobId: job.id,
      whole: opening,
      feed: feedingSpan(job, opening),
      order: job.dosing.order,
    })
}

export interface Room {
  minutes: number
  limit: LimitKey | null // the limit that ends it
}

/**
 * The length of an opening that starts then, up to `wanted` minutes. `heldLitres`: of the job's own dose,
 * earlier.
 */
export function roomAt(
  water: Water,
  job: Job,
  startMs: AtMs,
  wantedMinutes: number,
  heldLitres: number,
): Room {
  const room: Room = { minutes: wantedMinutes, limit: null }
  const cutTo = (maxLpm: number, limit: LimitKey): void => {
    const minutes = Math.max(0, Math.floor(maxLpm + 1e-9))
    if (minutes >= room.minutes) return
    room.minutes = minutes
    room.limit = limit
  }
  for (const id of job.path) {
    const load = water.loads.get(id)
    // an unknown pump delivers nothing
    if (!load) return { minutes: 0, limit: 'pump-too-small' }
    for (const { quota, leftLitres } of load.quotas)
      if (contains(quota, startMs)) cutTo((leftLitres - heldLitres) / job.flowLpm, quota.limit)
    const untilMs = startMs + room.minutes * MINUTE_MS + load.resource.changeoverMs
    const fullMs = fullFromMs(load, startMs, untilMs, job.flowLpm)
    if (fullMs < untilMs) cutTo((fullMs - load.resource.changeoverMs - startMs) / MINUTE_MS, 'pump-full')
    if (room.minutes === 0) return room
  }
  if (job.dosing) cutTo((dosingRoomUntil(water, job, startMs) - startMs) / MINUTE_MS, 'fertigation')
  return room
}

/** Instants at which the water available to a job changes: candidates for its start, and `ends` for its end. */
export function changesFor(water: Water, job: Job): { starts: AtMs[]; ends: AtMs[] } {
  const starts: AtMs[] = []
  const ends: AtMs[] = []
  for (const id of job.path) {
    const load = water.loads.get(id)
    if (!load) continue
    for (const atMs of load.atMs) {
      if (atMs === -Infinity) continue
      starts.push(atMs)
      ends.push(atMs - load.resource.changeoverMs)
    }
    for (const { quota } of load.quotas) starts.push(quota.fromMs, quota.toMs)
  }
  if (job.dosing)
    for (const dosed of water.units.get(job.dosing.unitId) ?? []) {
      starts.push(dosed.whole.toMs, dosed.whole.toMs - job.dosing.leadMinutes * MINUTE_MS)
      ends.push(dosed.whole.fromMs, dosed.whole.fromMs + job.dosing.flushMinutes * MINUTE_MS)
      if (dosed.feed) {
        starts.push(dosed.feed.toMs)
        ends.push(dosed.feed.fromMs)
      }
    }
  return { starts, ends }
}

/** Whether a pump or main of the job cannot deliver its flow at all. */
export const exceedsCapacity = (water: Water, job: Job): boolean =>
  job.path.some((id) => {
    const resource = water.loads.get(id)?.resource
    return !resource || job.flowLpm > resource.capacityLpm * SLACK || resource.maxOpen < 1
  })

/** The part of an opening in which fertiliser flows; null: in none. */
function feedingSpan({ dosing }: Job, { fromMs, toMs }: Span): Span | null {
  if (!dosing || dosing.order === null) return null
  return { fromMs: fromMs + dosing.leadMinutes * MINUTE_MS, toMs: toMs - dosing.flushMinutes * MINUTE_MS }
}

/** The latest end of an opening that starts then, given the others of its dosing unit. */
function dosingRoomUntil(water: Water, job: Job, startMs: AtMs): AtMs {
  const { unitId, leadMinutes, flushMinutes, order } = job.dosing!
  const feedsFromMs = startMs + leadMinutes * MINUTE_MS
  let untilMs = Infinity
  for (const other of water.units.get(unitId) ?? []) {
    if (other.jobId === job.id) continue
    const isBefore =
      (order === null || feedsFromMs >= other.whole.toMs) && (!other.feed || startMs >= other.feed.toMs)
    const mustBe = order === null || other.order === null ? 0 : Math.sign(other.order - order)
    if (isBefore && mustBe <= 0) continue
    if (mustBe < 0) return startMs
    if (order !== null) untilMs = Math.min(untilMs, other.whole.fromMs + flushMinutes * MINUTE_MS)
    if (other.feed) untilMs = Math.min(untilMs, other.feed.fromMs)
  }
  return untilMs
}

const contains = ({ fromMs, toMs }: Span, atMs: AtMs): boolean => fromMs <= atMs && atMs < toMs

function dosedOpenings(water: Water, unitId: string): DosedOpening[] {
  if (!water.units.has(unitId)) water.units.set(unitId, [])
  return water.units.get(unitId)!
}

function addFlow(load: Load, { fromMs, toMs }: Span, flowLpm: number): void {
  const first = breakAt(load, fromMs)
  const last = breakAt(load, toMs + load.resource.changeoverMs)
  for (let i = first; i < last; i++) {
    load.flowLpm[i]! += flowLpm
    load.open[i]! += 1
  }
}

/** The first instant from then on, before `untilMs`, without room for the flow; else `untilMs`. */
function fullFromMs(
  { resource, atMs, flowLpm, open }: Load,
  fromMs: AtMs,
  untilMs: AtMs,
  extraLpm: number,
): AtMs {
  const maxLpm = resource.capacityLpm * SLACK - extraLpm
  for (let i = pieceAt(atMs, fromMs); i < atMs.length && atMs[i]! < untilMs; i++)
    if (flowLpm[i]! > maxLpm || open[i]! >= resource.maxOpen) return Math.max(atMs[i]!, fromMs)
  return untilMs
}

/** The index of a piece that begins exactly then; inserted where there is none. */
function breakAt(load: Load, atMs: AtMs): number {
  const i = pieceAt(load.atMs, atMs)
  if (load.atMs[i] === atMs) return i
  load.atMs.splice(i + 1, 0, atMs)
  load.flowLpm.splice(i + 1, 0, load.flowLpm[i]!)
  load.open.splice(i + 1, 0, load.open[i]!)
  return i + 1
}

/** The index of the piece that holds an instant. */
function pieceAt(atMs: readonly AtMs[], whenMs: AtMs): number {
  let lo = 0
  let hi = atMs.length - 1
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1
    if (atMs[mid]! <= whenMs) lo = mid
    else hi = mid - 1
  }
  return lo
}
