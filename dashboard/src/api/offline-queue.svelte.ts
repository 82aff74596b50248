/**
 * The offline queue: entries are stored on the phone before they are sent, and sent one after the other when the network
 * allows. It has its own database: signing out clears the cached responses, not the queue.
 */
import type { Me, Receipt, RequestResult } from '../../../services/api/schemas.ts'
import { SECOND_MS, systemClock } from '../../../broker/contract/time.ts'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { phoneStorage } from './cache.svelte.ts'
import { notifyChange, onChange } from './events.ts'
import {
  isExpiredApproval,
  isExpiredCopy,
  isFinalRefusal,
  photoRequestOf,
  queuedApproval,
  requestOf,
  type Entry,
  type QueueItem,
} from './queue-item.ts'
import { connection, newIdempotencyKey, request, type Failure } from './request.svelte.ts'

const RETRY_MS = 30 * SECOND_MS
const run = phoneStorage('tilth-queue', 'items', 'id')

/** The items of everybody who used this phone. Null: this phone refuses storage. */
const loadItems = async (): Promise<QueueItem[] | null> =>
  (await run<QueueItem[]>('readonly', (items) => items.getAll()))?.value ?? null

/** False: not stored; a reload would lose it. */
const storeItem = async (item: QueueItem): Promise<boolean> =>
  (await run('readwrite', (items) => items.put(item))) !== null

async function deleteItem(id: string): Promise<void> {
  await run('readwrite', (items) => items.delete(id))
}

class Queue {
  #items = $state.raw<readonly QueueItem[]>([])
  #isStored = $state(true)
  #owner = ''
  #isSending = false
  #sendAgain = false
  readonly #unstored = new Set<string>() // only in memory, not stored on the phone
  readonly #discarded = new Set<string>() // discarded items stay hidden even when the disk could not delete them

