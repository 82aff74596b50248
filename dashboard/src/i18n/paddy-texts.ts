/** Texts of a paddy that several screens show. */
import type { DecisionView, FieldCard } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

/**
 * Why it is filled though its level is not below its target yet, as stored with the verdict; null: the level is below it, or an
 * older server does not state it.
 */
export const earlyFillText = (
  { params }: Pick<DecisionView['verdict'], 'params'>,
  locale: Locale,
): string | null => (typeof params.lowMm === 'number' ? locale.t('paddy.low', params) : null)

const WATER_MM = 10 // as in the text

/** What links mm of water with its level: above the soil they are the same, in the soil only the pores fill. Null: not a paddy. */
export const poresText = ({ pores }: Pick<FieldCard, 'pores'>, locale: Locale): string | null =>
  pores === null ? null : locale.t('paddy.pores', { riseMm: WATER_MM / pores })
