/** The queue as the screens show it: kept before anything is sent, sent when the network allows, one after the other. */
import type { Me, Receipt, RequestResult } from '../../../services/api/schemas.ts'
import { SECOND_MS, systemClock } from '../../../broker/contract/time.ts'
import { deleteItem, storeItem, loadItems } from '../api/kept-queue.ts'
import { ask, newIdempotencyKey } from '../api/request.ts'
import { farmClock } from './farm-clock.svelte.ts'
import { link } from './link.svelte.ts'
import { onChange, notifyChange } from './live.ts'
import {
  isExpiredCopy,
  isFinalRefusal,
  isExpiredApproval,
  queuedApproval,
  requestOf,
  type QueueItem,
  type Entry,
} from './queue.ts'

const RETRY_MS = 30 * SECOND_MS

class Queue {
  #items = $state.raw<readonly QueueItem[]>([])
  #isKept = $state(true)
  #owner = ''
  #isSending = false
  #isWanted = false
  readonly #unkept = new Set<string>() // not on the disk
  readonly #discarded = new Set<string>() // also where the disk would not let go of them

  /** The signed-in person's own, the oldest first. */
  get items(): readonly QueueItem[] {
    return this.#items
  }
  /** The newest yes to a run that this phone keeps. */
  yesTo(runId: string): QueueItem | undefined {
    return queuedApproval(this.#items, runId)
  }
  /** Whether a run need not be asked about again: its yes waits here. */
  hasYes(runId: string): boolean {
    return this.yesTo(runId)?.state === 'waiting'
  }
  /** False: this phone refuses storage, and a reload would lose what waits. */
  get isKept(): boolean {
    return this.#isKept
  }

  /** Shows and sends what is kept of a person; gives the function that ends it. */
  start(me: Me): () => void {
    this.#owner = `${me.org.id}/${me.user.id}`
    void this.send()
    // told after a wake, a reconnect, and while the server is in trouble
    const unfollow = onChange((change) => {
      if (change === null) void this.send()
    })
    const again = setInterval(() => void this.send(), RETRY_MS)
    return () => {
      clearInterval(again)
      unfollow()
    }
  }

  /** Resolves with its id when it is on the phone's disk, whatever the network does. */
  async add(
    field: { id: string; name: string },
    seen: Entry,
    more: Partial<Pick<QueueItem, 'id' | 'isOut'>> = {},
  ): Promise<string> {
    const item: QueueItem = {
      id: newIdempotencyKey(),
      owner: this.#owner,
      fieldId: field.id,
      fieldName: field.name,
      seen,
      atMs: Math.round(farmClock.nowMs),
      madeMs: systemClock.now(),
      state: 'waiting',
      reason: null,
      sentMs: null,
      receivedMs: null,
      ...more,
    }
    // it is told to be on this phone when it is
    this.#isKept = await storeItem(item)
    if (!this.#isKept) this.#unkept.add(item.id)
    if (!this.#items.some(({ id }) => id === item.id)) this.#items = [...this.#items, item]
    // a browser that is short of space clears what nobody asked it to keep
    void navigator.storage?.persist?.()
    void this.send()
    return item.id
  }

  /** It stands there until the disk has let go of it: what is gone from the page does not come back with a reload. */
  async discard(id: string): Promise<void> {
    this.#unkept.delete(id)
    this.#discarded.add(id)
    await deleteItem(id)
    this.#items = this.#items.filter((item) => item.id !== id)
  }

  /** Sends what waits, or once more after the sending that is under way: the network may have come back meanwhile. */
  async send(): Promise<void> {
    if (this.#isSending) return void (this.#isWanted = true)
    this.#isSending = true
    try {
      await this.#read()
      const waiting = this.#items.filter(({ state }) => state === 'waiting')
      // a yes has its time; nothing that stands before it may hold it up
      const isYes = ({ seen }: QueueItem): boolean => seen.kind === 'approve'
      for (const item of [...waiting.filter(isYes), ...waiting.filter((one) => !isYes(one))])
        if (!(await this.#sendOne(item))) break
    } finally {
      this.#isSending = false
      if (this.#isWanted) void this.send()
      this.#isWanted = false
    }
  }

  /** What the disk has, which another page may have changed, and what only this page has. */
  async #read(): Promise<void> {
    const kept = await loadItems()
    if (kept === null) return
    const nowMs = systemClock.now()
    for (const item of kept) if (isExpiredCopy(item, nowMs)) void deleteItem(item.id)
    const here = new Map(this.#items.map((item) => [item.id, item]))
    const own = kept
      .filter(
        (item) => item.owner === this.#owner && !isExpiredCopy(item, nowMs) && !this.#discarded.has(item.id),
      )
      // a disk that is full may not have taken that it was sent
      .map((item) => (here.get(item.id)?.state === 'sent' ? here.get(item.id)! : item))
    const onlyHere = this.#items.filter(({ id }) => this.#unkept.has(id) && !own.some((one) => one.id === id))
    this.#items = [...own, ...onlyHere].sort((a, b) => a.madeMs - b.madeMs)
  }

  /** False: it waits on, and so does what stands behind it. */
  async #sendOne(item: QueueItem): Promise<boolean> {
    // while others were on their way
    if (this.#discarded.has(item.id)) return true
    if (isExpiredApproval(item, farmClock.nowMs)) {
      await this.#put({ ...item, state: 'refused', reason: 'expired' })
      return true
    }
    // an answer that is lost on its way back is no reason to say that a yes was not taken
    if (item.seen.kind === 'approve' && navigator.onLine && !item.isOut)
      await this.#put((item = { ...item, isOut: true }))
    if (this.#discarded.has(item.id)) return true
    const { path, body } = requestOf(item)
    const answer = await ask<Partial<Receipt & RequestResult>>(path, { method: 'POST', body })
    if (answer.ok) {
      // a page of the network one stands in is no receipt
      const receipt = answer.value.body
      if (receipt?.id !== item.id) return false
      link.heard()
      const { state, reason = null, receivedMs = Math.round(farmClock.nowMs) } = receipt
      // the server has the yes and nobody has decided it yet: it is asked for again, and nothing waits behind it
      if (state === 'new') return true
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
    link.failed(answer.error)
    if (!isFinalRefusal(answer.error)) return false
    const { code: reason, params } = answer.error
    await this.#put({ ...item, state: 'refused', reason, params })
    return true
  }

  async #put(item: QueueItem): Promise<void> {
    // discarded while it was on its way
    if (this.#discarded.has(item.id) || !this.#items.some(({ id }) => id === item.id)) return
    this.#items = this.#items.map((one) => (one.id === item.id ? item : one))
    await storeItem(item)
  }
}

export const queue = new Queue()
