/**
 * Numbers, times and amounts in a language, in the person's units and in the farm's zone. Digits are half-width, and a
 * chosen unit never changes by itself.
 */
import type { Units } from '../app/preferences-model.ts'
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  dayOf,
  daysBetween,
  type AtMs,
  type Day,
} from '../../../broker/contract/time.ts'
import type { Formats, Param } from './types.ts'

export const NO_VALUE = '–'

/** The texts that amounts need. */
export interface UnitTexts {
  text(key: string, params: Record<string, string | number>): string
}

export interface FormatContext {
  language: string
  timeZone: string
  nowMs: () => AtMs
  units?: Partial<Units> // null: the usual unit of the language
}

/** The locale for dates: in English the day comes before the month. */
const localeOf = (language: string): string => (language === 'en' ? 'en-GB' : language)

type Formatting = { format(value: number): string }
const formats = new Map<string, Formatting>()

/** Creating a format costs more than a hundred uses of it: each is created at its first use and cached. */
const createLazily = (name: string, make: () => Formatting): Formatting => ({
  format(value) {
    let existing = formats.get(name)
    if (!existing) formats.set(name, (existing = make()))
    return existing.format(value)
  },
})

/**
 * The first number format and the first time format are the slowest to create: they are created while the texts load,
 * each in its own task.
 */
export const warmFormats = (language: string): void => {
  const format = formatter({ language, timeZone: 'UTC', nowMs: () => 0 }, { text: (key) => key })
  for (const make of [format.number, format.clock]) setTimeout(make, 0, 0)
}

