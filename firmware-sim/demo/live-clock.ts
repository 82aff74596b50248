/**
 * A clock that is first virtual and then live, with the same timers: in virtual time each callback is awaited; live,
 * at a multiple of real time, none is.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../broker/contract/virtual-clock.ts'

export interface LiveClock extends VirtualClock {
  goLive(): void
  isLive(): boolean
}

const STEP_MS = 20 // of the wall

/** `speed`: multiple of real time once live. Its timer does not keep the process running. */
export function liveClock(startMs: AtMs, speed: number): LiveClock {
  const clock = virtualClock(startMs)
  let running: { zeroMs: number; fromMs: AtMs } | null = null
  const now = () =>
    running ? Math.floor(running.fromMs + (performance.now() - running.zeroMs) * speed) : clock.now()

  function run(): void {
    void clock.advanceTo(now()).finally(() => setTimeout(run, STEP_MS).unref())
  }

  return {
    now,
    at: (atMs, callback) =>
      clock.at(atMs, () => {
        const result = callback()
        return running ? undefined : result
      }),
    advanceTo: clock.advanceTo,
    nextAt: clock.nextAt,
    onSettle: (settle) => clock.onSettle(async () => (running ? undefined : settle())),
    isLive: () => running !== null,
    goLive() {
      running = { zeroMs: performance.now(), fromMs: clock.now() }
      run()
    },
  }
}
