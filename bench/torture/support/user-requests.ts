/**
 * People who request irrigation from a server that keeps dying: each request has a key and is repeated with it until it
 * has a response. The repeats must not irrigate twice.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../firmware-sim/random.ts'
import type { FastFarm } from './fast-farm.ts'
import type { DisplayWatch } from './display-watch.ts'

export interface UserRequests {
  /** accepted starts */
  accepted(): number
  /** Resolves when all requests have ended. */
  end(): Promise<void>
}

const AGAIN_MS = 150 // of real time
// of ten starts: stopped by a person before they end
const STOPPED_OF_TEN = 2

/** One person per zone, who starts it repeatedly for one to `longestMin` minutes while `isOn()`. */
export function startUserRequests(
  farm: Pick<FastFarm, 'person' | 'speed' | 'zones'>,
  display: DisplayWatch,
  { chance, longestMin, isOn }: { chance: Random; longestMin: number; isOn: () => boolean },
): UserRequests {
  let accepted = 0

  /** Repeats until the server has responded, across restarts. Null: no longer requested. */
  async function untilAnswered(kind: 'start' | 'stop', zone: string, minutes?: number) {
    const idem = randomUUID()
    for (;;) {
      const result = await farm.person.request(kind, idem, zone, minutes).catch(() => null)
      if (result !== null && result.state !== 'new') return result
      if (result === null && !isOn()) return null
      await pause(AGAIN_MS)
    }
  }

  async function requestRepeatedly(zone: string, index: number): Promise<void> {
    // staggered
    await pause(index * 20)
    while (isOn()) {
      const minutes = 1 + Math.floor(chance.next() * longestMin)
      const isStopped = chance.next() * 10 < STOPPED_OF_TEN
      const result = await untilAnswered('start', zone, minutes)
      if (result?.state === 'accepted') {
        accepted += 1
        if (isStopped) {
          await pause((chance.next() * minutes * 60_000) / farm.speed)
          await untilAnswered('stop', zone)
        }
      }
      const responsesBefore = display.responses()
      while (isOn() && (display.responses() === responsesBefore || display.isRunning(zone)))
        await pause(AGAIN_MS)
    }
  }

  const wanting = Promise.all(farm.zones.map(({ id }, index) => requestRepeatedly(id, index)))
  return { accepted: () => accepted, end: () => wanting.then(() => {}) }
}
