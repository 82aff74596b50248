/** Disease risk and pest actions, in the status marks of the page: the same shapes and colours mean the same everywhere. */
import type { FieldDetail, FieldStatus, Hazard } from '../../../services/api/schemas.ts'

export type Risk = FieldDetail['diseases'][number]['level']
export const risks = ['high', 'moderate', 'low', 'unknown'] as const satisfies Risk[]

export const statusOfRisk: Record<Risk, FieldStatus> = {
  high: 'act',
  moderate: 'soon',
  low: 'ok',
  unknown: 'unknown',
}

export const statusOfAction: Record<Hazard['action'], FieldStatus> = {
  treat: 'act',
  scout: 'soon',
  'cannot-judge': 'unknown',
  wait: 'ok',
}