  /** Items of the signed-in person, oldest first. */
  get items(): readonly QueueItem[] {
    return this.#items
  }
  /** The newest queued approval of a run. */
  approvalOf(runId: string): QueueItem | undefined {
    return queuedApproval(this.#items, runId)
  }
  /** Whether an approval of a run waits to be sent. */
  isApprovalWaiting(runId: string): boolean {
    return this.approvalOf(runId)?.state === 'waiting'
  }
  /** False: this phone refuses storage, and a reload would lose waiting items. */
  get isStored(): boolean {
    return this.#isStored
  }

  /** Shows and sends the items of a person; returns the function that ends it. */
  start(me: Me): () => void {
    this.#owner = `${me.org.id}/${me.user.id}`
    void this.send()
    // null comes after a wake, a reconnect, and server errors
    const unfollow = onChange((change) => {
      if (change === null) void this.send()
    })
    const retry = setInterval(() => void this.send(), RETRY_MS)
    return () => {
      clearInterval(retry)
      unfollow()
    }
  }

  /** Resolves with the item's id when it is on the phone's disk, independently of the network. */
  async add(
    field: { id: string; name: string },
    entry: Entry,
    initial: Partial<Pick<QueueItem, 'id' | 'wasSent'>> = {},
  ): Promise<string> {
    const item: QueueItem = {
      id: newIdempotencyKey(),
      owner: this.#owner,
      fieldId: field.id,
      fieldName: field.name,
      entry,
      atMs: Math.round(farmClock.nowMs),
      createdMs: systemClock.now(),
      state: 'waiting',
      reason: null,
      sentMs: null,
      receivedMs: null,
      ...initial,
    }
    // shown as saved on this phone only when it is
    this.#isStored = await storeItem(item)
    if (!this.#isStored) this.#unstored.add(item.id)
    if (!this.#items.some(({ id }) => id === item.id)) this.#items = [...this.#items, item]
    // without persistence a browser short of space may delete the queue
    void navigator.storage?.persist?.()
    void this.send()
    return item.id
  }

  /** Removed from the page only after the disk, so that it does not come back with a reload. */
  async discard(id: string): Promise<void> {
    this.#unstored.delete(id)
    this.#discarded.add(id)
    await deleteItem(id)
    this.#items = this.#items.filter((item) => item.id !== id)
  }

  /** Sends waiting items, or once more after a running send: the network may have returned meanwhile. */
  async send(): Promise<void> {
    if (this.#isSending) return void (this.#sendAgain = true)
    this.#isSending = true
    try {
      await this.#read()
      const waiting = this.#items.filter(({ state }) => state === 'waiting')
      // an approval expires: no other item may delay it
      const isApproval = ({ entry }: QueueItem): boolean => entry.kind === 'approve'
      for (const item of [...waiting.filter(isApproval), ...waiting.filter((other) => !isApproval(other))])
        if (!(await this.#sendOne(item))) break
    } finally {
      this.#isSending = false
      if (this.#sendAgain) void this.send()
      this.#sendAgain = false
    }
  }

  /** Merges the items on the disk, which another page may have changed, with those of this page only. */
  async #read(): Promise<void> {
    const stored = await loadItems()
    if (stored === null) return
    const nowMs = systemClock.now()
    for (const item of stored) if (isExpiredCopy(item, nowMs)) void deleteItem(item.id)
    const inMemory = new Map(this.#items.map((item) => [item.id, item]))
    const ownItems = stored
      .filter(
        (item) => item.owner === this.#owner && !isExpiredCopy(item, nowMs) && !this.#discarded.has(item.id),
      )
      // a full disk may have failed to store the sent state
      .map((item) => (inMemory.get(item.id)?.state === 'sent' ? inMemory.get(item.id)! : item))
    const onlyHere = this.#items.filter(
      ({ id }) => this.#unstored.has(id) && !ownItems.some((item) => item.id === id),
    )
    this.#items = [...ownItems, ...onlyHere].sort((a, b) => a.createdMs - b.createdMs)
  }

  /** False: this item and the items after it keep waiting. */
  async #sendOne(item: QueueItem): Promise<boolean> {
    // discarded while other items were sent
    if (this.#discarded.has(item.id)) return true
    if (isExpiredApproval(item, farmClock.nowMs)) {
      await this.#put({ ...item, state: 'refused', reason: 'expired' })
      return true
    }
    // a lost response does not mean that an approval was not accepted
    if (item.entry.kind === 'approve' && navigator.onLine && !item.wasSent)
      await this.#put((item = { ...item, wasSent: true }))
    if (this.#discarded.has(item.id)) return true
    const { path, body } = requestOf(item)
    const response = await request<Partial<Receipt & RequestResult>>(path, { method: 'POST', body })
    if (response.ok) {
      // the login page of a public network is no receipt
      const receipt = response.value.body
      if (receipt?.id !== item.id) return false
      connection.succeeded()
      const { state, reason = null, receivedMs = Math.round(farmClock.nowMs) } = receipt
      // the server has the approval and has not processed it yet: it is sent again, and blocks no other item
      if (state === 'new') return true
      const photo = photoRequestOf(item)
      if (photo) {
        const stored = await request(photo.path, { method: 'POST', body: photo.body })
        // the same note and the same picture are stored once: both are sent again
        if (!stored.ok) return this.#failed(item, stored.error)
      }
      await this.#put({
        ...item,
        state: state === 'refused' ? state : 'sent',
        reason,
        sentMs: systemClock.now(),
        receivedMs,
      })
      notifyChange(null)
      return true
    }
    return this.#failed(item, response.error)
  }

  /** False: the item waits. A final refusal stays with its reason. */
  async #failed(item: QueueItem, failure: Failure): Promise<boolean> {
    connection.failed(failure)
    if (!isFinalRefusal(failure)) return false
    const { code: reason, params } = failure
    await this.#put({ ...item, state: 'refused', reason, params })
    return true
  }

  async #put(item: QueueItem): Promise<void> {
    // discarded while it was sent
    if (this.#discarded.has(item.id) || !this.#items.some(({ id }) => id === item.id)) return
    this.#items = this.#items.map((other) => (other.id === item.id ? item : other))
    await storeItem(item)
  }
}

export const queue = new Queue()
