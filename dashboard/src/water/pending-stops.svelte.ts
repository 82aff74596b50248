/**
 * STOP: one tap, no confirmation, from any screen. It is sent until the server accepts it, for ten minutes, also
 * across a loss of the network; it counts as stopped only when the valve is no longer reported as running.
 */
import type { CommandView, RequestResult } from '../../../services/api/schemas.ts'
import { MINUTE_MS, SECOND_MS, systemClock } from '../../../broker/contract/time.ts'
import { request, newIdempotencyKey, connection } from '../api/request.svelte.ts'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { Hold } from '../app/hold.svelte.ts'
import { isRunning } from './open-commands.ts'
import { today } from '../app/today.svelte.ts'

export type StopPhase =
  | 'sending'
  | 'sent' // the server has it
  | 'unrecorded' // sent to the valve; the server cannot record it now, and nothing shows the valve
  | 'stopped'
  | 'unconfirmed' // 90 s, and the valve has not confirmed: go and look
  | 'not-sent' // ten minutes without a connection: close the valve by hand
  | 'refused'

export interface Stop {
  idem: string // the same for every attempt: a stop that arrives twice is carried out once
  zoneId: string
  command: CommandView // the run when STOP was pressed
  leftMinutes: number // for Undo
  phase: StopPhase
  reason: string | null
  /** metered in all; null: not known, or the valve has not confirmed yet */
  litres: number | null
}

const GIVE_UP_MS = 10 * MINUTE_MS
const UNCONFIRMED_MS = 90 * SECOND_MS
const UNDO_MS = 8 * SECOND_MS
const ASK_AGAIN_MS = 1_500

class PendingStops {
  #list = $state.raw<readonly Stop[]>([])
  #hold = new Hold()

  /** STOP was pressed in the last seconds: nothing may move under the thumb. */
  get isHeld(): boolean {
    return this.#hold.isOn
  }

  get list(): readonly Stop[] {
    return this.#list
  }

  of(zoneId: string): Stop | undefined {
    return this.#list.find((stop) => stop.zoneId === zoneId)
  }

  /** Requested, and neither done nor given up. */
  isPending(zoneId: string): boolean {
    const phase = this.of(zoneId)?.phase
    return phase === 'sending' || phase === 'sent' || phase === 'unrecorded'
  }

  press(command: CommandView): void {
    const { zoneId } = command
    if (this.isPending(zoneId)) return
    this.#hold.start()
    const leftMs = (command.endsAtMs ?? farmClock.nowMs) - farmClock.nowMs
    this.dismiss(zoneId)
    const idem = newIdempotencyKey()
    const stop: Stop = {
      idem,
      zoneId,
      command,
      leftMinutes: Math.max(0, Math.round(leftMs / MINUTE_MS)),
      phase: 'sending',
      reason: null,
      litres: null,
    }
    this.#list = [...this.#list, stop]
    void this.#follow(idem, command)
  }

  dismiss(zoneId: string): void {
    this.#list = this.#list.filter((stop) => stop.zoneId !== zoneId)
  }

  /** Ignored when STOP was pressed again since: only the newest counts. */
  #set(idem: string, phase: StopPhase, reason: string | null = null): void {
    this.#list = this.#list.map((stop) => (stop.idem === idem ? { ...stop, phase, reason } : stop))
  }

  /** Adds the litres of the run that has ended; without a response the row shows only that it stopped. */
  async #addLitres(idem: string, commandId: string): Promise<void> {
    const response = await request<CommandView>(`/api/commands/${encodeURIComponent(commandId)}`)
    const litres = response.ok ? (response.value.body?.litres ?? null) : null
    this.#list = this.#list.map((stop) => (stop.idem === idem ? { ...stop, litres } : stop))
  }

  async #follow(idem: string, { id, zoneId }: CommandView): Promise<void> {
    const isNewest = (): boolean => this.#list.some((stop) => stop.idem === idem)
    const sinceMs = systemClock.now()
    const age = (): number => systemClock.now() - sinceMs
    let isUnrecorded = false
    for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      const response = await request<RequestResult>('/api/stop', { method: 'POST', body: { idem, zoneId } })
      if (response.ok) {
        connection.succeeded()
        if (response.value.body?.state === 'refused')
          return this.#set(idem, 'refused', response.value.body.reason)
        break
      }
      connection.failed(response.error)
      const { error } = response
      if (error.kind === 'signed-out') return this.#set(idem, 'refused', 'signed-out')
      if (error.kind === 'refused' && error.status < 500 && error.status !== 429)
        return this.#set(idem, 'refused', error.code)
      if (error.kind === 'refused' && error.code === 'STOP_UNRECORDED') {
        isUnrecorded = true
        this.#set(idem, 'unrecorded')
      }
      if (age() > GIVE_UP_MS) return this.#set(idem, isUnrecorded ? 'unconfirmed' : 'not-sent')
      await pause(waitMs)
    }

    this.#set(idem, 'sent')
    while (age() < GIVE_UP_MS && isNewest()) {
      await today.refresh()
      if (today.failure === null && !isRunning(today.value?.running ?? [], zoneId)) {
        this.#set(idem, 'stopped')
        void this.#addLitres(idem, id)
        await wait(UNDO_MS)
        if (isNewest()) this.dismiss(zoneId)
        return
      }
      if (age() > UNCONFIRMED_MS) this.#set(idem, 'unconfirmed')
      await pause(ASK_AGAIN_MS)
    }
    this.#set(idem, 'unconfirmed')
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits, but no longer than until the network returns. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    addEventListener('online', done)
  })
}

export const pendingStops = new PendingStops()
