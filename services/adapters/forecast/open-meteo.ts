/**
 * A weather service that answers in the JSON shape of Open-Meteo (open-meteo.com/en/docs). It may be slow, away or
 * wrong at any time: answers are kept an hour, a stale one serves up to a day with the time it was issued, and nothing
 * is ever thrown.
 */
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { HOUR_MS, MINUTE_MS, type AtMs, type Clock, type Day } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { Forecast, ForecastAnswer, ForecastDay, Logger, State } from '../../ports.ts'
import type { FarmRow } from '../../tables.ts'

const TIMEOUT_MS = 5_000
const FRESH_MS = HOUR_MS
const STALE_MS = 24 * HOUR_MS
const RETRY_MS = 5 * MINUTE_MS // a service that is away is not asked again for every farm and field
const DAYS = 11

const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]))
const Body = Type.Object({
  daily: Type.Object({
    time: Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
    temperature_2m_min: Column,
    temperature_2m_max: Column,
    precipitation_sum: Column,
    precipitation_probability_max: Type.Optional(Column),
    et0_fao_evapotranspiration: Type.Optional(Column),
  }),
  hourly: Type.Optional(
    Type.Object({ time: Type.Array(Type.String()), wind_speed_10m: Type.Optional(Column) }),
  ),
})
const body = Compile(Body)

interface Kept {
  answer: ForecastAnswer | null
  askedMs: AtMs
}

export function openMeteoForecast(base: URL, deps: { state: State; clock: Clock; log: Logger }): Forecast {
  const { state, clock, log } = deps
  const kept = new Map<string, Kept>()
  const asking = new Map<string, Promise<Kept>>()

  async function ask(key: string, org: string, farm: string, before: Kept | undefined): Promise<Kept> {
    const askedMs = clock.now()
    const found = await fetchDays(base, state, org, farm).catch((error: unknown) =>
      err(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    )
    if (!found.ok) log.warn({ org, farm, host: base.host, reason: found.error }, 'no weather forecast')
    const answer = found.ok
      ? { source: 'open-meteo', issuedMs: askedMs, days: found.value }
      : (before?.answer ?? null)
    const next = { answer, askedMs }
    kept.set(key, next)
    return next
  }

  return {
    async daily({ org, farm }, fromDay, days) {
      const key = `${org}/${farm}`
      const now = clock.now()
      let known = kept.get(key)
      if (!known || isDue(known, now)) {
        let question = asking.get(key)
        if (!question) {
          question = ask(key, org, farm, known).finally(() => asking.delete(key))
          asking.set(key, question)
        }
        known = await question
      }
      return partOf(known.answer, fromDay, days, now)
    },
  }
}

const isDue = ({ answer, askedMs }: Kept, now: AtMs): boolean =>
  answer !== null && now - answer.issuedMs < FRESH_MS ? false : now - askedMs >= RETRY_MS

function partOf(answer: ForecastAnswer | null, fromDay: Day, days: number, now: AtMs): ForecastAnswer | null {
  if (!answer || now - answer.issuedMs > STALE_MS) return null
  const part = answer.days.filter((one) => one.day >= fromDay).slice(0, Math.min(10, days))
  return part[0]?.day === fromDay ? { ...answer, days: part } : null
}

async function fetchDays(
  base: URL,
  state: State,
  org: string,
  farmId: string,
): Promise<Result<ForecastDay[]>> {
  const farm = await state
    .selectFrom('farm')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', farmId)
    .executeTakeFirst()
  if (!farm) return err(`farm must exist, got ${farmId}`)
  const response = await fetch(questionOf(base, farm), {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: 'application/json' },
  })
  if (!response.ok) {
    await response.body?.cancel()
    return err(`status must be 200, got ${response.status}`)
  }
  return parseDays(await response.text())
}

/** The question for one farm. A path of its own and keys of a paid plan in `base` are kept. */
export function questionOf(
  base: URL,
  farm: Pick<FarmRow, 'latDeg' | 'lonDeg' | 'elevationM' | 'timeZone'>,
): URL {
  const url = new URL(base)
  if (url.pathname === '/') url.pathname = '/v1/forecast'
  const parameters = {
    latitude: farm.latDeg.toFixed(4),
    longitude: farm.lonDeg.toFixed(4),
    elevation: String(Math.round(farm.elevationM)),
    timezone: farm.timeZone,
    forecast_days: String(DAYS),
    wind_speed_unit: 'ms',
    daily: [
      'temperature_2m_min',
      'temperature_2m_max',
      'precipitation_sum',
      'precipitation_probability_max',
      'et0_fao_evapotranspiration',
    ].join(','),
    hourly: 'wind_speed_10m',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

/** Reads an answer; a day without temperatures or rain is left out. */
export function parseDays(text: string): Result<ForecastDay[]> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err(`answer must be JSON, got ${text.slice(0, 60)}`)
  }
  if (!body.Check(value)) {
    const first = body.Errors(value)[0]
    return err(`${first?.instancePath || 'answer'}: ${first?.message ?? 'does not fit'}`)
  }
  const { daily } = value
  const wind = windByDay(value)
  const days: ForecastDay[] = []
  daily.time.forEach((day, i) => {
    const tempMinC = daily.temperature_2m_min[i] ?? null
    const tempMaxC = daily.temperature_2m_max[i] ?? null
    const sumMm = daily.precipitation_sum[i] ?? null
    if (tempMinC === null || tempMaxC === null || sumMm === null) return
    const chance = daily.precipitation_probability_max?.[i] ?? null
    days.push({
      day,
      tempMinC,
      tempMaxC,
      rainMm: rainRange(Math.max(0, sumMm), chance),
      et0Mm: daily.et0_fao_evapotranspiration?.[i] ?? null,
      windMps: wind.get(day) ?? null,
    })
  })
  return days.length > 0 ? ok(days) : err('daily: must hold at least one whole day, got none')
}

// of the amount when it rains: half and half more. Unconfirmed: a service's own quantiles are better
const LESS = 0.5
const MORE = 1.5

/**
 * A range from the amount and the chance in per cent: dry at 10 % when the chance is below 90 %, dry in the middle when
 * it is below 50 %. Without a chance only the amount is known, and it may fail altogether.
 */
function rainRange(sumMm: number, chance: number | null): ForecastDay['rainMm'] {
  if (chance === null) return { lo: 0, mid: sumMm, hi: MORE * sumMm }
  return {
    lo: chance >= 90 ? LESS * sumMm : 0,
    mid: chance >= 50 ? sumMm : 0,
    hi: chance > 10 ? MORE * sumMm : sumMm,
  }
}

const TO_2_M = 4.87 / Math.log(67.8 * 10 - 5.42) // wind at 10 m to 2 m, FAO-56 Eq. 47

function windByDay({ hourly }: Static<typeof Body>): Map<Day, number> {
  const sums = new Map<Day, { sum: number; count: number }>()
  hourly?.wind_speed_10m?.forEach((mps, i) => {
    const day = hourly.time[i]?.slice(0, 10)
    if (mps === null || day === undefined) return
    const { sum, count } = sums.get(day) ?? { sum: 0, count: 0 }
    sums.set(day, { sum: sum + mps, count: count + 1 })
  })
  return new Map([...sums].map(([day, { sum, count }]) => [day, (TO_2_M * sum) / count]))
}
