/**
 * Live updates: listens to the server's events and notifies the open screens, which fetch the changed data. After a
 * wake, a reconnect or 35 s of silence everything shown is fetched again.
 *
 * The events are server-sent events, read with fetch: unlike EventSource it sees the comments that keep the connection
 * alive, so silence is noticed. A screen on a dead connection would show an outdated state.
 */
import type { Connection } from './request.svelte.ts'

/** What changed. `fields` null: unknown, all of them. */
export interface Change {
  event: string
  fields: string[] | null
}
/** null: unknown, fetch everything. */
type ChangeListener = (change: Change | null) => void

const listeners = new Set<ChangeListener>()

/** Registers an open screen; returns the function that removes it. */
export function onChange(listener: ChangeListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function notifyChange(change: Change | null): void {
  for (const listener of listeners) listener(change)
}

/** Reads an event of the stream. An event that cannot be read means: fetch everything. */
export function parseChange({ event, data }: StreamEvent): Change | null {
  try {
    const message = JSON.parse(data) as { event?: unknown; fields?: unknown }
    if (typeof message.event !== 'string') return null
    const fields = Array.isArray(message.fields)
      ? message.fields.filter((id): id is string => typeof id === 'string')
      : null
    return { event: event === 'message' ? message.event : event, fields }
  } catch {
    return null
  }
}

const RETRY_MS = 30_000
// the requests of the first screen go first: on a weak signal connections are few
const START_AFTER_MS = 1_000

// the event that the oldest response on the screen includes: the stream starts after it
let oldestEventId: string | null = null
const numberOf = (eventId: string): number => Number(eventId.split('-')[1])

/** Notes the newest event that a response includes. */
export function noteLastEvent(id: string | null): void {
  if (id !== null && (oldestEventId === null || numberOf(id) < numberOf(oldestEventId))) oldestEventId = id
}

/** Opens the stream and follows the phone's sleep and network. Returns the function that ends it. */
export function startLiveUpdates(connection: Connection): () => void {
  let stream: ReturnType<typeof connectEventStream> | null = null
  const connect = (): void => {
    const sinceEventId = oldestEventId
    stream = connectEventStream('/api/events', {
      since: sinceEventId,
      onEvent: (event) => notifyChange(parseChange(event)),
      onOpen: (isFirst) => {
        connection.isUp = true
        // the first stream starts with the events since the responses
        if (!isFirst || sinceEventId === null) notifyChange(null)
      },
      // a stream also ends when the server restarts: the next request shows the cause
      onLost: () => notifyChange(null),
      onSignedOut: () => (connection.isSignedOut = true),
    })
  }
  const start = setTimeout(connect, START_AFTER_MS)
  const wake = (): void => {
    if (document.visibilityState !== 'visible') return
    notifyChange(null)
    stream?.reopen()
  }
  const goOffline = (): void => {
    connection.isUp = false
  }
  const retry = setInterval(() => {
    if (connection.serverError !== null || !connection.isUp) notifyChange(null)
  }, RETRY_MS)
  document.addEventListener('visibilitychange', wake)
  addEventListener('online', wake)
  addEventListener('offline', goOffline)
  return () => {
    clearTimeout(start)
    stream?.close()
    clearInterval(retry)
    document.removeEventListener('visibilitychange', wake)
    removeEventListener('online', wake)
    removeEventListener('offline', goOffline)
  }
}

export interface StreamEvent {
  event: string
  data: string
  id: string
}

/** Splits a text stream into events. Call it with each piece as it arrives; comments and `retry` give no event. */
export function eventParser(onEvent: (event: StreamEvent) => void): (chunk: string) => void {
  let buffer = ''
  let event = ''
  let data: string[] = []
  let id = ''
  return (chunk) => {
    const lines = (buffer + chunk).split(/\r\n|\n|\r(?!$)/)
    buffer = lines.pop()!
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n'), id })
        event = ''
        data = []
        continue
      }
      const colon = line.indexOf(':')
      if (colon === 0) continue
      const name = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (name === 'event') event = value
      if (name === 'data') data.push(value)
      if (name === 'id') id = value
    }
  }
}

const SILENCE_MS = 35_000 // the server sends a comment every 25 s
const RECONNECT_MS = [1_000, 2_000, 3_500]
// another engine takes over within half a minute; a phone that waits for longer saves its battery
const QUICK_ATTEMPTS = 30
const PATIENT_MS = 30_000

interface StreamListener {
  /** The event after which the stream starts; null: with the next one. */
  since: string | null
  onEvent(event: StreamEvent): void
  /** The stream is open (again). Events that happened while it was closed are unknown. */
  onOpen(isFirst: boolean): void
  onLost(): void
  onSignedOut(): void
}

/** Keeps a stream open until it is closed; the wait between attempts grows. */
function connectEventStream(path: string, listener: StreamListener): { close(): void; reopen(): void } {
  let attempt = 0
  let lastId = listener.since ?? ''
  let isFirst = true
  let isClosed = false
  let current: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function listen(): Promise<void> {
    const abort = (current = new AbortController())
    let silence = setTimeout(() => abort.abort(), SILENCE_MS)
    try {
      const response = await fetch(path, {
        headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
      })
      if (response.status === 401) return listener.onSignedOut()
      if (!response.ok || !response.body) throw new Error(`event stream: ${response.status}`)
      attempt = 0
      listener.onOpen(isFirst)
      isFirst = false
      const parse = eventParser((event) => {
        lastId = event.id || lastId
        listener.onEvent(event)
      })
      const reader = response.body.getReader()
      const decoder = new TextDecoder()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        clearTimeout(silence)
        silence = setTimeout(() => abort.abort(), SILENCE_MS)
        parse(decoder.decode(value, { stream: true }))
      }
    } catch {
      // every cause has the same consequence: connect again
    } finally {
      clearTimeout(silence)
    }
    if (isClosed || current !== abort) return
    listener.onLost()
    const quickMs = RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length - 1)]!
    const waitMs = attempt++ < QUICK_ATTEMPTS ? quickMs : PATIENT_MS
    timer = setTimeout(() => void listen(), waitMs * (0.8 + 0.4 * Math.random()))
  }

  const disconnect = (): void => {
    clearTimeout(timer)
    const previous = current
    current = null
    previous?.abort()
  }
  void listen()
  return {
    close() {
      isClosed = true
      disconnect()
    },
    reopen() {
      if (isClosed) return
      disconnect()
      attempt = 0
      void listen()
    },
  }
}
