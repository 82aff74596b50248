/**
 * Entries on their way to the server (counts, notes, work, irrigation by hand, loads, past sprays and approvals of planned
 * runs): the item in the queue, its request, and its outcome. Commands to valves are never queued.
 */
import type {
  NewFieldWork,
  NewIrrigation,
  NewLoad,
  PastTreatment,
  PlanView,
} from '../../../services/api/schemas.ts'
import { DAY_MS } from '../../../broker/contract/time.ts'
import type { Failure } from './request.svelte.ts'

/** An observation or action of a person. Work, irrigation, loads and sprays have their own day. */
export type Entry =
  | { kind: 'count'; subject: string; where: 'trap' | 'plants'; count: number }
  | { kind: 'note'; text: string; photo?: NotePhoto }
  | { kind: 'work'; work: Omit<NewFieldWork, 'idem'> }
  | { kind: 'water'; water: Omit<NewIrrigation, 'idem'> }
  | { kind: 'load'; load: NewLoad }
  | { kind: 'spray'; spray: Omit<PastTreatment, 'idem'> }
  | { kind: 'approve'; run: ShownRun }

/** A photo of a note, shrunk on the phone, so that it can wait there. */
export type NotePhoto = { thumbnail: string; picture: string; takenMs: number }

/** A planned run as the person saw it when approving it. */
export type ShownRun = Pick<
  PlanView['runs'][number],
  'id' | 'fieldId' | 'fieldName' | 'atMs' | 'minutes' | 'grossMm'
>

export interface QueueItem {
  id: string // the idempotency key
  owner: string // organisation and person: only this person sees and sends it
  fieldId: string
  fieldName: string
  entry: Entry
  atMs: number // by the farm's clock
  createdMs: number // by the phone's
  state: 'waiting' | 'sent' | 'refused'
  reason: string | null // of a refusal: a code of the API; of a refused approval, a refusal key
  params?: Record<string, string | number | null> // for the text of the reason
  sentMs: number | null // when the server confirmed it, by the phone's clock
  receivedMs: number | null // the same by the farm's clock
  wasSent?: true // of an approval: it may have reached the server, and only the server has its outcome
}

const COPY_MS = 14 * DAY_MS

/** A copy of a sent entry is deleted after 14 days; an unsent entry is never deleted by itself. */
export const isExpiredCopy = ({ state, sentMs }: QueueItem, nowMs: number): boolean =>
  state === 'sent' && sentMs !== null && nowMs - sentMs > COPY_MS

type Unsent = Pick<QueueItem, 'id' | 'fieldId' | 'entry'> & { atMs?: number | undefined } // no `atMs`: decided now
/** The request that sends an item. */
export function requestOf({ id: idem, fieldId, entry, atMs }: Unsent): { path: string; body: object } {
  const field = `/api/fields/${encodeURIComponent(fieldId)}`
  if (entry.kind === 'work') return { path: '/api/field-work', body: { idem, ...entry.work } }
  if (entry.kind === 'water') return { path: '/api/irrigations', body: { idem, ...entry.water } }
  if (entry.kind === 'spray') return { path: '/api/treatments/past', body: { idem, ...entry.spray } }
  if (entry.kind === 'load') return { path: `${field}/loads`, body: { ...entry.load, idem } }
  if (entry.kind === 'approve') {
    // the server refuses a run that has changed, and an offline approval whose run should have started
    const { id, atMs: startMs, minutes } = entry.run
    const path = `/api/runs/${encodeURIComponent(id)}/approve`
    return { path, body: { idem, seen: { startMs, minutes }, decidedOfflineAtMs: atMs } }
  }
  if (entry.kind === 'note') return { path: `${field}/notes`, body: { idem, atMs, text: entry.text } }
  const { subject, where, count } = entry
  return { path: `${field}/scouting-counts`, body: { idem, atMs, subject, where, count } }
}

/** The request that adds an item's photo once the server has the item; null without a photo. */
export function photoRequestOf({
  id,
  entry,
}: Pick<QueueItem, 'id' | 'entry'>): { path: string; body: object } | null {
  if (entry.kind !== 'note' || !entry.photo) return null
  return { path: `/api/notes/${encodeURIComponent(id)}/photos`, body: entry.photo }
}

/** An approval that has not left this phone, and whose run should have started: it is not sent. */
export const isExpiredApproval = ({ entry, wasSent }: QueueItem, nowMs: number): boolean =>
  entry.kind === 'approve' && !wasSent && entry.run.atMs <= nowMs

/** The newest queued approval of a run. */
export const queuedApproval = (items: readonly QueueItem[], runId: string): QueueItem | undefined =>
  items.findLast(({ entry }) => entry.kind === 'approve' && entry.run.id === runId)

/** Whether the server will never accept the request; otherwise the item is sent again. */
export const isFinalRefusal = (failure: Failure): failure is Failure & { kind: 'refused' } =>
  failure.kind === 'refused' && failure.status < 500 && failure.status !== 429 && failure.status !== 408

/** The newest count of an insect in a field that the server may not have yet. */
export const pendingCount = (
  items: readonly QueueItem[],
  fieldId: string,
  subject: string,
  where: 'trap' | 'plants',
): QueueItem | undefined =>
  items.findLast(
    ({ state, fieldId: field, entry }) =>
      state !== 'sent' &&
      field === fieldId &&
      entry.kind === 'count' &&
      entry.subject === subject &&
      entry.where === where,
  )
