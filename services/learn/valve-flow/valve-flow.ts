/** Flow of a valve while it is open, L/min, from its metered runs; beside what the rate of its zone makes of it. */
import { addDays } from '../../../broker/contract/time.ts'
import type { ZoneRow } from '../../tables.ts'
import type { Learner } from '../fitting/learner.ts'
import { BACK_DAYS, meteredRuns, zonesOf } from './metered-runs.ts'
import { fitRate, monitorRate, type RateRuns } from './steady-rate.ts'

export const valveFlow: Learner<RateRuns> = {
  kind: 'valve-flow',
  refitDays: 7,
  async load({ state }, farm, throughDay) {
    const [runs, zones] = await Promise.all([meteredRuns(state, farm, throughDay), zonesOf(state, farm)])
    const fromDay = addDays(throughDay, -BACK_DAYS)
    return zones.flatMap((zone) => {
      const { controllerId, valve } = zone
      if (controllerId === null || valve === null) return []
      // two zones on one valve are one subject
      if (zones.find((one) => one.controllerId === controllerId && one.valve === valve) !== zone) return []
      const own = runs.filter((run) => run.deviceId === controllerId && run.valve === valve)
      const data: RateRuns = {
        runs: own.map(({ atMs, day, litres, minutes }) => ({ atMs, day, rate: litres / minutes })),
        entered: enteredLpm(zone),
        key: 'flow',
        unit: 'L/min',
        fromDay,
        throughDay,
      }
      return [{ subject: `${controllerId}:${valve}`, fieldId: zone.fieldId, deviceId: controllerId, data }]
    })
  },
  fit: fitRate,
  // when the next run will be is not known here
  ahead: () => [],
  watch: monitorRate,
}

/** 1 mm/h over 1 m² is 1 L/h. */
const enteredLpm = ({ applicationRateMmH, areaM2 }: ZoneRow): number | null =>
  applicationRateMmH > 0 && areaM2 > 0 ? (applicationRateMmH * areaM2) / 60 : null
