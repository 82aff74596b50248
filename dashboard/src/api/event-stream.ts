/**
 * Server-sent events, read with fetch: unlike EventSource it sees the comments that keep the line alive, so silence is
 * noticed. A screen that trusts a dead socket shows a state that is no longer true.
 */
export interface StreamEvent {
  event: string
  data: string
  id: string
}

/** Cuts a stream of text into events. Call it with each piece as it comes; comments and `retry` give no event. */
export function eventParser(heard: (event: StreamEvent) => void): (piece: string) => void {
  let rest = ''
  let event = ''
  let data: string[] = []
  let id = ''
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) heard({ event: event || 'message', data: data.join('\n'), id })
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

const SILENCE_MS = 35_000 // the server comments every 25 s
const WAITS_MS = [1_000, 2_000, 5_000, 10_000, 30_000]

export interface StreamListener {
  /** The event after which it is to begin, where that is known. */
  since: string | null
  heard(event: StreamEvent): void
  /** The line stands (again): whatever happened meanwhile is unknown. */
  opened(isFirst: boolean): void
  lost(): void
  signedOut(): void
}

/** Keeps one stream open until it is closed, with growing waits between attempts. */
export function connectEventStream(path: string, to: StreamListener): { close(): void; reopen(): void } {
  let attempt = 0
  let lastId = to.since ?? ''
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
      if (response.status === 401) return to.signedOut()
      if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`)
      attempt = 0
      to.opened(isFirst)
      isFirst = false
      const parse = eventParser((event) => {
        lastId = event.id || lastId
        to.heard(event)
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
      // the answer is the same for every cause: say so and try again
    } finally {
      clearTimeout(silence)
    }
    if (isClosed || current !== abort) return
    to.lost()
    const waitMs = WAITS_MS[Math.min(attempt++, WAITS_MS.length - 1)]!
    timer = setTimeout(() => void listen(), waitMs * (0.8 + 0.4 * Math.random()))
  }

  const hangUp = (): void => {
    clearTimeout(timer)
    const old = current
    current = null
    old?.abort()
  }
  void listen()
  return {
    close() {
      isClosed = true
      hangUp()
    },
    reopen() {
      if (isClosed) return
      hangUp()
      attempt = 0
      void listen()
    },
  }
}
