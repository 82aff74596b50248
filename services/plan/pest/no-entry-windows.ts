/**
 * When a sprayed field must be left alone: no sprinkler until the spray has dried on, nobody to open a valve by hand
 * until the field may be entered. What a label does not say is taken as long as labels commonly ask. Pure.
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
  /** a part of the field that people can keep out of alone */
  isPartAlone?: boolean
}

export interface NoEntryWindow {
  fieldId: string
  treatmentId: string
  fromMs: AtMs
  toMs: AtMs // exclusive
  /** whom it holds: sprinklers, or valves that a person opens in the field */
  restricts: 'sprinklers' | 'by-hand'
}

/** Without a figure nobody is sent in for a day. */
const UNKNOWN_REI_H = 24

/** Treatments that somebody has agreed to, or made. A draft holds nothing. */
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
      // sprinklers wet the part with the rest; a valve in the rest can be walked to
      ...(isPartAlone === true
        ? []
        : [
            {
              fieldId,
              treatmentId: id,
              restricts: 'by-hand' as const,
              fromMs,
              toMs: toMs + (reiHours ?? UNKNOWN_REI_H) * HOUR_MS,
            },
          ]),
    ])

type ZoneValve = Pick<ZoneRow, 'fieldId' | 'method' | 'mode' | 'controllerId' | 'valve'>

/** Whether somebody walks to the valve. */
export const isManualValve = ({ mode, controllerId, valve }: ZoneValve): boolean =>
  mode === 'advise' || controllerId === null || valve === null

/** The windows that hold a zone, in time order. */
export const zoneRestrictions = (zone: ZoneValve, held: readonly NoEntryWindow[]): NoEntryWindow[] =>
  rowsBy(held, 'fieldId', zone.fieldId)
    .filter(({ restricts: holds }) =>
      holds === 'sprinklers' ? zone.method === 'sprinkler' : isManualValve(zone),
    )
    .toSorted((a, b) => a.fromMs - b.fromMs)

/** Each window cut to the longest part that nothing holds; one of which less than `leastMs` is left falls out. */
export const outsideRestrictions = <W extends { fromMs: AtMs; toMs: AtMs }>(
  windows: readonly W[],
  held: readonly NoEntryWindow[],
  leastMs: number,
): W[] =>
  held.length === 0
    ? [...windows]
    : windows.flatMap((window) => {
        const free = longestFree(window, held)
        return free === null || free.toMs - free.fromMs < leastMs ? [] : [{ ...window, ...free }]
      })

/** What is left of a span once others are taken out of it, in time order. */
function freeSpans(
  span: { fromMs: AtMs; toMs: AtMs },
  taken: readonly { fromMs: AtMs; toMs: AtMs }[],
): { fromMs: AtMs; toMs: AtMs }[] {
  let free = [{ fromMs: span.fromMs, toMs: span.toMs }]
  for (const { fromMs, toMs } of taken)
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

/** The longest part of a span that no window holds, the earlier of equal ones; null where all of it is held. */
export const longestFree = (
  span: { fromMs: AtMs; toMs: AtMs },
  taken: readonly { fromMs: AtMs; toMs: AtMs }[],
): { fromMs: AtMs; toMs: AtMs } | null =>
  freeSpans(span, taken).reduce<{ fromMs: AtMs; toMs: AtMs } | null>(
    (best, part) => (best === null || part.toMs - part.fromMs > best.toMs - best.fromMs ? part : best),
    null,
  )
