/**
 * What long work awaits now and then, so that everything else goes first. One turn of the event loop would not do: a
 * message is read in one, committed in the next and acknowledged in a third, and would stand behind the work each time.
 */
import { setImmediate } from 'node:timers/promises'

const TURNS = 3

export async function yieldToEventLoop(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
}
