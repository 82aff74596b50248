/** The rules that a season is lived again with beside Tilth's own: what the valve gave, and the farmer's timer. Pure. */
import type { WaterRule } from './replay.ts'

export const recordedRule: WaterRule = (_evening, next) => next.irrigationMm

/** Every so many days the same gross depth, whatever the weather does. */
export const fixedScheduleRule =
  (habit: { depthMm: number; everyDays: number }, efficiency: number): WaterRule =>
  ({ n }) =>
    n % habit.everyDays === 0 ? habit.depthMm * efficiency : 0
