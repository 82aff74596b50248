/**
 * Outputs that a rule may switch because they are harmless, and their limits. Shared by the API that accepts settings,
 * the plan that requests an output and dispatch that permits it. The limits are our own conservative choice and
 * unconfirmed, except the quiet hours of a siren.
 */
import { MINUTE_MS, zoneOffsetMs, type AtMs } from '../../broker/contract/time.ts'
import {
  readOutputHours,
  readOutputQuiet,
  outputKinds,
  type DayHours,
  type OutputKind,
  type AuxOutputRow,
  type OutputRule,
} from '../tables.ts'

export interface OutputBounds {
  rules: readonly OutputRule['by'][]
  maxOnMinutes: number // per activation
  minEveryMinutes: number
  maxDailyMinutes: number
  quietHours: DayHours | null // default
  maxWindMps: number | null // default, at 2 m
}

export const outputBounds: Record<OutputKind, OutputBounds> = {
  // pheromone only; without moth flight it is wasted
  puffer: {
    rules: ['flight', 'hours'],
    maxOnMinutes: 60,
    minEveryMinutes: 1,
    maxDailyMinutes: 720,
    quietHours: null,
    maxWindMps: null,
  },
  siren: {
    rules: ['birds', 'frost'],
    maxOnMinutes: 3,
    minEveryMinutes: 10,
    maxDailyMinutes: 60,
    quietHours: { fromMin: 19 * 60, toMin: 7 * 60 },
    maxWindMps: null,
  },
  // draws warm air from above the trees: with wind there is none
  fan: {
    rules: ['frost'],
    maxOnMinutes: 60,
    minEveryMinutes: 1,
    maxDailyMinutes: 720,
    quietHours: null,
    maxWindMps: 2.5,
  },
}

/** False for null and undefined, which stand for a water valve, and for an unknown kind. */
export const isAuxiliaryOutput = (kind: string | null | undefined): kind is OutputKind =>
  (outputKinds as readonly string[]).includes(kind ?? '')

/** Why the settings of an output forbid it to be on at an instant; null: it may be on. */
export type OutputLimit = 'off' | 'paused' | 'outside-hours' | 'quiet'

type Settings = Pick<AuxOutputRow, 'isOn' | 'pausedUntilMs' | 'hours' | 'quietHours'>

/** The limit that keeps the output off at an instant; null: it may be on. */
export function activeLimit(output: Settings, atMs: AtMs, timeZone: string): OutputLimit | null {
  if (output.isOn !== 1) return 'off'
  if (output.pausedUntilMs !== null && output.pausedUntilMs > atMs) return 'paused'
  const minute = minuteOfDay(atMs, timeZone)
  if (!readOutputHours(output.hours).some((hours) => isWithin(hours, minute))) return 'outside-hours'
  return output.quietHours !== null && isWithin(readOutputQuiet(output.quietHours), minute) ? 'quiet' : null
}

/** The number of whole minutes from an instant that the output may be on, at most `maxMinutes`. */
export function minutesAllowed(output: Settings, fromMs: AtMs, timeZone: string, maxMinutes: number): number {
  let minutes = 0
  while (minutes < maxMinutes && activeLimit(output, fromMs + minutes * MINUTE_MS, timeZone) === null)
    minutes++
  return minutes
}

/** Minutes after midnight by the local clock, 0-1439, also on a day with a clock change. */
export const minuteOfDay = (atMs: AtMs, timeZone: string): number =>
  Math.floor((atMs + zoneOffsetMs(atMs, timeZone)) / MINUTE_MS) % 1440

/** `toMin` at or before `fromMin` is past midnight; the whole day where both are equal. */
export const isWithin = ({ fromMin, toMin }: DayHours, minute: number): boolean =>
  fromMin < toMin ? minute >= fromMin && minute < toMin : minute >= fromMin || minute < toMin
