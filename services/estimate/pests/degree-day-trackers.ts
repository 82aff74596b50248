/** The degree-day sum of every tracked insect, from its biofix through the last closed day, and its next event. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { HeatRecord } from '../../agronomy/crops/degree-days.ts'
import { daysToRange, heatSum } from '../../agronomy/crops/heat-sum.ts'
import { caughtSince } from '../../agronomy/pests/biofix.ts'
import { pestOutlook, type LearnedHalf } from '../../agronomy/pests/outlook.ts'
import { nextEventOf, type Pest } from '../../agronomy/pests/pest.ts'
import { PESTS_VERSION, pestOf } from '../../agronomy/pests/catalogue.ts'
import type { SeriesStore, State } from '../../ports.ts'
import { sumBy } from '../../runtime/math.ts'
import { toJson, type DegreeDayTrackerRow, type PestOutlook } from '../../tables.ts'
import { midwinterBefore, readTrackerInputs, type TempsOf, type TrapCatches } from './tracker-inputs.ts'
import type { FieldContext, FieldGroup } from '../field-context.ts'

/** Recomputes the sum from the stored days, so that a moved biofix and late data are both included. */
export async function updateDegreeDayTrackers(
  stores: { state: State; series: SeriesStore },
  group: Pick<FieldGroup, 'org' | 'timeZone' | 'devices'>,
  contexts: readonly FieldContext[],
  lastDay: Day,
): Promise<void> {
  const trackers = contexts
    .flatMap(({ trackers, farm }) => trackers.map((tracker) => ({ ...tracker, latDeg: farm.latDeg })))
    .filter((tracker) => tracker.biofixDay <= lastDay)
  if (trackers.length === 0) return
  const inputs = await readTrackerInputs(stores, group, trackers, lastDay)
  for (const tracker of trackers) {
    const pest = pestOf(tracker.subject)
    if (!pest) continue
    const computed = computeTracker(pest, tracker, lastDay, {
      temps: pest.soil ? inputs.soil : inputs.air,
      traps: inputs.catches(tracker.fieldId, tracker.subject),
      learned: inputs.learned(tracker.fieldId, tracker.subject),
    })
    await stores.state
      .updateTable('degreeDayTracker')
      .set(computed)
      .where('fieldId', '=', tracker.fieldId)
      .where('subject', '=', tracker.subject)
      // a person may have moved the biofix in the meantime
      .where('biofixDay', '=', tracker.biofixDay)
      .execute()
  }
}

export interface TrackerRecord {
  temps: TempsOf
  traps: readonly TrapCatches[]
  learned: readonly (LearnedHalf | null)[]
}

function computeTracker(
  pest: Pest,
  { fieldId, biofixDay, latDeg }: Pick<DegreeDayTrackerRow, 'fieldId' | 'biofixDay'> & { latDeg: number },
  lastDay: Day,
  { temps, traps, learned }: TrackerRecord,
): Pick<DegreeDayTrackerRow, 'sumCd' | 'throughDay' | 'missingDays' | 'nextEvent' | 'outlook'> {
  const record = (fromDay: Day, days: number): HeatRecord[] =>
    Array.from({ length: days }, (_, i) => {
      const row = temps(fieldId, addDays(fromDay, i))
      return { tempMinC: row?.tempMinC ?? null, tempMaxC: row?.tempMaxC ?? null }
    })
  const { sumCd, missingDays, dailyCd } = heatSum(
    pest.heat,
    record(biofixDay, daysBetween(biofixDay, lastDay) + 1),
  )
  const midwinter = midwinterBefore(biofixDay, latDeg)
  const before = heatSum(pest.heat, record(midwinter, daysBetween(midwinter, biofixDay)))
  const event = nextEventOf(pest, sumCd)
  const reach = event && daysToRange([event.sumCd, event.sumCd, event.sumCd], dailyCd)
  const outlook = pestOutlook(pest, {
    dailyCd,
    catches: traps.flat().map(({ day, count }) => ({ day: daysBetween(biofixDay, day), count })),
    beforeCd: before.missingDays === 0 ? before.sumCd : null,
    learned,
  })
  return {
    sumCd,
    missingDays,
    throughDay: lastDay,
    nextEvent:
      event && reach
        ? toJson({
            key: event.key,
            needCd: event.sumCd,
            fromDay: addDays(lastDay, reach.fromDays),
            toDay: addDays(lastDay, reach.toDays),
          })
        : null,
    outlook: toJson({
      next: outlook && {
        key: outlook.key,
        fromDay: addDays(lastDay, outlook.fromDays),
        midDay: addDays(lastDay, outlook.midDays),
        toDay: addDays(lastDay, outlook.toDays),
        from: outlook.from,
      },
      threshold: compareThreshold(pest, traps, lastDay),
      paramsVersion: PESTS_VERSION,
    }),
  }
}

/**
 * Catches per trap against the threshold of the pest, the mean of the reporting traps. A reached threshold is
 * certain; "not reached" needs a trap that was in place before the period started and reported in it: otherwise it is
 * unknown.
 */
function compareThreshold(
  { threshold }: Pest,
  traps: readonly TrapCatches[],
  lastDay: Day,
): PestOutlook['threshold'] {
  if (!threshold) return null
  const { count, perDays } = threshold
  const sinceDay = addDays(lastDay, 1 - perDays)
  const reporting = traps.flatMap((catches) => {
    const caught = caughtSince(catches, sinceDay)
    return caught === null ? [] : [{ caught, isWhole: catches[0]!.day <= sinceDay }]
  })
  if (reporting.length === 0) return { count, perDays, caught: null, isReached: null }
  const caught = sumBy(reporting, (trap) => trap.caught) / reporting.length
  const isKnown = caught >= count || reporting.every(({ isWhole }) => isWhole)
  return {
    count,
    perDays,
    caught: Math.round(10 * caught) / 10,
    isReached: isKnown ? caught >= count : null,
  }
}
