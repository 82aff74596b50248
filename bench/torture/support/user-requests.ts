/**
 * People who want water, through a server that keeps dying: each wish has a key, and is said again under that key until
 * it is answered. Whoever does not know what became of his word says it again; it must not water twice.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../firmware-sim/random.ts'
import type { FastFarm } from './fast-farm.ts'
import type { DisplayWatch } from './display-watch.ts'

export interface UserRequests {
  /** starts that were accepted */
  accepted(): number
  /** Resolves when nobody wants anything any more. */
  end(): Promise<void>
}

const AGAIN_MS = 150 // of real time
// of wishes for a start: some are stopped by a person before they end
const STOPPED_OF_TEN = 2

/** One person a zone, who starts it again and again for one to `longestMin` minutes while `isOn()`. */
export function startUserRequests(
  farm: Pick<FastFarm, 'person' | 'speed' | 'zones'>,
  shown: DisplayWatch,
  { chance, longestMin, isOn }: { chance: Random; longestMin: number; isOn: () => boolean },
): UserRequests {
  let accepted = 0

  /** Until the server has answered, whichever of its lives it is in. Null: nobody wants it any more. */
  async function untilAnswered(kind: 'start' | 'stop', zone: string, minutes?: number) {
    const idem = randomUUID()
    for (;;) {
      const answer = await farm.person.request(kind, idem, zone, minutes).catch(() => null)
      if (answer !== null && answer.state !== 'new') return answer
      if (answer === null && !isOn()) return null
      await pause(AGAIN_MS)
    }
  }

  async function want(zone: string, index: number): Promise<void> {
    // not all in one breath
    await pause(index * 20)
    while (isOn()) {
      const minutes = 1 + Math.floor(chance.next() * longestMin)
      const isStopped = chance.next() * 10 < STOPPED_OF_TEN
      const answer = await untilAnswered('start', zone, minutes)
      if (answer?.state === 'accepted') {
        accepted += 1
        if (isStopped) {
          await pause((chance.next() * minutes * 60_000) / farm.speed)
          await untilAnswered('stop', zone)
        }
      }
      const seen = shown.responses()
      while (isOn() && (shown.responses() === seen || shown.isRunning(zone))) await pause(AGAIN_MS)
    }
  }

  const wanting = Promise.all(farm.zones.map(({ id }, index) => want(id, index)))
  return { accepted: () => accepted, end: () => wanting.then(() => {}) }
}
