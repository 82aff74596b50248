/** The last answers, kept on the phone, so that every screen opens without a network with dated data. */
import { DAY_MS, systemClock } from '../../../broker/contract/time.ts'
import { phoneStorage } from './phone-store.ts'

export interface CachedResponse<T> {
  path: string
  receivedMs: number // by the phone's clock
  etag: string | null
  body: T
}

const OLDEST_MS = 14 * DAY_MS
const run = phoneStorage('tilth', 'answers', 'path')

/** The last answer of a path; null when there is none younger than 14 days. */
export async function cachedResponse<T>(path: string): Promise<CachedResponse<T> | null> {
  const kept = (await run<CachedResponse<T> | undefined>('readonly', (answers) => answers.get(path)))?.value
  return kept && systemClock.now() - kept.receivedMs < OLDEST_MS ? kept : null
}

let forgotten = 0 // times

/** To be had before one asks: keeps the answer, unless everything has been forgotten meanwhile. */
export function cacheWriter(): <T>(kept: CachedResponse<T>) => Promise<void> {
  const before = forgotten
  return async (kept) => {
    if (before === forgotten) await run('readwrite', (answers) => answers.put(kept))
  }
}

/** Forgets everything: the next person on this phone may belong to another farm. */
export async function clearCache(): Promise<void> {
  forgotten++
  await run('readwrite', (answers) => answers.clear())
}
