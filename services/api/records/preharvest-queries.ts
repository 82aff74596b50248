/** The pre-harvest interval of what was sprayed, wherever a person says that a field was or will be harvested. */
import type { Day } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { SeasonRow } from '../../tables.ts'
import type { PestService } from '../ports/pest-service.ts'
import { selectFields, type SelectedField } from '../farms/field-selection-queries.ts'

/** PRE_HARVEST_INTERVAL with the day and why, where a spray holds the harvest of a season back; what is not known is not open. */
export async function checkPreHarvestInterval(
  pests: PestService,
  state: State,
  { id, org, fieldId }: Pick<SeasonRow, 'id' | 'org' | 'fieldId'>,
  day: Day,
  field?: SelectedField, // where it has been read
): Promise<'open' | 'unknown'> {
  const { field: of, timeZone } = field ?? (await selectFields(state, org, [{ fieldId }]))[0]!
  const { state: gate, earliestDay, by } = await pests.preHarvestStatus(state, id, day, timeZone)
  if (gate === 'shut')
    fail(
      'PRE_HARVEST_INTERVAL',
      `day: ${of.name} must not be harvested before ${earliestDay} after what was sprayed`,
      {
        params: { field: of.name, day: earliestDay, product: by?.product ?? null, days: by?.phiDays ?? null },
      },
    )
  return gate
}
