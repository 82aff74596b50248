/**
 * A weather service that answers in the JSON shape of Open-Meteo (open-meteo.com/en/docs), public or one's own. It may be
 * slow, away or wrong at any time: an answer is kept an hour, a stale one serves up to a day with the time it was
 * issued, nothing is ever thrown, and nobody waits longer than five seconds. Farms beside each other share an answer, few
 * questions are on their way at once, and a service that fails is left alone, longer each time.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { Clock, Day } from '../../../broker/contract/time.ts'
import { err, type Result } from '../../../broker/contract/result.ts'
import type { Forecast, ForecastResponse, Logger, State } from '../../ports.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import {
  parseResponse,
  requestUrl,
  type ForecastData,
  type Place,
  type ResponseFault,
} from './open-meteo-response.ts'

const WAIT_MS = 5 * SECOND_MS // of the wall clock, for one caller and for one question
const MAX_CONCURRENT = 4
const FRESH_MS = HOUR_MS
const STALE_MS = 24 * HOUR_MS
const RETRY_MS = 5 * MINUTE_MS // after a failure; twice as long after each more
const LONGEST_RETRY_MS = 2 * HOUR_MS
const MAX_BYTES = 2_000_000
const MAX_CACHED = 5_000 // places

interface CachedResponse {
  answer: ForecastResponse | null
  askedMs: AtMs
}
/** The service itself, for every farm: not asked again before `untilMs`. */
interface Backoff {
  failures: number
  untilMs: AtMs
}
interface Failure extends ResponseFault {
  retryAfterS: number | null // as the service asks for it
}

export function openMeteoForecast(
  base: URL,
  deps: { state: State; clock: Clock; log: Logger; source?: string },
): Forecast {
  const { state, clock, log, source = 'open-meteo' } = deps
  const kept = new Map<string, CachedResponse>()
  const asking = new Map<string, Promise<void>>()
  const inTurn = limitConcurrency(MAX_CONCURRENT)
  let rest: Backoff = { failures: 0, untilMs: -Infinity }

  async function ask(url: URL, place: Place): Promise<void> {
    // the turn may come late: the service can have failed for another farm meanwhile
    if (clock.now() < rest.untilMs) return
    const askedMs = clock.now()
    const before = kept.get(url.href)?.answer ?? null
    const found = await fetchAhead(url, place, askedMs)
    if (kept.size >= MAX_CACHED) kept.clear()
    if (found.ok) {
      rest = { failures: 0, untilMs: -Infinity }
      kept.set(url.href, { answer: { source, issuedMs: askedMs, ...found.value }, askedMs })
      return
    }
    const { reason, isOfService, retryAfterS } = found.error
    kept.set(url.href, { answer: before, askedMs })
    if (isOfService && clock.now() >= rest.untilMs) {
      const failures = rest.failures + 1
      const pauseMs = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (failures - 1))
      const asksMs = Math.min(24 * HOUR_MS, (retryAfterS ?? 0) * SECOND_MS)
      rest = { failures, untilMs: clock.now() + Math.max(pauseMs, asksMs) }
    }
    log.warn({ host: base.host, reason, failures: rest.failures }, 'no weather forecast')
  }

  /** Resolves when there is an answer, or none can be had within the time that a caller waits. */
  async function refresh(url: URL, place: Place): Promise<void> {
    const key = url.href
    let question = asking.get(key)
    if (!question) {
      question = inTurn(() => ask(url, place)).finally(() => asking.delete(key))
      asking.set(key, question)
    }
    await waitAtMost(question)
  }

  return {
    async daily({ org, farm }, fromDay, days) {
      const place = await readPlace(state, org, farm)
      if (!place) return null
      const url = requestUrl(base, place)
      const now = clock.now()
      if (isDue(kept.get(url.href), now) && now >= rest.untilMs) await refresh(url, place)
      return sliceForecast(kept.get(url.href)?.answer ?? null, fromDay, days, place, clock.now())
    },
  }
}

const isDue = (known: CachedResponse | undefined, now: AtMs): boolean => {
  if (!known) return true
  if (known.answer !== null && now - known.answer.issuedMs < FRESH_MS) return false
  return now - known.askedMs >= RETRY_MS
}

function sliceForecast(
  answer: ForecastResponse | null,
  fromDay: Day,
  days: number,
  { timeZone }: Place,
  now: AtMs,
): ForecastResponse | null {
  if (!answer || now - answer.issuedMs > STALE_MS) return null
  const part = answer.days.filter((one) => one.day >= fromDay).slice(0, Math.min(10, days))
  const fromMs = startOfDay(fromDay, timeZone)
  const hours = (answer.hours ?? []).filter(({ atMs }) => atMs >= fromMs)
  return part[0]?.day === fromDay ? { ...answer, days: part, hours } : null
}

function readPlace(state: State, org: string, farm: string): Promise<Place | undefined> {
  return state
    .selectFrom('farm')
    .select(['latDeg', 'lonDeg', 'elevationM', 'timeZone'])
    .where('org', '=', org)
    .where('id', '=', farm)
    .executeTakeFirst()
}

async function fetchAhead(url: URL, place: Place, nowMs: AtMs): Promise<Result<ForecastData, Failure>> {
  const ofService = (reason: string, retryAfterS: number | null = null) =>
    err({ reason, isOfService: true, retryAfterS })
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(WAIT_MS),
      headers: { accept: 'application/json' },
    })
    if (!response.ok) {
      await response.body?.cancel()
      const reason = `status must be 200, got ${response.status}`
      // 400 is the answer to this question, not the state of the service
      if (response.status === 400) return err({ reason, isOfService: false, retryAfterS: null })
      return ofService(reason, retryAfter(response.headers.get('retry-after')))
    }
    const text = await readText(response)
    if (text === null) return ofService(`answer must be below ${MAX_BYTES} bytes`)
    const parsed = parseResponse(text, place, nowMs)
    return parsed.ok ? parsed : err({ ...parsed.error, retryAfterS: null })
  } catch (error) {
    return ofService(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  }
}

/** Null when it is too long: an endless answer would fill the memory within its five seconds. */
async function readText({ body }: Response): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > MAX_BYTES) return null
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Seconds; a date is left to our own pause. */
const retryAfter = (text: string | null): number | null =>
  text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null

async function waitAtMost(question: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WAIT_MS)
  })
  await Promise.race([question, enough]).finally(() => clearTimeout(timer))
}
