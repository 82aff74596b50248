/** The sum of every insect that is counted, from its biofix through the last closed day, and its next event. */
import { addDays, daysBetween, type Day } from '../../broker/contract/time.ts'
import { daysToReach, heatSum } from '../agronomy/heat-sum.ts'
import { nextEventOf } from '../agronomy/pest-row.ts'
import { pestOf } from '../agronomy/pests.ts'
import type { State } from '../ports.ts'
import { toJson, type FieldDayRow, type HeatWatchRow } from '../tables.ts'
import type { Plot } from './plots.ts'

const PACE_DAYS = 10

type DayTemps = Pick<FieldDayRow, 'fieldId' | 'day' | 'tempMinC' | 'tempMaxC'>

/** Counts anew from the stored days, so a biofix that is moved and data that came late are both right. */
export async function updateHeatWatches(state: State, plots: readonly Plot[], lastDay: Day): Promise<void> {
  const watches = plots.flatMap((plot) => plot.watches).filter((watch) => watch.biofixDay <= lastDay)
  if (watches.length === 0) return
  const earliest = watches.map((watch) => watch.biofixDay).reduce((a, b) => (a < b ? a : b))
  const rows = await state
    .selectFrom('fieldDay')
    .select(['fieldId', 'day', 'tempMinC', 'tempMaxC'])
    .where('fieldId', 'in', [...new Set(watches.map((watch) => watch.fieldId))])
    .where('day', '>=', earliest)
    .where('day', '<=', lastDay)
    .execute()
  const temps = new Map(rows.map((row) => [`${row.fieldId} ${row.day}`, row]))
  for (const watch of watches) {
    const counted = countWatch(watch, temps, lastDay)
    if (!counted) continue
    await state
      .updateTable('heatWatch')
      .set(counted)
      .where('fieldId', '=', watch.fieldId)
      .where('subject', '=', watch.subject)
      // a person may have moved the biofix meanwhile
      .where('biofixDay', '=', watch.biofixDay)
      .execute()
  }
}

/** Null for a subject that the table of pests does not have. */
export function countWatch(
  watch: Pick<HeatWatchRow, 'fieldId' | 'subject' | 'biofixDay'>,
  temps: ReadonlyMap<string, DayTemps>,
  lastDay: Day,
): Pick<HeatWatchRow, 'sumCd' | 'throughDay' | 'missingDays' | 'nextEvent'> | null {
  const pest = pestOf(watch.subject)
  if (!pest) return null
  const count = daysBetween(watch.biofixDay, lastDay) + 1
  const days = Array.from({ length: count }, (_, i) => {
    const row = temps.get(`${watch.fieldId} ${addDays(watch.biofixDay, i)}`)
    return { tempMinC: row?.tempMinC ?? null, tempMaxC: row?.tempMaxC ?? null }
  })
  const { sumCd, missingDays, dailyCd } = heatSum(pest.heat, days)
  const event = nextEventOf(pest, sumCd)
  const reach = event && daysToReach(event.sumCd, sumCd, dailyCd.slice(-PACE_DAYS))
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
  }
}
