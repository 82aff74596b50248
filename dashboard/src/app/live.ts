/**
 * Keeps the screens true: listens to the server's events and tells the open screens what to fetch again. After a
 * wake, a reconnect or 35 s of silence everything shown is fetched again, whatever the stream says.
 */
import { connectEventStream } from '../api/event-stream.ts'
import { link } from './link.svelte.ts'
import { parseChange, type Change } from './read-change.ts'

type ChangeListener = (change: Change | null) => void

const listeners = new Set<ChangeListener>()

/** Registers an open screen; gives the function that takes it off again. */
export function onChange(hear: ChangeListener): () => void {
  listeners.add(hear)
  return () => listeners.delete(hear)
}

export function notifyChange(change: Change | null): void {
  for (const hear of listeners) hear(change)
}

const RETRY_MS = 30_000
// what the first screen asks for goes before what it may need later: on a weak signal connections are few
export const FIRST_RESPONSES_MS = 1_000

// the event up to which what is shown is known: that of the answer that was read first
let oldestEventId: string | null = null
const countOf = (id: string): number => Number(id.split('-')[1])

/** Told of each answer up to which event it holds what happened; those of before the stream stands count. */
export function noteLastEvent(id: string | null): void {
  if (id !== null && (oldestEventId === null || countOf(id) < countOf(oldestEventId))) oldestEventId = id
}

/** Opens the stream and watches over the phone's sleep. Gives the function that ends it. */
export function startLiveUpdates(): () => void {
  let stream: ReturnType<typeof connectEventStream> | null = null
  const listen = (): void => {
    const since = oldestEventId
    stream = connectEventStream('/api/events', {
      since,
      heard: (event) => notifyChange(parseChange(event)),
      opened: (isFirst) => {
        link.isUp = true
        // what happened since the answers were read, it is about to tell
        if (!isFirst || since === null) notifyChange(null)
      },
      // a stream can end while the network stands (a server restart): the next request finds out which
      lost: () => notifyChange(null),
      signedOut: () => (link.isSignedOut = true),
    })
  }
  const first = setTimeout(listen, FIRST_RESPONSES_MS)
  const wake = (): void => {
    if (document.visibilityState !== 'visible') return
    notifyChange(null)
    stream?.reopen()
  }
  const drop = (): void => {
    link.isUp = false
  }
  // a server that answers with errors is asked again without being told to
  const again = setInterval(() => {
    if (link.trouble !== null || !link.isUp) notifyChange(null)
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
