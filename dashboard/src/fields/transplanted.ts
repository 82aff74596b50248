/** Rice in a paddy is transplanted: its texts name that, where those of other crops name sowing or planting. */
import type { FieldCard } from '../../../services/api/schemas.ts'

/** Kind and crop of a field; `crop` '': none at the moment. */
export type FieldCrop = Pick<FieldCard, 'kind' | 'crop'>

/** Whether a field has rice, or is a paddy between two crops. */
export const isTransplanted = ({ kind, crop }: FieldCrop): boolean =>
  kind === 'paddy' && ['', 'rice', 'paddy'].includes(crop)

/** The key in section `work` of the name of a kind of work on this field; undefined: the field is unknown. */
export const workKey = (kind: string, field: FieldCrop | undefined): string =>
  kind === 'planting' && field !== undefined && isTransplanted(field) ? 'transplanting' : kind
