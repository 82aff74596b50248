/**
 * A pest from a JSON row as printed by extension services: °F or °C according to `unit`, sums by the name of the
 * event.
 *
 *   { "id": "codling_moth", "name": "Cydia pomonella", "crop": "apple, pear", "unit": "F", "lower": 50, "upper": 88,
 *     "method": "single_sine", "cutoff": "horizontal", "biofix": "first sustained catch",
 *     "events": { "egg_hatch": 250, "spray": [500, 600], "generation_time": 1100 }, "source": "...",
 *     "verification": "as printed by the source named", "threshold": { "count": 5, "per_days": 7, "source": "..." } }
 */
import { heatMethods, type Cutoff, type HeatMethod } from '../crops/degree-days.ts'
import type { Biofix, CatchThreshold, Pest, PestEvent } from './pest.ts'

export type ParsedPest = { ok: true; value: Pest } | { ok: false; error: string }

type Row = Record<string, unknown>

/** The error names the field, the expected and the actual value. */
export function parsePest(row: unknown): ParsedPest {
  try {
    return { ok: true, value: pestFrom(isObject(row) ? row : reject('a pest', 'an object', row)) }
  } catch (error) {
    if (error instanceof PestError) return { ok: false, error: error.message }
    throw error
  }
}

class PestError extends Error {}
const reject = (field: string, expected: string, got: unknown): never => {
  throw new PestError(`${field}: expected ${expected}, got ${JSON.stringify(got) ?? 'nothing'}`)
}

function pestFrom(row: Row): Pest {
  const isF = row.unit === 'F' || (row.unit === 'C' ? false : reject('unit', '"F" or "C"', row.unit))
  const tempC = (degrees: number) => (isF ? ((degrees - 32) * 5) / 9 : degrees)
  const sumCd = (degreeDays: number) => (isF ? (degreeDays * 5) / 9 : degreeDays)
  const lower = numberOf('lower', row.lower)
  const upper = row.upper == null ? null : numberOf('upper', row.upper)
  if (upper !== null && !(upper > lower)) reject('upper', `a number above lower (${lower}) or null`, upper)
  const events = eventsOf(row.events).map((event) => ({
    ...event,
    sumCd: sumCd(event.sumCd),
    ...(event.toCd === undefined ? {} : { toCd: sumCd(event.toCd) }),
  }))
  const soil = /soil/.test(String(row.method))
  const check = checkOf(row)
  const threshold = row.threshold == null ? undefined : thresholdOf(row.threshold)
  return {
    id: idOf(row.id),
    species: textOf('name', row.name),
    crops: textOf('crop', row.crop).split(/,\s*/),
    heat: {
      method: methodOf(row.method),
      cutoff: upper === null ? 'none' : cutoffOf(row.cutoff),
      lowerC: tempC(lower),
      upperC: upper === null ? null : tempC(upper),
    },
    ...(soil ? { soil } : {}),
    biofix: biofixOf(textOf('biofix', row.biofix)),
    events,
    generationCd: events.find(({ key }) => key === 'generation-time' || key === 'generation')?.sumCd ?? null,
    ...(threshold ? { threshold } : {}),
    source: textOf('source', row.source),
    confirmed: check === null,
    check,
  }
}

/** The name that traps use on the wire. */
function idOf(value: unknown): string {
  const id = textOf('id', value).replaceAll('_', '-')
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(id) ? id : reject('id', 'small letters, digits and _', value)
}

/** 'modified_average_50_86' includes its thresholds, 'average_of_soil_temperature_4_inch' its sensor. */
function methodOf(value: unknown): HeatMethod {
  const name = textOf('method', value).replaceAll('_', '-')
  const method = heatMethods.find((method) => name.startsWith(method))
  return method ?? reject('method', `one of ${heatMethods.join(', ')}`, value)
}

const cutoffs: readonly Cutoff[] = ['none', 'horizontal', 'intermediate', 'vertical']

const cutoffOf = (value: unknown): Cutoff =>
  cutoffs.find((cutoff) => cutoff === (value ?? 'none')) ??
  reject('cutoff', `one of ${cutoffs.join(', ')}`, value)

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?'
const CALENDAR_DAY = new RegExp(`^(?:(\\d+)\\.? )?(${MONTH})\\b\\.?(?: (\\d+))?`, 'i')

/** From the phrases of extension services: '1 January', 'March 1', 'first sustained catch', 'peak of the flight'. */
function biofixOf(text: string): Biofix {
  const named = CALENDAR_DAY.exec(text)
  if (named) {
    const day = Number(named[1] ?? named[3])
    const month = MONTHS.indexOf(named[2]!.slice(0, 3).toLowerCase()) + 1
    if (!(day >= 1 && day <= 31)) return reject('biofix', 'a day like 1 March, a catch, or a peak', text)
    return month === 1 && day === 1 ? 'first-january' : `date-${twoDigits(month)}-${twoDigits(day)}`
  }
  if (/no.biofix|first-january/i.test(text)) return 'first-january'
  return /peak|intense/i.test(text) ? 'peak-catch' : 'first-catch'
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** In the order of their sums; a pair of numbers is a range. */
function eventsOf(value: unknown): PestEvent[] {
  if (!isObject(value)) return reject('events', 'an object of sums', value)
  return Object.entries(value)
    .map(([name, sum]) => {
      const key = name.replaceAll('_', '-')
      if (!Array.isArray(sum)) return { key, sumCd: positive(`events.${name}`, sum) }
      const [from, to] = [positive(`events.${name}.0`, sum[0]), positive(`events.${name}.1`, sum[1])]
      if (to < from) reject(`events.${name}`, 'a range from low to high', sum)
      return { key, sumCd: from, toCd: to }
    })
    .toSorted((a, b) => a.sumCd - b.sumCd)
}

function thresholdOf(value: unknown): CatchThreshold {
  if (!isObject(value)) return reject('threshold', 'an object', value)
  return {
    count: positive('threshold.count', value.count),
    perDays: positive('threshold.per_days', value.per_days),
    source: textOf('threshold.source', value.source),
  }
}

/**
 * The figures that need a second source, as stated in the row; null only where the row states that it was verified.
 */
function checkOf({ verification }: Row): string | null {
  if (typeof verification !== 'string') return 'all figures'
  return /unconfirmed|\[check\]/i.test(verification) ? verification : null
}

function numberOf(field: string, value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : reject(field, 'a number', value)
}
function positive(field: string, value: unknown): number {
  return typeof value === 'number' && value > 0 && value < Infinity
    ? value
    : reject(field, 'a number above 0', value)
}
function textOf(field: string, value: unknown): string {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : reject(field, 'a text', value)
}
const isObject = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
