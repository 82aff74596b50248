/**
 * Keeps the screens true: listens to the server's events and tells the open screens what to fetch again. After a
 * wake, a reconnect or 35 s of silence everything shown is fetched again, whatever the stream says.
 */
import { openEventStream } from '../api/event-stream.ts'
import { link } from './link.svelte.ts'
import { readChange, type Change } from './read-change.ts'

type Hear = (change: Change | null) => void

const listeners = new Set<Hear>()

/** Registers an open screen; gives the function that takes it off again. */
export function onChange(hear: Hear): () => void {
  listeners.add(hear)
  return () => listeners.delete(hear)
}

export function tellAll(change: Change | null): void {
  for (const hear of listeners) hear(change)
}

const RETRY_MS = 30_000
// what the first screen asks for goes before what it may need later: on a weak signal connections are few
export const FIRST_ANSWERS_MS = 1_000

// the event up to which what is shown is known: that of the answer that was read first
let firstHeard: string | null = null
const countOf = (id: string): number => Number(id.split('-')[1])

/** Told of each answer up to which event it holds what happened; those of before the stream stands count. */
export function heardUpTo(id: string | null): void {
  if (id !== null && (firstHeard === null || countOf(id) < countOf(firstHeard))) firstHeard = id
}

/** Opens the stream and watches over the phone's sleep. Gives the function that ends it. */
export function startLive(): () => void {
  let stream: ReturnType<typeof openEventStream> | null = null
  const listen = (): void => {
    const since = firstHeard
    stream = openEventStream('/api/events', {
      since,
      heard: (event) => tellAll(readChange(event)),
      opened: (isFirst) => {
        link.isUp = true
        // what happened since the answers were read, it is about to tell
        if (!isFirst || since === null) tellAll(null)
      },
      // a stream can end while the network stands (a server restart): the next request finds out which
      lost: () => tellAll(null),
      signedOut: () => (link.isSignedOut = true),
    })
  }
  const first = setTimeout(listen, FIRST_ANSWERS_MS)
  const wake = (): void => {
    if (document.visibilityState !== 'visible') return
    tellAll(null)
    stream?.reopen()
  }
  const drop = (): void => {
    link.isUp = false
  }
  // a server that answers with errors is asked again without being told to
  const again = setInterval(() => {
    if (link.trouble !== null || !link.isUp) tellAll(null)
  }, RETRY_MS)
  document.addEventListener('visibilitychange', wake)
  addEventListener('online', wake)
  addEventListener('offline', drop)
  return () => {
    clearTimeout(first)
    stream?.close()
    clearInterval(again)
    document.removeEventListener('visibilitychange', wake)
    removeEventListener('online', wake)
    removeEventListener('offline', drop)
  }
}
