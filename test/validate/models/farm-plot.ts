/**
 * The depletion of a measured plot as a farm of the product keeps it: its season closed day by day by the product's own
 * `fieldDayRow`, from a station, a meter, the tables' crop, soil limits that a person entered, and the probe on the days
 * of its visits.
 */
import { addDays } from '../../../broker/contract/time.ts'
import { sensorId } from '../../../services/estimate/water/sensor-id.ts'
import { defaultPaddyRow } from '../../../services/domain/default-paddy.ts'
import { fieldDayRow, type ClosedDay } from '../../../services/estimate/days/field-day.ts'
import type { DayInputs, FieldPlace } from '../../../services/estimate/balance-types.ts'
import type { FieldDayRow, SoilUsed } from '../../../services/tables.ts'
import { ORG, farmRow, fieldRow, seasonRow } from '../../services/estimate/farm.ts'
import type { MeasuredPlot, PlotVisit } from '../lines/measured-profiles.ts'

/** A visit, and the row of its day without the visit's own profile. */
export interface JudgedVisit {
  visit: PlotVisit
  row: FieldDayRow
  measuredMm: number // depletion of the same roots, below the same field capacity
}

const ENTERED_SD = 0.03 // m³/m³, of a limit that a person entered
// irrigation is measured by the experiment: the error of a good meter
const METER_SHARE = 0.05

/**
 * The visits after the first `toLearn`, of which the farm's probe reads `probed`. Null where the station has no place.
 */
export function farmSeason(
  plot: MeasuredPlot,
  { probed, toLearn }: { probed: readonly PlotVisit[]; toLearn: number },
): JudgedVisit[] | null {
  if (!plot.site) return null
  const place = placeOf(plot, plot.site)
  const season = seasonRow({ crop: plot.crop.id, plantedDay: plot.plantedDay })
  const judged = plot.visits.slice(toLearn)
  const last = plot.visits.at(-1)?.age ?? 0
  const results: JudgedVisit[] = []
  let yesterday: ClosedDay | undefined
  for (let age = 0; age <= last; age++) {
    const close = (sensors: DayInputs['sensors']): ClosedDay =>
      fieldDayRow(
        place,
        season,
        addDays(plot.plantedDay, age),
        yesterday?.row,
        inputsOf(plot, age, sensors),
        NOTHING_RECENT,
        yesterday?.water ?? null,
      )
    const silent = close([])
    const { row } = silent
    const visit = plot.visits.find((other) => other.age === age)
    if (visit && judged.includes(visit)) results.push({ visit, row, measuredMm: measuredMm(visit, row) })
    yesterday =
      visit && probed.includes(visit)
        ? close(
            visit.layers.map(({ depthCm, vwc }) => ({
              id: sensorId('probe1', depthCm),
              depthM: depthCm / 100,
              vwc,
            })),
          )
        : silent
  }
  return results
}

const NOTHING_RECENT = { et0Mm: [], temps: [], sankMm: [], nightLossMmD: null }

const limitsOf = (plot: MeasuredPlot) => plot.limitsTo(plot.crop.rootMaxM)

function placeOf(plot: MeasuredPlot, site: { latDeg: number; elevationM: number }): FieldPlace {
  const limits = limitsOf(plot)
  const entered = (v: number) => ({ v, sd: ENTERED_SD, from: 'field', events: 0 }) as const
  const soil: SoilUsed = {
    fieldCapacity: entered(limits.fieldCapacity),
    wiltingPoint: entered(limits.wiltingPoint),
  }
  const field = fieldRow({ soilTexture: 'sandy-loam', ...limits })
  return { field, soil, paddy: defaultPaddyRow(field.id, ORG), farm: farmRow(site) }
}

function inputsOf(plot: MeasuredPlot, age: number, sensors: DayInputs['sensors']): DayInputs {
  const day = plot.stationDayOf(age)
  const { irrigationMm } = plot.dayOf(age)
  return {
    near: day === null ? [] : [{ device: 'station1', km: 0, day, light: null }],
    irrigation: {
      irrigationMm,
      irrigationSdMm: METER_SHARE * irrigationMm,
      irrigationSource: irrigationMm > 0 ? 'metered' : 'none',
      notes: [],
    },
    wetting: { wettedFraction: 1, isUnderCanopy: false, isBunded: false, efficiency: 1 },
    sensors,
    probe: () => null,
    hasProbe: false,
    soilEcDsM: null,
    levelMm: null,
    drainedMm: null,
    gaugeFindings: () => ({ nightLossMmD: null, inletMmH: null, outletMmH: null }),
  }
}

const measuredMm = (visit: PlotVisit, row: FieldDayRow): number =>
  1000 * row.fieldCapacity! * row.rootDepthM! - visit.waterMm(row.rootDepthM!)
