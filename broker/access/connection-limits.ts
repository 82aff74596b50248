/**
 * Limits on connections. A connection is pending until its CONNECT is accepted; when too many are pending, the oldest is
 * evicted: a device with the right secret is accepted in milliseconds and is never the oldest.
 */
import { addressKey } from '../contract/rate/address-key.ts'
import { boundedMap } from '../contract/rate/bounded-map.ts'
import { err, ok, type Result } from '../contract/result.ts'
import type { BrokerLimits } from './limits.ts'
import { tokenBucket, type TokenBucket } from '../contract/rate/token-bucket.ts'

/** The place of one connection within the limits. */
export interface Slot {
  address: string // the key by which limits count it
  /** The CONNECT is valid: the connection counts as this device from now on. An error if there are too many. */
  admit(org: string, device: string): Result<'admitted'>
  release(): void
}

export type SlotRejection = 'lag' | 'rate'

const MAX_KNOWN_ADDRESSES = 10_000

export interface ConnectionLimiter {
  /** The slot of a new connection, or the reason of the rejection. `evict` must end the connection. */
  acquire(address: string, evict: () => void): Slot | SlotRejection
  /** number of pending connections */
  waiting(): number
}

interface ConnectionLimiterDeps {
  limits: BrokerLimits
  lagMs: () => number
  nowMs: () => number // monotonic
}

/**
 * Rejects a connection while the event loop lags behind, or when its rate is used up. Everything is kept in memory;
 * an address from which a device has signed in has a rate of its own.
 */
export function connectionLimiter({ limits, lagMs, nowMs }: ConnectionLimiterDeps): ConnectionLimiter {
  const newBucket = () => tokenBucket({ burst: 2 * limits.connects, perS: limits.connects }, nowMs())
  const sharedBucket = newBucket()
  // a flood from unknown addresses must not use up the rate that the farm's own devices need: an address from which a
  // device has signed in has a bucket of its own
  const knownAddresses = boundedMap<string, TokenBucket>(MAX_KNOWN_ADDRESSES)
  const waiting = evictionQueue()
  const waitingByAddress = new Map<string, EvictionQueue>()
  const devicesByAddress = deviceGroups()
  const devicesByOrg = deviceGroups()
  const shared: Shared = {
    limits,
    waiting,
    waitingByAddress,
    devicesByAddress,
    devicesByOrg,
    remember: (address) => knownAddresses.set(address, knownAddresses.get(address) ?? newBucket()),
  }

  return {
    waiting: () => waiting.size(),
    acquire(from, evict) {
      if (lagMs() > limits.lag) return 'lag'
      const address = addressKey(from)
      if (!(knownAddresses.get(address) ?? sharedBucket).tryTake(nowMs())) return 'rate'
      const fromSameAddress = waitingByAddress.get(address) ?? evictionQueue()
      if (fromSameAddress.size() >= limits['waiting-per-address']) fromSameAddress.evictOldest()
      if (waiting.size() >= limits.waiting) waiting.evictOldest()

      const slot = new ConnectionSlot(address, evict, fromSameAddress, shared)
      waiting.add(slot)
      fromSameAddress.add(slot)
      waitingByAddress.set(address, fromSameAddress)
      return slot
    },
  }
}

/** What the slots of a limiter share. */
interface Shared {
  limits: BrokerLimits
  waiting: EvictionQueue
  waitingByAddress: Map<string, EvictionQueue>
  devicesByAddress: ReturnType<typeof deviceGroups>
  devicesByOrg: ReturnType<typeof deviceGroups>
  /** A device has signed in from this address. */
  remember(address: string): void
}

// a class: each connection has one, and closures of its own would take three times the memory
class ConnectionSlot implements Slot {
  readonly address: string
  readonly #evict: () => void
  #fromSameAddress: EvictionQueue | null // null: it waits no more
  readonly #shared: Shared
  #isConnected = true
  #org: string | null = null // of the admitted device
  #device = ''

  constructor(address: string, evict: () => void, fromSameAddress: EvictionQueue, shared: Shared) {
    this.address = address
    this.#evict = evict
    this.#fromSameAddress = fromSameAddress
    this.#shared = shared
  }

  admit(org: string, device: string): Result<'admitted'> {
    const { address } = this
    const { limits, devicesByAddress, devicesByOrg, remember } = this.#shared
    if (!this.#isConnected || this.#org !== null) return err('the connection is closed')
    if (!devicesByAddress.hasRoom(address, device, limits['per-address']))
      return err(`per-address: expected at most ${limits['per-address']} devices from ${address}`)
    if (!devicesByOrg.hasRoom(org, device, limits['per-org']))
      return err(`per-org: expected at most ${limits['per-org']} devices of ${org}`)
    this.#stopWaiting()
    remember(address)
    this.#org = org
    this.#device = device
    devicesByAddress.add(address, device)
    devicesByOrg.add(org, device)
    return ok('admitted')
  }

  release(): void {
    if (!this.#isConnected) return
    this.#isConnected = false
    this.#stopWaiting()
    if (this.#org === null) return
    this.#shared.devicesByAddress.remove(this.address, this.#device)
    this.#shared.devicesByOrg.remove(this.#org, this.#device)
  }

  evict(): void {
    this.#stopWaiting()
    this.#evict()
  }

  #stopWaiting(): void {
    const { waiting, waitingByAddress } = this.#shared
    const fromSameAddress = this.#fromSameAddress
    if (fromSameAddress === null) return
    this.#fromSameAddress = null
    waiting.remove(this)
    fromSameAddress.remove(this)
    if (fromSameAddress.size() === 0 && waitingByAddress.get(this.address) === fromSameAddress)
      waitingByAddress.delete(this.address)
  }
}

type EvictionQueue = ReturnType<typeof evictionQueue>

/** Pending connections in the order of arrival. */
function evictionQueue() {
  const members = new Set<{ evict(): void }>()
  return {
    size: () => members.size,
    add: (slot: { evict(): void }) => void members.add(slot),
    remove: (slot: { evict(): void }) => void members.delete(slot),
    evictOldest: () => members.values().next().value?.evict(),
  }
}

/** Number of different devices that each group has connected; a device that replaces its own connection is counted one time. */
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
