/** The rules that a season is lived again with beside Tilth's own: what the valve gave, and the farmer's timer. Pure. */
import type { Rule } from './replay.ts'

export const given: Rule = (_evening, next) => next.irrigationMm

/** Every so many days the same gross depth, whatever the weather does. */
export const timer =
  (habit: { timerMm: number; timerDays: number }, efficiency: number): Rule =>
  ({ n }) =>
    n % habit.timerDays === 0 ? habit.timerMm * efficiency : 0
