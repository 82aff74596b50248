/**
 * Server-sent events: notify the phones of an organisation that something changed, without content (they
 * fetch it). The newest events are stored, so that a phone that was briefly offline receives those it missed
 * (Last-Event-ID); after a longer gap it receives the request to refetch everything.
 */
import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import type { Bus, Logger } from '../../ports.ts'
import { subscribeToChanges } from '../../runtime/change-events.ts'

const MAX_STORED_EVENTS = 256 // events per organisation
const MAX_QUEUED_BYTES = 65_536 // a slower reader is disconnected and reconnects
const MAX_STREAMS = 200 // per organisation
const MAX_STREAMS_PER_PERSON = 20 // per person: one person's streams must not displace those of others
const COMMENT_MS = 25_000
// failed session checks in a row: a signed-out person must not keep receiving events
const MAX_FAILED_CHECKS = 3
const RETRY_MS = 3_000

export interface EventHub {
  /** Takes over a response; `isWelcome` is checked periodically (the person may have been signed out). */
  stream(
    caller: { org: string; userId: string },
    to: Writable,
    lastEventId: string | undefined,
    isWelcome: () => Promise<boolean>,
  ): void
  /**
   * The id of the newest event of an organisation: a client that read its data after it misses nothing from
   * there on.
   */
  newest(org: string): string
  streams(): number
  stop(): void
}

interface Stream {
  org: string
  userId: string
  to: Writable
  isWelcome: () => Promise<boolean>
  unchecked: number // session checks that failed in a row
}
type StoredEvent = { id: string; text: string }

/**
 * Resolves when it is subscribed. Beyond 200 streams of an organisation or 20 of a person the oldest is closed.
 * `commentMs`: interval of keep-alive comments and session checks, 25 s.
 */
export async function startEventHub(deps: { bus: Bus; log: Logger; commentMs?: number }): Promise<EventHub> {
  const boot = randomBytes(4).toString('hex') // ids of an earlier start are never mistaken for current ones
  const START = `${boot}-0`
  const stored = new Map<string, StoredEvent[]>()
  const open = new Set<Stream>()
  let count = 0
  let isStopped = false

  await subscribeToChanges(deps.bus, (org, change) => {
    if (isStopped) return
    const id = `${boot}-${++count}`
    const text = `id: ${id}\nevent: ${change.event}\ndata: ${JSON.stringify(change)}\n\n`
    remember(org, { id, text })
    for (const stream of open) if (stream.org === org) write(stream, text)
  })

  function remember(org: string, event: StoredEvent): void {
    const list = stored.get(org) ?? []
    list.push(event)
    if (list.length > MAX_STORED_EVENTS) list.shift()
    stored.set(org, list)
  }

  function write(stream: Stream, text: string): void {
    if (stream.to.writableLength > MAX_QUEUED_BYTES) return close(stream)
    stream.to.write(text)
  }

  function close(stream: Stream): void {
    open.delete(stream)
    stream.to.destroy()
  }

  async function check(stream: Stream): Promise<void> {
    try {
      const isWelcome = await stream.isWelcome()
      stream.unchecked = 0
      if (!isWelcome) close(stream)
    } catch (error) {
      deps.log.warn({ error }, 'the session of an event stream could not be checked')
      if (++stream.unchecked >= MAX_FAILED_CHECKS) close(stream)
    }
  }

  const timer = setInterval(() => {
    for (const stream of open) {
      write(stream, ': still here\n\n')
      void check(stream)
    }
  }, deps.commentMs ?? COMMENT_MS)
  timer.unref()

  return {
    stream({ org, userId }, to, lastEventId, isWelcome) {
      const stream = { org, userId, to, isWelcome, unchecked: 0 }
      const oldest = [...open].filter((other) => other.org === org)
      const ownStreams = oldest.filter((other) => other.userId === userId)
      if (ownStreams.length >= MAX_STREAMS_PER_PERSON) close(ownStreams[0]!)
      else if (oldest.length >= MAX_STREAMS) close(oldest[0]!)
      open.add(stream)
      to.on('close', () => open.delete(stream))
      to.on('error', () => open.delete(stream))
      to.write(`retry: ${RETRY_MS}\n\n`)
      for (const text of missedEvents(stored.get(org) ?? [], lastEventId, START)) write(stream, text)
    },
    newest: (org) => stored.get(org)?.at(-1)?.id ?? START,
    streams: () => open.size,
    stop() {
      isStopped = true
      clearInterval(timer)
      for (const { to } of open) to.end()
      open.clear()
    },
  }
}

function missedEvents(list: StoredEvent[], lastEventId: string | undefined, start: string): string[] {
  if (lastEventId === undefined || lastEventId === '') return []
  if (lastEventId === start && list.length < MAX_STORED_EVENTS) return list.map(({ text }) => text)
  const index = list.findIndex(({ id }) => id === lastEventId)
  return index < 0 ? ['event: resync\ndata: {}\n\n'] : list.slice(index + 1).map(({ text }) => text)
}
