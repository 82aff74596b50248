/** Days on which a heat sum from 1 January is reached: navel orangeworm at Lost Hills, by UC IPM's own sums. */
import type { Day } from '../../../broker/contract/time.ts'
import { heatSum } from '../../../services/agronomy/heat-sum.ts'
import { pests } from '../../../services/agronomy/pests.ts'
import type { DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { numberAt, textAt, type Vector } from '../read-vectors.ts'
import { allOf, type Trial } from '../score.ts'
import { F_PER_C, LOST_HILLS, cOf } from './degree-days.ts'

export const pestEvents: Line = {
  name: 'pest-events',
  about: 'the day on which a heat sum of an insect is reached',
  needs: ['vectors/pest_events.json', `data/${LOST_HILLS}`],
  score(data) {
    const dayReached = calendarOf(data)
    const trials = data.vectors('pest_events').map((vector) => trialOf(vector, dayReached))
    return [allOf('days of heat sums, to the day', trials)]
  },
}

/** Heat sums of every year; gives the first day of a year with at least `sumCd`, or 'never'. */
function calendarOf(data: DataFolder): (year: number, sumCd: number) => Day | 'never' {
  const days = data.days(LOST_HILLS, ['tmin_F', 'tmax_F'])
  return (year, sumCd) => {
    const ofYear = days.filter(({ day }) => day.startsWith(`${year}-`))
    const { dailyCd } = heatSum(
      pests['navel-orangeworm'].heat,
      ofYear.map(({ tmin_F, tmax_F }) => ({
        tempMinC: tmin_F === null ? null : cOf(tmin_F),
        tempMaxC: tmax_F === null ? null : cOf(tmax_F),
      })),
    )
    let soFarCd = 0
    const at = dailyCd.findIndex((cd) => (soFarCd += cd ?? 0) >= sumCd - 1e-9)
    return ofYear[at]?.day ?? 'never'
  }
}

function trialOf(vector: Vector, dayReached: (year: number, sumCd: number) => Day | 'never'): Trial {
  const isBuilt = textAt(vector, 'model') === 'first_date_cumulative_dd' && hasModelOf(vector)
  const got = isBuilt
    ? dayReached(numberAt(vector, 'inputs', 'year'), numberAt(vector, 'inputs', 'target_dd_F') / F_PER_C)
    : null
  const expected = typeof vector.expected === 'number' ? vector.expected : String(vector.expected)
  return { name: vector.id, model: textAt(vector, 'model'), got, expected, tolerance: 0 }
}

/** Whether the vector asks for the thresholds and the method of the pest's own row. */
function hasModelOf(vector: Vector): boolean {
  const { heat } = pests['navel-orangeworm']
  const isNear = (key: string, tempC: number | null) =>
    tempC !== null && Math.abs(cOf(numberAt(vector, 'inputs', key)) - tempC) < 1e-9
  return (
    textAt(vector, 'inputs', 'data') === LOST_HILLS &&
    textAt(vector, 'inputs', 'method').replaceAll('_', '-') === heat.method &&
    textAt(vector, 'inputs', 'cutoff') === heat.cutoff &&
    isNear('lower_F', heat.lowerC) &&
    isNear('upper_F', heat.upperC)
  )
}
