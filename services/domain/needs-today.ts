/**
 * What needs a person today, as one list with one count: fields whose water needs a person, pests and diseases that are to
 * be treated or looked for now, and faults that ask to act. What is only to be watched is a second list with its own count.
 * Pure; every screen reads this.
 */
import { addDays, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { AWD_LIMIT_MM } from '../agronomy/paddy/balance.ts'
import type { FieldStatus } from '../tables.ts'

/** A proposal of pest control whose days have begun. */
export interface PestNeed {
  target: string
  kind: 'insect' | 'disease'
  action: 'treat' | 'scout'
  fromDay: Day | null
  toDay: Day | null
}

/** A row of Today that needs a person. */
export interface Need {
  kind: 'field' | 'alert'
  id: string
  /** act: in the colour of a thing that must be done; soon: to be looked at */
  status: 'act' | 'soon'
  /** of a field that still has water: when waiting begins to cost; null: it costs already, or the time is unknown */
  dueMs: AtMs | null
}

/** A row of Today that needs nobody yet, and is not plainly OK. */
export type Watched = Pick<Need, 'kind' | 'id'>

interface Proposed {
  target: string
  kind: PestNeed['kind']
  action: PestNeed['action'] | 'wait' | 'cannot-judge'
  fromDay: Day | null
  toDay: Day | null
}

/** The proposals of a field that are due on a day, to be treated first. Days to come and days that have passed are not due. */
export const pestsDue = (proposals: readonly Proposed[], today: Day): PestNeed[] =>
  (['treat', 'scout'] as const).flatMap((action) =>
    proposals.flatMap((proposal) =>
      proposal.action === action && (proposal.fromDay ?? today) <= today && (proposal.toDay ?? today) >= today
        ? [
            {
              target: proposal.target,
              kind: proposal.kind,
              action,
              fromDay: proposal.fromDay,
              toDay: proposal.toDay,
            },
          ]
        : [],
    ),
  )

const gravity: Record<FieldStatus, number> = { act: 0, unknown: 1, soon: 2, wet: 3, ok: 4 }

/** The mark of a field in a list: its water, unless a pest asks for more. A field with a spray due is never plainly OK. */
export function fieldMark(water: FieldStatus, pests: readonly PestNeed[]): FieldStatus {
  const asked: FieldStatus = pests.length === 0 ? 'ok' : pests[0]!.action === 'treat' ? 'act' : 'soon'
  return gravity[asked] < gravity[water] ? asked : water
}

interface NeedingField {
  id: string
  status: FieldStatus
  pests: readonly PestNeed[]
  water: { leftMm: number; ofMm: number } | null // upland
  fill: { fromMm: number } | null // paddy below its band
  verdict: { params: Readonly<Record<string, string | number | null>> }
}
interface NeedingAlert {
  id: string
  cause: string
  severity: 'act' | 'soon' | 'note'
  fields: readonly { id: string }[] // affected
}

/**
 * The water that a crop is short of, as a share of what it may use before it suffers: of an upland field what it holds above
 * its limit, of a paddy the depth to which its soil may dry. 0: not short.
 */
export function shortShare({ water, fill }: Pick<NeedingField, 'water' | 'fill'>): number {
  if (water !== null) return Math.max(0, -water.leftMm / Math.max(1, water.ofMm))
  return fill === null ? 0 : Math.max(0, fill.fromMm / AWD_LIMIT_MM)
}

/** When a field that is not short would be, or is to be filled; null: unknown. */
function waterDueMs(field: NeedingField): AtMs | null {
  if (shortShare(field) > 0) return null
  const { dueMs, lowAtMs, atMs } = field.verdict.params
  const due = dueMs ?? lowAtMs ?? atMs
  return typeof due === 'number' ? due : null
}

/**
 * One row for each field and each alert that needs a person, the most urgent first: faults; fields that are short of water,
 * the shortest first; fields that will be, and sprays, by the time until which they can wait; silent devices; then what is
 * to be looked for. Equals keep their order.
 */
export function needsToday(
  fields: readonly NeedingField[],
  alerts: readonly NeedingAlert[],
  timeZone: string,
): Need[] {
  const ofAlert = (id: string, status: Need['status']): Need => ({ kind: 'alert', id, status, dueMs: null })
  const faults = alerts
    .filter(({ cause, severity }) => severity === 'act' && !silences.has(cause))
    .map(({ id }) => ofAlert(id, 'act'))
  const silent = alerts
    .filter(({ cause }) => silences.has(cause))
    .map((alert): Need => {
      const fieldId = blindFieldId(alert, fields)
      const status = alert.severity === 'act' ? 'act' : 'soon'
      return fieldId === null
        ? ofAlert(alert.id, status)
        : { kind: 'field', id: fieldId, status, dueMs: null }
    })
  const needsWater = ({ status }: NeedingField): boolean => status === 'act'
  /** The end of its last day. */
  const sprayUntilMs = ({ pests: [first] }: NeedingField): AtMs =>
    first?.toDay == null ? Infinity : startOfDay(addDays(first.toDay, 1), timeZone)
  const waitsUntilMs = (field: NeedingField): AtMs =>
    needsWater(field) ? (waterDueMs(field) ?? Infinity) : sprayUntilMs(field)
  const short = (field: NeedingField): number => (needsWater(field) ? shortShare(field) : 0)
  const urgent = fields
    .filter((field) => needsWater(field) || field.pests[0]?.action === 'treat')
    .toSorted((a, b) => short(b) - short(a) || compare(waitsUntilMs(a), waitsUntilMs(b)))
    .map((field): Need => ({
      kind: 'field',
      id: field.id,
      status: 'act',
      dueMs: needsWater(field) ? waterDueMs(field) : null,
    }))
  const toLookFor = fields
    .filter((field) => !needsWater(field) && field.pests[0]?.action === 'scout')
    .map(({ id }): Need => ({ kind: 'field', id, status: 'soon', dueMs: null }))
  const needs = [...faults, ...urgent, ...silent, ...toLookFor]
  // a field may be blind through two devices, and have a pest
  return needs.filter(({ id }, index) => needs.findIndex((need) => need.id === id) === index)
}

// without NaN for two of Infinity
const compare = (a: number, b: number): number => (a === b ? 0 : a - b)

/** The one field that does not know its water because of this silence: its row shows it. */
function blindFieldId(
  { cause, severity, fields: affected }: NeedingAlert,
  fields: readonly Pick<NeedingField, 'id' | 'status'>[],
): string | null {
  const [first] = affected
  if (!silences.has(cause) || severity === 'act' || affected.length !== 1) return null
  return fields.some(({ id, status }) => id === first!.id && status === 'unknown') ? first!.id : null
}

/**
 * The rows that Today shows below what needs a person: fields that are not OK, then alerts, in their order. Each field
 * and each alert is in `needs`, here, shown by the row of its field, or a field that is OK.
 */
export function watchedToday(
  needs: readonly Need[],
  fields: readonly (Pick<NeedingField, 'id' | 'status'> & { mark: FieldStatus })[],
  alerts: readonly NeedingAlert[],
): Watched[] {
  const isNeed = (kind: Need['kind'], id: string): boolean =>
    needs.some((need) => need.kind === kind && need.id === id)
  return [
    ...fields
      .filter(({ id, mark }) => mark !== 'ok' && !isNeed('field', id))
      .map(({ id }): Watched => ({ kind: 'field', id })),
    ...alerts
      .filter((alert) => !isNeed('alert', alert.id) && blindFieldId(alert, fields) === null)
      .map(({ id }): Watched => ({ kind: 'alert', id })),
  ]
}

const silences = new Set([
  'device-silent',
  'farm-silent',
  'devices-silent',
  'integration-silent',
  'integration-down',
])
