/** Why a paddy is filled whose level is not below its target yet. */
import type { DecisionView } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

/** As stored with the verdict; null: the level is below its target, or an older server does not state it. */
export const earlyFillText = (
  { params }: Pick<DecisionView['verdict'], 'params'>,
  locale: Locale,
): string | null => (typeof params.lowMm === 'number' ? locale.t('paddy.low', params) : null)
