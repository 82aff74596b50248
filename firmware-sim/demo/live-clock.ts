/**
 * A clock that is first virtual and later runs by itself: the same timers, first in virtual time, where each callback is
 * awaited, then at a multiple of real time, where callbacks are not awaited.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../broker/contract/virtual-clock.ts'

export interface LiveClock extends VirtualClock {
  goLive(): void
  isLive(): boolean
}

const STEP_MS = 20 // of the wall

export function liveClock(startMs: AtMs, speed: number): LiveClock {
  const clock = virtualClock(startMs)
  let live: { zeroMs: number; fromMs: AtMs } | null = null
  const now = () => (live ? Math.floor(live.fromMs + (performance.now() - live.zeroMs) * speed) : clock.now())

  function run(): void {
    void clock.advanceTo(now()).finally(() => setTimeout(run, STEP_MS).unref())
  }

  return {
    now,
    at: (atMs, callback) =>
      clock.at(atMs, () => {
        const done = callback()
        return live ? undefined : done
      }),
    advanceTo: clock.advanceTo,
    nextAt: clock.nextAt,
    onSettle: (settle) => clock.onSettle(async () => (live ? undefined : settle())),
    isLive: () => live !== null,
    goLive() {
      live = { zeroMs: performance.now(), fromMs: clock.now() }
      run()
    },
  }
}
