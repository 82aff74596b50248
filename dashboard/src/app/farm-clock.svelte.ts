/**
 * The farm's time on this phone. The server sends its time and the speed of its clock (a demonstration runs faster than the
 * wall clock); ages and remaining times are counted from it, never from the phone's own clock.
 */
import { systemClock, type AtMs } from '../../../broker/contract/time.ts'
import { farmTime } from './farm-time.ts'

const TICK_MS = 1_000

class FarmClock {
  #server = { nowMs: systemClock.now(), speed: 1 }
  #receivedMs = systemClock.now()
  #nowMs = $state(systemClock.now())
  #speed = $state(1)

  /** Advances each second. */
  get nowMs(): AtMs {
    return this.#nowMs
  }
  get speed(): number {
    return this.#speed
  }

  /** Adopts the server's clock. A response older than the newest is ignored. */
  sync(server: { nowMs: AtMs; speed: number }, receivedMs: AtMs): void {
    if (receivedMs < this.#receivedMs && this.#isSet) return
    this.#isSet = true
    this.#server = server
    this.#receivedMs = receivedMs
    this.#speed = server.speed
    this.tick()
  }
  #isSet = false

  tick(): void {
    this.#nowMs = farmTime(this.#server, this.#receivedMs, systemClock.now())
  }

  start(): () => void {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') this.tick()
    }, TICK_MS)
    return () => clearInterval(timer)
  }
}

export const farmClock = new FarmClock()
