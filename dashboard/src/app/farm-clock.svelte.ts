/**
 * The farm's time on this phone. The server says what time it is and how fast its clock runs (a demonstration runs
 * faster than the wall), and ages and times left are counted from that, never from the phone's own clock.
 */
import { systemClock, type AtMs } from '../../../broker/contract/time.ts'
import { farmTime } from './farm-time.ts'

const TICK_MS = 1_000

class FarmClock {
  #said = { nowMs: systemClock.now(), speed: 1 }
  #receivedMs = systemClock.now()
  #nowMs = $state(systemClock.now())
  #speed = $state(1)

  /** Moves on by itself each second. */
  get nowMs(): AtMs {
    return this.#nowMs
  }
  get speed(): number {
    return this.#speed
  }

  /** Takes over what an answer said; older answers than the newest are ignored. */
  hear(said: { nowMs: AtMs; speed: number }, receivedMs: AtMs): void {
    if (receivedMs < this.#receivedMs && this.#isSet) return
    this.#isSet = true
    this.#said = said
    this.#receivedMs = receivedMs
    this.#speed = said.speed
    this.tick()
  }
  #isSet = false

  tick(): void {
    this.#nowMs = farmTime(this.#said, this.#receivedMs, systemClock.now())
  }

  start(): () => void {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') this.tick()
    }, TICK_MS)
    return () => clearInterval(timer)
  }
}

export const farmClock = new FarmClock()
