/** The litres of a running valve climb in the demonstration, at every speed. */
import { expect, it } from 'vitest'
import { controllerIntervals } from '../../../firmware-sim/demo/controller-intervals.ts'

it.each([1, 4, 60, 600])(
  'at %s times real time a run of seven minutes is counted more than once',
  (speed) => {
    const { stateMs } = controllerIntervals(speed)
    const realSeconds = stateMs / 1000 / speed
    // a person waits at most a minute for the next count, and no phone draws more than one in two seconds
    expect(realSeconds).toBeLessThanOrEqual(60)
    expect(realSeconds).toBeGreaterThanOrEqual(2)
    if (speed <= 60) expect(Math.floor((7 * 60_000) / stateMs)).toBeGreaterThan(1)
  },
)