export function formatter(place: FormatContext, unitTexts: UnitTexts) {
  const { language, timeZone, nowMs, units = {} } = place
  const locale = localeOf(language)
  const dateFormat = (options: Intl.DateTimeFormatOptions, zone: string) =>
    createLazily(
      `${locale} ${zone} ${JSON.stringify(options)}`,
      () => new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }),
    )
  const numberFormat = (options: Intl.NumberFormatOptions) =>
    createLazily(
      `${locale} ${JSON.stringify(options)}`,
      () => new Intl.NumberFormat(locale, { ...options, numberingSystem: 'latn' }),
    )
  const isHalfDay = units.clock === '12'
  const clockOptions: Intl.DateTimeFormatOptions = isHalfDay
    ? { hour: 'numeric', minute: '2-digit', hourCycle: 'h12' }
    : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  const clockFormat = dateFormat(clockOptions, timeZone)
  const minuteFormat = dateFormat(clockOptions, 'UTC')
  const hourFormat = dateFormat({ hour: 'numeric', hourCycle: 'h12' }, timeZone)
  const dayFormat = dateFormat({ weekday: 'short', day: 'numeric', month: 'short' }, 'UTC')
  const shortFormat = dateFormat({ day: 'numeric', month: 'short' }, 'UTC')
  // 7/24 in Japanese, where 7月24日 would not fit under a chart; in English the order would be unclear
  const tickFormat = dateFormat({ day: 'numeric', month: language === 'ja' ? 'numeric' : 'short' }, 'UTC')
  const weekdayFormat = dateFormat({ weekday: 'short' }, 'UTC')
  const letterFormat = dateFormat({ weekday: 'narrow' }, 'UTC')
  // one format for all precisions: creating it is slow, and a rounded number has no further digits
  const roundedFormat = numberFormat({ maximumFractionDigits: 2 })
  /** `digits`: after the point, two at most. */
  const number = (value: number, digits = 0): string => {
    const rounded = Math.round(value * 10 ** digits) / 10 ** digits
    // never -0; a minus is as wide as a plus
    return roundedFormat.format(rounded === 0 ? 0 : rounded).replace('-', '−')
  }

  const fixedFormats = {
    1: numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    2: numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  }
  /** For columns of figures: always as many decimals. */
  const fixed = (value: number, digits: keyof typeof fixedFormats = 2): string =>
    fixedFormats[digits].format(value).replace('-', '−')

  const clock = (atMs: AtMs): string => clockFormat.format(atMs)
  /** A full hour in its shortest form: 05. */
  const hour = (atMs: AtMs): string => (isHalfDay ? hourFormat.format(atMs) : clock(atMs).slice(0, 2))
  /** Minutes after midnight. */
  const minuteOfDay = (minute: number): string => minuteFormat.format((minute % 1440) * MINUTE_MS)
  const noon = (day: Day): number => Date.parse(`${day}T12:00:00Z`)
  const date = (day: Day): string => dayFormat.format(noon(day)).replace(',', '')
  const shortDate = (day: Day): string => shortFormat.format(noon(day))
  const tickDate = (day: Day): string => tickFormat.format(noon(day))
  const weekday = (day: Day): string => weekdayFormat.format(noon(day))
  const weekdayLetter = (day: Day): string => letterFormat.format(noon(day))

  /** Millimetres of water, without the unit: no decimals from 10 on, one below. */
  const mm = (value: number): string => number(value, Math.abs(value) < 9.95 && !isWhole(value) ? 1 : 0)
  const depthUnit = units.depthUnit ?? 'cm'
  /** A depth or a level given in mm, without the unit. */
  const level = (valueMm: number): string => (depthUnit === 'mm' ? number(valueMm) : number(valueMm / 10, 1))
  const depth = (valueMm: number): string => `${level(valueMm)}\u00a0${depthUnit}`

  const isFahrenheit = units.tempUnit === 'f'
  const tempUnit = isFahrenheit ? '°F' : '°C'
  /** Converts from the server's unit to the person's. */
  const toTemp = (valueC: number): number => (isFahrenheit ? 32 + 1.8 * valueC : valueC)
  const fromTemp = (value: number): number => (isFahrenheit ? (value - 32) / 1.8 : value)
  const temp = (valueC: number): string => `${number(toTemp(valueC), 1)}\u00a0${tempUnit}`
  /** A difference of temperatures. */
  const span = (valueC: number): string =>
    `${number(isFahrenheit ? 1.8 * valueC : valueC, 1)}\u00a0${tempUnit}`
  /** Degree days, without the unit. */
  const heat = (valueCd: number): string => number(isFahrenheit ? 1.8 * valueCd : valueCd)

  /** A reading, converted from its stored unit to the person's unit. */
  function reading(value: number, quantity: string, unit: string, digits: number): string {
    if (unit === '0-1') return `${number(100 * value)}\u00a0%`
    if (unit === '°C') return temp(value)
    if (quantity === 'water.level') return depth(value)
    // pF: the tension as a column of water in cm, its logarithm
    if (quantity === 'soil.tension' && units.tensionUnit === 'pf')
      return `pF ${number(Math.log10(Math.max(1, 10.197 * value)), 2)}`
    return `${number(value, digits)}\u00a0${unit}`
  }

  function duration(minutes: number): string {
    const wholeMinutes = Math.max(0, Math.round(minutes))
    const h = Math.floor(wholeMinutes / 60)
    const min = wholeMinutes % 60
    if (h === 0) return unitTexts.text('duration.min', { min })
    return min === 0 ? unitTexts.text('duration.h', { h }) : unitTexts.text('duration.h-min', { h, min })
  }

  /** Full hours of today or tomorrow in their shortest form: 18:00–21:00 or 18時〜21. */
  function hourSpan(fromMs: AtMs, toMs: AtMs): string {
    const lo = hour(fromMs)
    const hi = hour(toMs)
    const time = isHalfDay ? range(lo, hi) : unitTexts.text('hours', { lo, hi })
    const isToday = dayOf(fromMs, timeZone) === dayOf(nowMs(), timeZone)
    return isToday ? time : unitTexts.text('when.tomorrow', { time })
  }

  /** An instant relative to today: '05:40', 'tomorrow 05:40', 'Fri 24 Jul 05:40'. */
  function when(atMs: AtMs): string {
    const days = daysBetween(dayOf(nowMs(), timeZone), dayOf(atMs, timeZone))
    const time = clock(atMs)
    if (days === 0) return time
    if (days === 1) return unitTexts.text('when.tomorrow', { time })
    if (days === -1) return unitTexts.text('when.yesterday', { time })
    return unitTexts.text('when.date', { date: date(dayOf(atMs, timeZone)), time })
  }

  function ago(atMs: AtMs): string {
    const ms = Math.max(0, nowMs() - atMs)
    if (ms < 2 * MINUTE_MS) return unitTexts.text('ago.now', {})
    if (ms < 2 * HOUR_MS) return unitTexts.text('ago.minutes', { n: Math.round(ms / MINUTE_MS) })
    if (ms < 36 * HOUR_MS) return unitTexts.text('ago.hours', { n: Math.round(ms / HOUR_MS) })
    return unitTexts.text('ago.days', { n: Math.round(ms / DAY_MS) })
  }

  /** A range in the language: both ends are formatted and joined, which Intl gets wrong in Japanese. */
  const range = (lo: string, hi: string): string =>
    // a dash after a minus could be another
    lo === hi ? lo : unitTexts.text(/[-−]/.test(lo + hi) ? 'range.to' : 'range', { lo, hi })
  const signed = (value: number): string => {
    const amount = mm(Math.abs(value))
    return amount === '0' ? amount : `${value < 0 ? '−' : '+'}${amount}`
  }
  /** Metered water. Without a chosen unit, the unit depends on the amount. */
  /** Of a volume, and of the smaller ones next to it. */
  const waterUnit = (value: number): 'l' | 'm3' => units.waterUnit ?? (value < 10_000 ? 'l' : 'm3')
  const litres = (value: number, unit = waterUnit(value)): string =>
    unit === 'l'
      ? unitTexts.text('unit.l', { v: number(value) })
      : unitTexts.text('unit.m3', { v: number(value / 1000, value < 1_000 ? 2 : value < 100_000 ? 1 : 0) })
  const m3 = (value: number): string => litres(1000 * value, units.waterUnit ?? 'm3')

  const areaUnit = units.areaUnit ?? (language === 'ja' ? 'a' : 'ha')
  /** m² per unit; 反 is a label of 10 a. */
  const areaFactor = { ha: 10_000, a: 100, tan: 1_000 }[areaUnit]
  function area(m2: number): string {
    if (areaUnit === 'tan')
      return m2 < 10_000
        ? unitTexts.text('unit.tan', { v: number(m2 / 1_000, 1) })
        : unitTexts.text('unit.cho', { v: number(m2 / 10_000, m2 < 100_000 ? 2 : 1) })
    return areaUnit === 'a' && m2 < 10_000
      ? unitTexts.text('unit.a', { v: number(m2 / 100, 0) })
      : unitTexts.text('unit.ha', { v: number(m2 / 10_000, m2 < 100_000 ? 2 : 1) })
  }
  /** A time span of a day, from minutes after midnight. */
  const hours = ({ fromMin, toMin }: { fromMin: number; toMin: number }): string =>
    range(minuteOfDay(fromMin), minuteOfDay(toMin))

  return {
    language,
    timeZone,
    number,
    clock,
    hour,
    minuteOfDay,
    hours,
    hourSpan,
    date,
    shortDate,
    tickDate,
    fixed,
    weekday,
    weekdayLetter,
    mm,
    level,
    depth,
    depthUnit,
    temp,
    tempUnit,
    toTemp,
    fromTemp,
    span,
    heat,
    reading,
    duration,
    when,
    ago,
    range,
    signed,
    litres,
    waterUnit,
    m3,
    area,
    areaUnit,
    areaFactor,
    firstWeekday: units.firstWeekday ?? (language === 'ja' ? 'sunday' : 'monday'),
  }
}
export type Formatter = ReturnType<typeof formatter>

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 0.05

