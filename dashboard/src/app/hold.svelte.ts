/** The seconds after a tap on a button that opens or closes a valve: nothing else may come under the thumb. */
import { SECOND_MS } from '../../../broker/contract/time.ts'

const HOLD_MS = 3 * SECOND_MS

/** Is on for three seconds from its last start, or for the time that the start is given. */
export class Hold {
  #isOn = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  get isOn(): boolean {
    return this.#isOn
  }

  start(ms = HOLD_MS): void {
    this.#isOn = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.end(), ms)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#isOn = false
  }
}

/** A person has just approved a run, on any screen. */
export const approvalHold = new Hold()
