/**
 * A command to open a valve, followed from the tap to the valve's confirmation. It is never queued: without a response
 * the person is notified, and trying again sends the same command (the same key), so that a valve opens once.
 */
import type { CommandView, RequestResult } from '../../../services/api/schemas.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { request, newIdempotencyKey, connection } from '../api/request.svelte.ts'
import { failureKey } from '../api/submit.ts'
import { stepOf, type StartStep } from './start-step.ts'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { today } from '../app/today.svelte.ts'

export type StartPhase = 'ready' | 'sending' | 'following' | 'refused' | 'no-response'
const ASK_AGAIN_MS = 1_000

export class StartCommand {
  #phase = $state<StartPhase>('ready')
  #command = $state.raw<CommandView | null>(null)
  #reason = $state<string | null>(null)
  #waitedMs = $state(0)
  #idem = ''
  #isOver = false

  get phase(): StartPhase {
    return this.#phase
  }
  get command(): CommandView | null {
    return this.#command
  }
  get reason(): string | null {
    return this.#reason
  }
  /** Time since the tap, by the phone's clock. */
  get waitedMs(): number {
    return this.#waitedMs
  }
  get step(): StartStep {
    return stepOf(this.#command, this.#waitedMs)
  }

  press(zoneId: string, minutes: number): Promise<void> {
    return this.#send('/api/start', { zoneId, minutes })
  }

  /** Opens the valve for half a minute, to check that it works. */
  test(zoneId: string): Promise<void> {
    return this.#send(`/api/zones/${encodeURIComponent(zoneId)}/test`, {})
  }

  async #send(path: string, fields: object): Promise<void> {
    if (this.#phase === 'sending' || this.#phase === 'following') return
    if (this.#phase !== 'no-response') this.#idem = newIdempotencyKey()
    this.#phase = 'sending'
    this.#reason = null
    this.#command = null
    const sinceMs = systemClock.now()
    const body = { ...fields, idem: this.#idem, pressedAtMs: farmClock.nowMs }
    const response = await request<RequestResult>(path, { method: 'POST', body })
    if (!response.ok) {
      connection.failed(response.error)
      this.#phase = response.error.kind === 'network' ? 'no-response' : 'refused'
      this.#reason = failureKey(response.error)
      return
    }
    connection.succeeded()
    const result = response.value.body
    if (result === null || result.state === 'refused') {
      this.#phase = 'refused'
      this.#reason = result?.reason ?? null
      return
    }
    this.#phase = 'following'
    this.#command = result.command
    void today.refresh()
    await this.#follow(result.id, sinceMs)
  }

  async #follow(requestId: string, sinceMs: number): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
      this.#waitedMs = systemClock.now() - sinceMs
      if (this.#command === null) {
        const response = await request<RequestResult>(`/api/requests/${encodeURIComponent(requestId)}`)
        if (!response.ok || response.value.body === null) continue
        if (response.value.body.state === 'refused') {
          this.#phase = 'refused'
          this.#reason = response.value.body.reason
          return
        }
        this.#command = response.value.body.command
      } else {
        const response = await request<CommandView>(`/api/commands/${encodeURIComponent(this.#command.id)}`)
        if (response.ok && response.value.body !== null) this.#command = response.value.body
        if (this.#command.state === 'ended' || this.#command.state === 'refused') return
      }
    }
  }

  /** Resets it after the command has ended. */
  clear(): void {
    this.#phase = 'ready'
    this.#command = null
    this.#reason = null
    this.#waitedMs = 0
  }

  leave(): void {
    this.#isOver = true
  }
}
