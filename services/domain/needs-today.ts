/**
 * What needs a person today, as one list with one count: fields whose water needs a person, pests and diseases that are to
 * be treated or looked for now, and faults that ask to act. What is only to be watched is a second list with its own count.
 * Pure; every screen reads this.
 */
import type { Day } from '../../broker/contract/time.ts'
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
}
interface NeedingAlert {
  id: string
  cause: string
  severity: 'act' | 'soon' | 'note'
  fields: readonly { id: string }[] // affected
}

/**
 * One row for each field and each alert that needs a person: faults, water, sprays, silent devices, then what is to be
 * looked for. Fields and alerts keep their order within these.
 */
export function needsToday(fields: readonly NeedingField[], alerts: readonly NeedingAlert[]): Need[] {
  const faults: Need[] = alerts
    .filter(({ cause, severity }) => severity === 'act' && !silences.has(cause))
    .map(({ id }) => ({ kind: 'alert', id, status: 'act' }))
  const silent: Need[] = alerts
    .filter(({ cause }) => silences.has(cause))
    .map((alert) => {
      const fieldId = blindFieldId(alert, fields)
      const status = alert.severity === 'act' ? 'act' : 'soon'
      return fieldId === null
        ? { kind: 'alert', id: alert.id, status }
        : { kind: 'field', id: fieldId, status }
    })
  const fieldNeeds = (status: Need['status'], isNeeding: (field: NeedingField) => boolean): Need[] =>
    fields.filter(isNeeding).map(({ id }) => ({ kind: 'field', id, status }))
  const needsWater = ({ status }: NeedingField): boolean => status === 'act'
  const needsSpray = (field: NeedingField): boolean =>
    !needsWater(field) && field.pests[0]?.action === 'treat'
  const needs = [
    ...faults,
    ...fieldNeeds('act', needsWater),
    ...fieldNeeds('act', needsSpray),
    ...silent,
    ...fieldNeeds('soon', (field) => !needsWater(field) && field.pests[0]?.action === 'scout'),
  ]
  // a field may be blind through two devices, and have a pest
  return needs.filter(({ id }, index) => needs.findIndex((need) => need.id === id) === index)
}

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
