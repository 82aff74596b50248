/** What sank in a paddy on its last days, as far as gauges measured it. */
import { addDays } from '../../../broker/contract/time.ts'
import { fromJson, type FieldDayRow } from '../../tables.ts'

type LevelDay = Pick<FieldDayRow, 'day' | 'levelMm' | 'deepPercolationMm' | 'notes'>

/** `days` in order; only what lies between two measured levels of standing water counts. mm */
export function measuredPercolationsMm(days: readonly LevelDay[]): number[] {
  return days.flatMap((row, i) => {
    const before = days[i - 1]
    if (!before || before.day !== addDays(row.day, -1) || !isPonded(row) || !isPonded(before)) return []
    return row.deepPercolationMm === null ? [] : [row.deepPercolationMm]
  })
}

const isPonded = ({ levelMm, notes }: LevelDay): boolean =>
  levelMm !== null && levelMm >= 0 && !fromJson(notes).some(({ key }) => key === 'level-modelled')
