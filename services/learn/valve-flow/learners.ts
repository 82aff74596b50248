/** Learners of the rates of valves and zones. */
import { addDays } from '../../../broker/contract/time.ts'
import type { ZoneRow } from '../../tables.ts'
import type { Learner } from '../fitting/learner.ts'
import { BACK_DAYS, meteredRuns, zonesOf } from './metered-runs.ts'
import { fitRate, monitorRate, type RateRuns } from './steady-rate.ts'

/** Flow of an open valve, L/min, from its metered runs; compared with the flow by the rate of its zone. */
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
      if (
        zones.find((otherZone) => otherZone.controllerId === controllerId && otherZone.valve === valve) !==
        zone
      )
        return []
      const zoneRuns = runs.filter((run) => run.deviceId === controllerId && run.valve === valve)
      const data: RateRuns = {
        runs: zoneRuns.map(({ atMs, day, litres, minutes }) => ({ atMs, day, rate: litres / minutes })),
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
  // the time of the next run is unknown here
  predict: () => [],
  monitor: monitorRate,
}

/** 1 mm/h over 1 m² is 1 L/h. */
const enteredLpm = ({ applicationRateMmH, areaM2 }: ZoneRow): number | null =>
  applicationRateMmH > 0 && areaM2 > 0 ? (applicationRateMmH * areaM2) / 60 : null

/** Gross application rate of a zone, mm/h, from metered litres over its area; compared with the entered rate. */
export const applicationRate: Learner<RateRuns> = {
  kind: 'application-rate',
  refitDays: 7,
  async load({ state }, farm, throughDay) {
    const [runs, zones] = await Promise.all([meteredRuns(state, farm, throughDay), zonesOf(state, farm)])
    const fromDay = addDays(throughDay, -BACK_DAYS)
    return zones.flatMap(({ id, fieldId, areaM2, applicationRateMmH, controllerId }) => {
      if (!(areaM2 > 0)) return []
      const zoneRuns = runs.filter((run) => run.zoneId === id)
      const data: RateRuns = {
        runs: zoneRuns.map(({ atMs, day, litres, minutes }) => ({
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
  predict: () => [],
  monitor: monitorRate,
}
