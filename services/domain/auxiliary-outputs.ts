/**
 * What may be switched by a rule because it can harm nobody, and within what bounds; read alike by the API that takes a
 * person's wishes, the plan that wants an output on, and dispatch that lets it. The bounds are ours, on the careful side:
 * unconfirmed, but for a siren that neighbours must not hear at night.
 */
import { MINUTE_MS, zoneOffsetMs, type AtMs } from '../../broker/contract/time.ts'
import {
  fromJson,
  outputKinds,
  type DayHours,
  type OutputKind,
  type AuxOutputRow,
  type OutputRule,
} from '../tables.ts'

export interface OutputBounds {
  rules: readonly OutputRule['by'][]
  mostOnMinutes: number // at a time
  leastEveryMinutes: number
  mostDailyMinutes: number
  quiet: DayHours | null // where a person says nothing
  windMostMps: number | null // likewise, at 2 m
}

export const outputBounds: Record<OutputKind, OutputBounds> = {
  // pheromone alone; where there is no flight it is wasted
  puffer: {
    rules: ['flight', 'hours'],
    mostOnMinutes: 60,
    leastEveryMinutes: 1,
    mostDailyMinutes: 720,
    quiet: null,
    windMostMps: null,
  },
  siren: {
    rules: ['birds', 'frost'],
    mostOnMinutes: 3,
    leastEveryMinutes: 10,
    mostDailyMinutes: 60,
    quiet: { fromMin: 19 * 60, toMin: 7 * 60 },
    windMostMps: null,
  },
  // warm air from above the trees: with wind there is none
  fan: {
    rules: ['frost'],
    mostOnMinutes: 60,
    leastEveryMinutes: 1,
    mostDailyMinutes: 720,
    quiet: null,
    windMostMps: 2.5,
  },
}

export const isAuxiliaryOutput = (kind: string | null | undefined): kind is OutputKind =>
  (outputKinds as readonly string[]).includes(kind ?? '')

/** Why an output may not be on at an instant, by its own settings alone; null: it may. */
export type OutputLimit = 'off' | 'paused' | 'outside-hours' | 'quiet'

type Settings = Pick<AuxOutputRow, 'isOn' | 'pausedUntilMs' | 'hours' | 'quiet'>

export function activeLimit(output: Settings, atMs: AtMs, timeZone: string): OutputLimit | null {
  if (output.isOn !== 1) return 'off'
  if (output.pausedUntilMs !== null && output.pausedUntilMs > atMs) return 'paused'
  const minute = minuteOfDay(atMs, timeZone)
  if (!fromJson(output.hours).some((hours) => isWithin(hours, minute))) return 'outside-hours'
  return output.quiet !== null && isWithin(fromJson(output.quiet), minute) ? 'quiet' : null
}

/** For how many whole minutes from an instant on it may be on, `most` at the most. */
export function minutesAllowed(output: Settings, fromMs: AtMs, timeZone: string, most: number): number {
  let minutes = 0
  while (minutes < most && activeLimit(output, fromMs + minutes * MINUTE_MS, timeZone) === null) minutes++
  return minutes
}

export const minuteOfDay = (atMs: AtMs, timeZone: string): number =>
  Math.floor((atMs + zoneOffsetMs(atMs, timeZone)) / MINUTE_MS) % 1440

/** `toMin` at or before `fromMin`: past midnight, and the whole day where both are one. */
export const isWithin = ({ fromMin, toMin }: DayHours, minute: number): boolean =>
  fromMin < toMin ? minute >= fromMin && minute < toMin : minute >= fromMin || minute < toMin