/** How each format of the catalogue writes a value; an unknown value is a dash, never a zero. */
export function formatsOf(format: Formatter, lookup: Formats['lookup'], unitTexts: UnitTexts): Formats {
  const num =
    (formatNumber: (value: number) => string) =>
    (value: Param): string =>
      typeof value === 'number' && Number.isFinite(value) ? formatNumber(value) : NO_VALUE
  return {
    plain: (value) => (typeof value === 'string' ? value : num((v) => format.number(v, 1))(value)),
    mm: num(format.mm),
    temp: num(format.temp),
    span: num(format.span),
    heat: num(format.heat),
    depth: num(format.depth),
    level: num(format.level),
    when: num(format.when),
    clock: num(format.clock),
    date: (value) =>
      typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? format.date(value) : NO_VALUE,
    duration: num(format.duration),
    days: (value) =>
      typeof value === 'number'
        ? value < 1
          ? unitTexts.text('days.less', {})
          : unitTexts.text('days.about', { n: Math.round(value) })
        : unitTexts.text('days.many', {}),
    litres: num((v) => format.litres(v)),
    m3: num(format.m3),
    one: num((v) => format.number(v, 1)),
    percent: num((v) => format.number(v)),
    lookup,
  }
}

/**
 * Parses a number that a person entered, also with full-width digits or a decimal comma. NaN when it is not a number.
 */
export function parseNumber(text: string): number {
  const half = text
    .trim()
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[．，,]/g, '.')
    .replace(/[－ー−]/g, '-')
  return /^-?\d+(\.\d+)?$/.test(half) ? Number(half) : NaN
}
