/** The seconds after a tap on a button that opens or closes a valve: nothing else may come under the thumb. */
import { SECOND_MS } from '../../../broker/contract/time.ts'

const HOLD_MS = 3 * SECOND_MS

/** Is on from its last start, for three seconds unless it is given another time. */
export class Hold {
  readonly #ms: number
  #isOn = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms = HOLD_MS) {
    this.#ms = ms
  }

  get isOn(): boolean {
    return this.#isOn
  }

  start(): void {
    this.#isOn = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.end(), this.#ms)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#isOn = false
  }
}

/** A person has just approved a run, on any screen. */
export const approvalHold = new Hold()
