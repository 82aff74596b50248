/** Gross depth that a zone gets in an hour, mm/h, from metered litres over its area; beside the rate that was entered. */
import { addDays } from '../../../broker/contract/time.ts'
import type { Learner } from '../fitting/learner.ts'
import { BACK_DAYS, meteredRuns, zonesOf } from './metered-runs.ts'
import { fitRate, monitorRate, type RateRuns } from './steady-rate.ts'

export const applicationRate: Learner<RateRuns> = {
  kind: 'application-rate',
  refitDays: 7,
  async load({ state }, farm, throughDay) {
    const [runs, zones] = await Promise.all([meteredRuns(state, farm, throughDay), zonesOf(state, farm)])
    const fromDay = addDays(throughDay, -BACK_DAYS)
    return zones.flatMap(({ id, fieldId, areaM2, applicationRateMmH, controllerId }) => {
      if (!(areaM2 > 0)) return []
      const own = runs.filter((run) => run.zoneId === id)
      const data: RateRuns = {
        runs: own.map(({ atMs, day, litres, minutes }) => ({
          atMs,
          day,
          rate: litres / areaM2 / (minutes / 60),
        })),
        entered: applicationRateMmH > 0 ? applicationRateMmH : null,
        key: 'application-rate',
        unit: 'mm/h',
        fromDay,
        throughDay,
      }
      return [{ subject: id, fieldId, deviceId: controllerId, data }]
    })
  },
  fit: fitRate,
  ahead: () => [],
  watch: monitorRate,
}
