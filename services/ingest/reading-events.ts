/** Publishes which fields have new readings, at most once a second per organisation. */
import { SECOND_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Bus, ChangeEvent, Clock, Logger } from '../ports.ts'
import { publishChange } from '../runtime/change-events.ts'

/** `id` of a reading event that includes new rain. */
const RAIN = 'rain'

export interface ReadingEvents {
  note(org: string, field: string): void
  /** The next event of this organisation reports rain. */
  noteRain(org: string): void
  /** Publishes due events; the rest follows when its second is over. */
  publishDue(): void
  stop(): void
}

/**
 * Pending fields are kept in memory. An event that cannot be published is dropped: the next readings cause another
 * one.
 */
export function readingEvents(deps: { bus: Bus; clock: Clock; log: Logger }): ReadingEvents {
  const { bus, clock, log } = deps
  const fieldsOf = new Map<string, Set<string>>()
  const publishedMs = new Map<string, AtMs>()
  const raining = new Set<string>()
  let cancel: (() => void) | null = null

  function publish(): void {
    const nowMs = clock.now()
    for (const [org, fields] of fieldsOf) {
      if (nowMs - (publishedMs.get(org) ?? -Infinity) < SECOND_MS) continue
      fieldsOf.delete(org)
      publishedMs.set(org, nowMs)
      const rain = raining.delete(org) ? { id: RAIN } : {}
      const event: ChangeEvent = { event: 'reading', atMs: nowMs, fields: [...fields], ...rain }
      publishChange(bus, org, event).catch((error: unknown) =>
        log.debug({ error }, 'a reading event was not published'),
      )
    }
    if (fieldsOf.size > 0 && cancel === null)
      cancel = clock.at(nowMs + SECOND_MS, () => {
        cancel = null
        publish()
      })
  }

  return {
    note(org, field) {
      const fields = fieldsOf.get(org)
      if (fields) fields.add(field)
      else fieldsOf.set(org, new Set([field]))
    },
    noteRain: (org) => void raining.add(org),
    publishDue: publish,
    stop: () => cancel?.(),
  }
}
