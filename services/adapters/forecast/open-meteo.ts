/**
 * A weather service with the JSON format of Open-Meteo (open-meteo.com/en/docs), public or self-hosted. It may be slow,
 * unavailable or wrong: a response is cached for an hour, a stale one is used for up to a day with its time of issue,
 * no error is thrown, and no caller waits longer than five seconds. Neighbouring farms share a response, concurrent
 * requests are limited, and a failing service is retried with back-off.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { Clock, Day } from '../../../broker/contract/time.ts'
import { err, type Result } from '../../../broker/contract/result.ts'
import type { Logger, State } from '../../ports.ts'
import type { Forecast, ForecastResponse } from '../../ports/forecast.ts'
import {
  parseResponse,
  requestUrl,
  type ForecastData,
  type Place,
  type ResponseFault,
} from './open-meteo-response.ts'

const WAIT_MS = 5 * SECOND_MS // wall-clock time, per caller and per request
const MAX_CONCURRENT = 4
const FRESH_MS = HOUR_MS
const STALE_MS = 24 * HOUR_MS
const RETRY_MS = 5 * MINUTE_MS // after a failure; doubled with each further one
const LONGEST_RETRY_MS = 2 * HOUR_MS
const MAX_BYTES = 2_000_000
const MAX_CACHED = 5_000 // places

interface CachedResponse {
  answer: ForecastResponse | null
  requestedMs: AtMs
}
/** Back-off for the service as a whole: no request before `untilMs`. */
interface Backoff {
  failures: number
  untilMs: AtMs
}
interface Failure extends ResponseFault {
  retryAfterS: number | null // Retry-After of the response
}

/**
 * `daily` gives up to ten days from `fromDay` on; null for an unknown farm, and without a response from the last 24 h
 * that contains `fromDay`. `source` names the service in stored forecasts.
 */
export function openMeteoForecast(
  base: URL,
  deps: { state: State; clock: Clock; log: Logger; source?: string },
): Forecast {
  const { state, clock, log, source = 'open-meteo' } = deps
  const cache = new Map<string, CachedResponse>()
  const pending = new Map<string, Promise<void>>()
  const inTurn = limitConcurrency(MAX_CONCURRENT)
  let rest: Backoff = { failures: 0, untilMs: -Infinity }

  async function fetchOnce(url: URL, place: Place): Promise<void> {
    // queued: the service can have failed for another farm meanwhile
    if (clock.now() < rest.untilMs) return
    const requestedMs = clock.now()
    const before = cache.get(url.href)?.answer ?? null
    const result = await fetchAhead(url, place, requestedMs)
    if (cache.size >= MAX_CACHED) cache.clear()
    if (result.ok) {
      rest = { failures: 0, untilMs: -Infinity }
      cache.set(url.href, { answer: { source, issuedMs: requestedMs, ...result.value }, requestedMs })
      return
    }
    const { reason, isOfService, retryAfterS } = result.error
    cache.set(url.href, { answer: before, requestedMs })
    if (isOfService && clock.now() >= rest.untilMs) {
      const failures = rest.failures + 1
      const pauseMs = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** (failures - 1))
      const asksMs = Math.min(24 * HOUR_MS, (retryAfterS ?? 0) * SECOND_MS)
      rest = { failures, untilMs: clock.now() + Math.max(pauseMs, asksMs) }
    }
    log.warn({ host: base.host, reason, failures: rest.failures }, 'no weather forecast')
  }

  /** Resolves with a response, or after the caller's time limit. */
  async function refresh(url: URL, place: Place): Promise<void> {
    const key = url.href
    let request = pending.get(key)
    if (!request) {
      request = inTurn(() => fetchOnce(url, place)).finally(() => pending.delete(key))
      pending.set(key, request)
    }
    await waitAtMost(request)
  }

  return {
    isAway: () => rest.failures > 0,
    async daily({ org, farm }, fromDay, days) {
      const place = await readPlace(state, org, farm)
      if (!place) return null
      const url = requestUrl(base, place)
      const now = clock.now()
      if (isDue(cache.get(url.href), now) && now >= rest.untilMs) await refresh(url, place)
      return sliceForecast(cache.get(url.href)?.answer ?? null, fromDay, days, place, clock.now())
    },
  }
}

const isDue = (cached: CachedResponse | undefined, now: AtMs): boolean => {
  if (!cached) return true
  if (cached.answer !== null && now - cached.answer.issuedMs < FRESH_MS) return false
  return now - cached.requestedMs >= RETRY_MS
}

function sliceForecast(
  forecast: ForecastResponse | null,
  fromDay: Day,
  days: number,
  { timeZone }: Place,
  now: AtMs,
): ForecastResponse | null {
  if (!forecast || now - forecast.issuedMs > STALE_MS) return null
  const part = forecast.days.filter((dayForecast) => dayForecast.day >= fromDay).slice(0, Math.min(10, days))
  const fromMs = startOfDay(fromDay, timeZone)
  const hours = (forecast.hours ?? []).filter(({ atMs }) => atMs >= fromMs)
  return part[0]?.day === fromDay ? { ...forecast, days: part, hours } : null
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
      // 400 concerns this request, not the service
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

/** Null when it is too long: an endless response would fill the memory within five seconds. */
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

/** Seconds; for a date the default back-off applies. */
const retryAfter = (text: string | null): number | null =>
  text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null

async function waitAtMost(request: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WAIT_MS)
  })
  await Promise.race([request, enough]).finally(() => clearTimeout(timer))
}

/** Runs at most `max` tasks concurrently; the others wait in order. */
function limitConcurrency(atOnce: number): (run: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = atOnce
  return async (run) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
