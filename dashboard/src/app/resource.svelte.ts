/**
 * One answer of the API as a screen holds it: first what the phone kept, then what the server says, and after a
 * failure still the last good one. Fetches are never stacked: changes that come in while one is under way lead to
 * one more.
 */
import { untrack } from 'svelte'
import { systemClock } from '../../../broker/contract/time.ts'
import { cacheWriter, cachedResponse } from '../api/kept.ts'
import { ask, type Failure } from '../api/request.ts'
import { farmClock } from './farm-clock.svelte.ts'
import { link } from './link.svelte.ts'
import { noteLastEvent, onChange } from './live.ts'
import type { Change } from './read-change.ts'

const LEAST_GAP_MS = 1_000

/**
 * A page that the worker keeps comes alone, and a tag spares an answer that has not changed. One from the server has its
 * answers on their way already (services/api/http/preload-links.ts), and asks for them as they were asked for.
 */
const isKeptPage = (): boolean =>
  (performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]).some(
    ({ workerStart }) => workerStart > 0,
  )

export class Resource<T> {
  readonly path: string
  readonly #taken: (value: T) => void
  #value = $state.raw<T | null>(null)
  #receivedMs = $state<number | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #isAnswered = $state(false)
  #etag: string | null = null
  #running: Promise<void> | null = null
  #isWanted = false

  /** `taken`: told of each value before it is shown, in one go with it. */
  constructor(path: string, taken: (value: T) => void = () => {}) {
    this.path = path
    this.#taken = taken
  }

  get value(): T | null {
    return this.#value
  }
  /** When the value came, by the phone's clock. */
  get receivedMs(): number | null {
    return this.#receivedMs
  }
  get failure(): Failure | null {
    return this.#failure
  }
  /** Nothing to show yet, and nothing has failed. */
  get isWaiting(): boolean {
    return this.#value === null && this.#failure === null && !this.#isAnswered
  }

  /** Shows what was kept, then fetches. An effect that opens it does not run again for what it brings. */
  open(): Promise<void> {
    return untrack(() => this.#open())
  }

  async #open(): Promise<void> {
    if (this.#value === null) {
      const kept = await cachedResponse<T>(this.path)
      if (kept && this.#value === null)
        this.#take(kept.body, kept.receivedMs, isKeptPage() ? kept.etag : null)
    }
    await this.refresh()
  }

  /** Fetches now, or once more after the fetch that is under way. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#isWanted = true
      return this.#running
    }
    this.#running = untrack(() => this.#fetch()).finally(() => {
      this.#running = null
      if (!this.#isWanted) return
      this.#isWanted = false
      setTimeout(() => void this.refresh(), LEAST_GAP_MS)
    })
    return this.#running
  }

  async #fetch(): Promise<void> {
    const keep = cacheWriter()
    const answer = await ask<T>(this.path, { etag: this.#value === null ? null : this.#etag })
    if (!answer.ok) {
      this.#failure = answer.error
      link.failed(answer.error)
      return
    }
    this.#failure = null
    this.#isAnswered = true
    link.heard()
    noteLastEvent(answer.value.lastEvent)
    const receivedMs = systemClock.now()
    const { body, etag } = answer.value
    if (body === null) {
      this.#receivedMs = receivedMs
      return
    }
    this.#take(body, receivedMs, etag)
    void keep({ path: this.path, receivedMs, etag, body })
  }

  #take(body: T, receivedMs: number, etag: string | null): void {
    this.#value = body
    this.#receivedMs = receivedMs
    this.#etag = etag
    const clock = (body as { clock?: { nowMs: number; speed: number } }).clock
    if (clock) farmClock.hear(clock, receivedMs)
    this.#taken(body)
  }

  /** Follows the events that `concerns` names until the returned function is called. */
  follow(concerns: (change: Change) => boolean): () => void {
    return onChange((change) => {
      if (change === null || concerns(change)) void this.refresh()
    })
  }
}
