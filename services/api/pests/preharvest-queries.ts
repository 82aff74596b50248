/** Checks the pre-harvest interval of treatments wherever a harvest is entered or planned. */
import type { Day } from '../../../broker/contract/time.ts'
import { requireHarvestAllowed } from '../../domain/preharvest.ts'
import type { State } from '../../ports.ts'
import type { SeasonRow } from '../../tables.ts'
import { selectFields, type SelectedField } from '../farms/field-selection-queries.ts'
import type { PestService } from '../ports/pest-service.ts'

/** PRE_HARVEST_INTERVAL when a treatment blocks the harvest of the season on this day. */
export async function checkPreHarvestInterval(
  pests: PestService,
  state: State,
  { id, org, fieldId }: Pick<SeasonRow, 'id' | 'org' | 'fieldId'>,
  day: Day,
  selected?: SelectedField, // when already read
): Promise<'elapsed' | 'unknown'> {
  const { field, timeZone } = selected ?? (await selectFields(state, org, [{ fieldId }]))[0]!
  return requireHarvestAllowed(await pests.preHarvestStatus(state, id, day, timeZone), field.name)
}
