/** The frost that ended the crop of a field, as the estimate has found it; null: the crop lives, or nothing is known. */
import { readKilledBy } from '../tables.ts'
import { rowBy } from './group-rows.ts'
import type { FarmSnapshot } from './snapshot.ts'

export function frostOf(
  farm: Pick<FarmSnapshot, 'states'>,
  fieldId: string,
): { day: string; minC: number } | null {
  const state = rowBy(farm.states, 'fieldId', fieldId)
  return state?.killedBy == null ? null : readKilledBy(state.killedBy)
}
