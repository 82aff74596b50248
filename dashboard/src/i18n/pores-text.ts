/** What links mm of water with the level of a paddy: above its soil they are the same, in the soil only the pores fill. */
import type { FieldCard } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

const WATER_MM = 10 // as in the text

/** Null: not a paddy. */
export const poresText = ({ pores }: Pick<FieldCard, 'pores'>, locale: Locale): string | null =>
  pores === null ? null : locale.t('paddy.pores', { riseMm: WATER_MM / pores })
