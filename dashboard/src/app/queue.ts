/**
 * Counts, notes, work, water by hand, loads, sprays that are over and yeses to planned runs, on their way to the server: what an item
 * is, how it is sent, and what becomes of it. An order to a valve is never one of them.
 */
import type {
  NewFieldWork,
  NewIrrigation,
  NewLoad,
  PastTreatment,
  PlanView,
} from '../../../services/api/schemas.ts'
import { DAY_MS } from '../../../broker/contract/time.ts'
import type { Failure } from '../api/request.ts'

/** What a person saw or did; work, water, loads and sprays have a day of their own. */
export type Entry =
  | { kind: 'count'; subject: string; where: 'trap' | 'plants'; count: number }
  | { kind: 'note'; text: string }
  | { kind: 'work'; work: Omit<NewFieldWork, 'idem'> }
  | { kind: 'water'; water: Omit<NewIrrigation, 'idem'> }
  | { kind: 'load'; load: NewLoad }
  | { kind: 'spray'; spray: Omit<PastTreatment, 'idem'> }
  | { kind: 'approve'; run: ShownRun }

/** A planned run as it stands before the person who says yes to it. */
export type ShownRun = Pick<
  PlanView['runs'][number],
  'id' | 'fieldId' | 'fieldName' | 'atMs' | 'minutes' | 'grossMm'
>

export interface QueueItem {
  id: string // the key by which the server knows it again
  owner: string // the organisation and the person: nobody else sees or sends it
  fieldId: string
  fieldName: string
  seen: Entry
  atMs: number // by the farm's clock
  madeMs: number // by the phone's
  state: 'waiting' | 'sent' | 'refused'
  reason: string | null // of a refusal: a code of the API; of a yes, what the server or this phone said of it
  params?: Record<string, string | number | null> // what its sentence speaks of
  sentMs: number | null // when the server said that it has it, by the phone's clock
  receivedMs: number | null // the same by the farm's
  isOut?: true // of a yes: it may have reached the server, which alone knows what came of it
}

const COPY_MS = 14 * DAY_MS

/** A copy of what the server has goes after a fortnight; what it has not never goes by itself. */
export const isExpiredCopy = ({ state, sentMs }: QueueItem, nowMs: number): boolean =>
  state === 'sent' && sentMs !== null && nowMs - sentMs > COPY_MS

type Unsent = Pick<QueueItem, 'id' | 'fieldId' | 'seen'> & { atMs?: number | undefined } // no `atMs`: it is said now
/** Where an item is sent, and how. */
export function requestOf({ id: idem, fieldId, seen, atMs }: Unsent): { path: string; body: object } {
  const field = `/api/fields/${encodeURIComponent(fieldId)}`
  if (seen.kind === 'work') return { path: '/api/field-work', body: { idem, ...seen.work } }
  if (seen.kind === 'water') return { path: '/api/irrigations', body: { idem, ...seen.water } }
  if (seen.kind === 'spray') return { path: '/api/treatments/past', body: { idem, ...seen.spray } }
  if (seen.kind === 'load') return { path: `${field}/loads`, body: { ...seen.load, idem } }
  if (seen.kind === 'approve') {
    // the server refuses a run that has become another; of a yes that has waited, also one whose time has come
    const { id, atMs: startMs, minutes } = seen.run
    const path = `/api/runs/${encodeURIComponent(id)}/approve`
    return { path, body: { idem, seen: { startMs, minutes }, decidedOfflineAtMs: atMs } }
  }
  if (seen.kind === 'note') return { path: `${field}/notes`, body: { idem, atMs, text: seen.text } }
  const { subject, where, count } = seen
  return { path: `${field}/counts`, body: { idem, atMs, subject, where, count } }
}

/** A yes whose run was to begin by now, and which has not left this phone: it goes nowhere. */
export const isExpiredApproval = ({ seen, isOut }: QueueItem, nowMs: number): boolean =>
  seen.kind === 'approve' && !isOut && seen.run.atMs <= nowMs

/** The newest yes to a run that this phone keeps. */
export const queuedApproval = (items: readonly QueueItem[], runId: string): QueueItem | undefined =>
  items.findLast(({ seen }) => seen.kind === 'approve' && seen.run.id === runId)

/** Whether a failure is the server's last word; else the item waits for a better moment. */
export const isFinalRefusal = (failure: Failure): failure is Failure & { kind: 'refused' } =>
  failure.kind === 'refused' && failure.status < 500 && failure.status !== 429 && failure.status !== 408

/** The newest count of an insect in a field that the server may not show yet. */
export const pendingCount = (
  items: readonly QueueItem[],
  fieldId: string,
  subject: string,
  where: 'trap' | 'plants',
): QueueItem | undefined =>
  items.findLast(
    ({ state, fieldId: field, seen }) =>
      state !== 'sent' &&
      field === fieldId &&
      seen.kind === 'count' &&
      seen.subject === subject &&
      seen.where === where,
  )
