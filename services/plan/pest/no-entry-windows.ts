/**
 * When a sprayed field is restricted: no sprinkler until the spray is rain-fast, no manual valve until re-entry
 * is allowed. Missing figures of a label are taken as the longest that labels commonly have. Pure.
 */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { TreatmentState, ZoneRow } from '../../tables.ts'
import { rowsBy } from '../group-rows.ts'
import { DRYING_H, UNKNOWN_RAIN_FAST_H } from './spray-limits.ts'

export interface RestrictingTreatment {
  id: string
  fieldId: string
  state: TreatmentState
  fromMs: AtMs
  toMs: AtMs
  rainFastHours: number | null
  reiHours: number | null
  /** a part of the field with its own restrictions */
  isPartAlone?: boolean
}

export interface NoEntryWindow {
  fieldId: string
  treatmentId: string
  fromMs: AtMs
  toMs: AtMs // exclusive
  /** the restricted valves: sprinklers, or valves that a person opens in the field */
  restricts: 'sprinklers' | 'manual-work'
}

/** Without a figure re-entry is allowed after a day. */
const UNKNOWN_REI_H = 24

/** Confirmed and completed treatments. A draft restricts nothing. */
export const noEntryWindows = (treatments: readonly RestrictingTreatment[]): NoEntryWindow[] =>
  treatments
    .filter(({ state }) => state === 'confirmed' || state === 'done' || state === 'recorded')
    .flatMap(({ id, fieldId, fromMs, toMs, rainFastHours, reiHours, isPartAlone }) => [
      {
        fieldId,
        treatmentId: id,
        restricts: 'sprinklers' as const,
        // leaves must be dry when it begins
        fromMs: fromMs - DRYING_H * HOUR_MS,
        toMs: toMs + (rainFastHours ?? UNKNOWN_RAIN_FAST_H) * HOUR_MS,
      },
      // sprinklers wet the part with the rest; a valve in the rest can be reached
      ...(isPartAlone === true
        ? []
        : [
            {
              fieldId,
              treatmentId: id,
              restricts: 'manual-work' as const,
              fromMs,
              toMs: toMs + (reiHours ?? UNKNOWN_REI_H) * HOUR_MS,
            },
          ]),
    ])

type ZoneValve = Pick<ZoneRow, 'fieldId' | 'method' | 'mode' | 'controllerId' | 'valve'>

/** Whether a person opens the valve in the field. */
export const isManualValve = ({ mode, controllerId, valve }: ZoneValve): boolean =>
  mode === 'advise' || controllerId === null || valve === null

/** The windows that restrict a zone, in time order. */
export const zoneRestrictions = (zone: ZoneValve, restrictions: readonly NoEntryWindow[]): NoEntryWindow[] =>
  rowsBy(restrictions, 'fieldId', zone.fieldId)
    .filter(({ restricts }) =>
      restricts === 'sprinklers' ? zone.method === 'sprinkler' : isManualValve(zone),
    )
    .toSorted((a, b) => a.fromMs - b.fromMs)

/** Each window cut to its longest unrestricted part; a window with less than `leastMs` left is dropped. */
export const outsideRestrictions = <W extends { fromMs: AtMs; toMs: AtMs }>(
  windows: readonly W[],
  restrictions: readonly NoEntryWindow[],
  leastMs: number,
): W[] =>
  restrictions.length === 0
    ? [...windows]
    : windows.flatMap((window) => {
        const free = longestFree(window, restrictions)
        return free === null || free.toMs - free.fromMs < leastMs ? [] : [{ ...window, ...free }]
      })

/** The rest of a span without others, in time order. */
function freeSpans(
  span: { fromMs: AtMs; toMs: AtMs },
  others: readonly { fromMs: AtMs; toMs: AtMs }[],
): { fromMs: AtMs; toMs: AtMs }[] {
  let free = [{ fromMs: span.fromMs, toMs: span.toMs }]
  for (const { fromMs, toMs } of others)
    free = free.flatMap((part) =>
      fromMs >= part.toMs || toMs <= part.fromMs
        ? [part]
        : [
            { fromMs: part.fromMs, toMs: fromMs },
            { fromMs: toMs, toMs: part.toMs },
          ],
    )
  return free.filter((part) => part.toMs > part.fromMs)
}

/** The longest unrestricted part of a span, the earlier of equal ones; null where all of it is restricted. */
export const longestFree = (
  span: { fromMs: AtMs; toMs: AtMs },
  others: readonly { fromMs: AtMs; toMs: AtMs }[],
): { fromMs: AtMs; toMs: AtMs } | null =>
  freeSpans(span, others).reduce<{ fromMs: AtMs; toMs: AtMs } | null>(
    (best, part) => (best === null || part.toMs - part.fromMs > best.toMs - best.fromMs ? part : best),
    null,
  )
