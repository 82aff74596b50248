/**
 * Who may come in, and how many. A connection waits until its CONNECT has been accepted; while too many wait, the one
 * that has waited longest gives way: a device that knows its secret is through in milliseconds and is never the oldest.
 */
import { addressKey } from '../net/address-key.ts'
import { err, ok, type Result } from '../contract/result.ts'
import type { BrokerLimits } from './limits.ts'
import { tokenBucket, type TokenBucket } from './token-bucket.ts'

export interface Slot {
  address: string // as limits count it
  /** Its CONNECT is right: counts as this device from now on. The reason when there are too many. */
  admit(org: string, device: string): Result<'admitted'>
  release(): void
}

export type SlotRejection = 'lag' | 'rate'

const MAX_KNOWN_ADDRESSES = 10_000

export interface ConnectionLimiter {
  /** A new connection; `giveWay` has to end it. */
  acquire(address: string, giveWay: () => void): Slot | SlotRejection
  waiting(): number
}

interface ConnectionLimiterDeps {
  limits: BrokerLimits
  lagMs: () => number
  nowMs: () => number // monotonic
}

export function connectionLimiter({ limits, lagMs, nowMs }: ConnectionLimiterDeps): ConnectionLimiter {
  const newBucket = () => tokenBucket({ burst: 2 * limits.connects, perS: limits.connects }, nowMs())
  const strangers = newBucket()
  // a flood of strangers must not use up what the farm's own devices need: where one has signed in, that address has
  // a bucket of its own. The one that signed in last is at the end
  const known = new Map<string, TokenBucket>()
  const waiting = evictionQueue()
  const waitingAt = new Map<string, ReturnType<typeof evictionQueue>>()
  const liveAt = deviceGroups()
  const liveIn = deviceGroups()

  function remember(address: string): void {
    const bucket = known.get(address) ?? newBucket()
    known.delete(address)
    known.set(address, bucket)
    if (known.size > MAX_KNOWN_ADDRESSES) known.delete(known.keys().next().value!)
  }

  return {
    waiting: () => waiting.size(),
    acquire(from, giveWay) {
      if (lagMs() > limits.lag) return 'lag'
      const address = addressKey(from)
      if (!(known.get(address) ?? strangers).tryTake(nowMs())) return 'rate'
      const here = waitingAt.get(address) ?? evictionQueue()
      if (here.size() >= limits['waiting-per-address']) here.sendAwayOldest()
      if (waiting.size() >= limits.waiting) waiting.sendAwayOldest()

      let isWaiting = true
      let isHere = true
      let crowd: [org: string, device: string] | null = null
      const stopWaiting = () => {
        if (!isWaiting) return
        isWaiting = false
        waiting.remove(sendAway)
        here.remove(sendAway)
        if (here.size() === 0 && waitingAt.get(address) === here) waitingAt.delete(address)
      }
      const sendAway = () => {
        stopWaiting()
        giveWay()
      }
      waiting.add(sendAway)
      here.add(sendAway)
      waitingAt.set(address, here)

      return {
        address,
        admit(org, device) {
          if (!isHere || crowd !== null) return err('no longer at the door')
          if (!liveAt.hasRoom(address, device, limits['per-address']))
            return err(`per-address: expected at most ${limits['per-address']} devices from ${address}`)
          if (!liveIn.hasRoom(org, device, limits['per-org']))
            return err(`per-org: expected at most ${limits['per-org']} devices of ${org}`)
          stopWaiting()
          remember(address)
          crowd = [org, device]
          liveAt.add(address, device)
          liveIn.add(org, device)
          return ok('admitted')
        },
        release() {
          if (!isHere) return
          isHere = false
          stopWaiting()
          if (crowd === null) return
          liveAt.remove(address, crowd[1])
          liveIn.remove(crowd[0], crowd[1])
        },
      }
    },
  }
}

/** In the order of arrival. */
function evictionQueue() {
  const members = new Set<() => void>()
  return {
    size: () => members.size,
    add: (sendAway: () => void) => void members.add(sendAway),
    remove: (sendAway: () => void) => void members.delete(sendAway),
    sendAwayOldest: () => members.values().next().value?.(),
  }
}

/** How many different devices each group has connected; one that takes its own place is not one more. */
function deviceGroups() {
  const groups = new Map<string, Map<string, number>>()
  return {
    hasRoom(group: string, device: string, limit: number): boolean {
      const devices = groups.get(group)
      return devices === undefined || devices.size < limit || devices.has(device)
    },
    add(group: string, device: string): void {
      const devices = groups.get(group) ?? new Map<string, number>()
      groups.set(group, devices.set(device, (devices.get(device) ?? 0) + 1))
    },
    remove(group: string, device: string): void {
      const devices = groups.get(group)
      const left = (devices?.get(device) ?? 0) - 1
      if (left > 0) devices!.set(device, left)
      else devices?.delete(device)
      if (devices?.size === 0) groups.delete(group)
    },
  }
}
