/**
 * The rules of the comparison besides Tilth's own: the recorded irrigation and the farmer's fixed schedule.
 * Pure.
 */
import type { WaterRule } from './replay.ts'

export const recordedRule: WaterRule = (_evening, next) => next.irrigationMm

/** The same gross depth at a fixed interval, independent of the weather. */
export const fixedScheduleRule =
  (habit: { depthMm: number; everyDays: number }, efficiency: number): WaterRule =>
  ({ n }) =>
    n % habit.everyDays === 0 ? habit.depthMm * efficiency : 0
