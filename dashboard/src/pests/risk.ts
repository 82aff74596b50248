/** The risk of a disease in the marks of the house: the same shapes and colours say the same everywhere. */
import type { FieldDetail, FieldStatus, Hazard } from '../../../services/api/schemas.ts'

export type Risk = FieldDetail['diseases'][number]['level']
export const risks = ['high', 'moderate', 'low', 'unknown'] as const satisfies Risk[]

export const statusOfRisk: Record<Risk, FieldStatus> = {
  high: 'act',
  moderate: 'soon',
  low: 'ok',
  unknown: 'unknown',
}

/** What is to be done about a pest, in the same marks. */
export const statusOfAction: Record<Hazard['action'], FieldStatus> = {
  treat: 'act',
  scout: 'soon',
  'cannot-judge': 'unknown',
  wait: 'ok',
}
