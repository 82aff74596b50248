/** The rules that a season is lived again with: what the valve gave, the farmer's timer, Tilth's own. Pure. */
import { startOfDay, HOUR_MS } from '../../../broker/contract/time.ts'
import type { ZoneRow } from '../../tables.ts'
import { checkbook } from '../checkbook.ts'
import { sizeRun, type SizeZone } from '../run-size.ts'
import { windowsFrom } from '../windows.ts'
import type { Rule } from './replay.ts'

export const given: Rule = (_evening, next) => next.irrigationMm

/** Every so many days the same gross depth, whatever the weather does. */
export const timer =
  (habit: { timerMm: number; timerDays: number }, efficiency: number): Rule =>
  ({ n }) =>
    n % habit.timerDays === 0 ? habit.timerMm * efficiency : 0

/**
 * As the plan decides with no forecast at all: what the roots lack is given in the last window before the refill line. With
 * a forecast it waits for rain as well, so that this rule rather says too much water than too little.
 */
export function tilth(zone: SizeZone & ZoneRow, timeZone: string): Rule {
  return ({ before, depletionMm }, next) => {
    const nowMs = startOfDay(next.day, timeZone)
    const [window, nextWindow] = windowsFrom(zone, {
      ...{ earliestMs: nowMs, leastMs: zone.minMinutes * 60_000, timeZone, count: 2 },
    })
    const book = checkbook({
      state: {
        ...{ atMs: nowMs, kc: before.kc, etcTodayMm: 0, etcWholeDayMm: before.etcMm },
        ...{ depletionMm, depletionSdMm: null, tawMm: before.tawMm, rawMm: before.rawMm, rainTodayMm: 0 },
      },
      madFraction: zone.madFraction,
      window: window ?? null,
      nextWindow: nextWindow ?? null,
      forecast: null,
      timeZone,
      comingMm: 0,
      hasRun: false,
    })
    if (!book.ok || book.value.netMm === 0) return 0
    // a window that opens on another day is that day's
    if (window && window.fromMs >= nowMs + 24 * HOUR_MS) return 0
    return sizeRun(book.value.netMm, zone, { usedTodayLitres: 0, capMs: null }).netMm
  }
}
