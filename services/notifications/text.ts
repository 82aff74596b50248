/**
 * The text of a notification, in the language of its recipient. The dashboard has its own catalogue; a push, a mail or a
 * webhook has no dashboard. A test compares the texts of causes and pests with the catalogue.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { NotificationLanguage } from '../tables.ts'
import { en } from './text-en.ts'
import { ja } from './text-ja.ts'
import type { NotificationTexts } from './text-types.ts'

/** The type of the catalogue requires every text in every language: there is no fallback. */
export const textsFor = (language: NotificationLanguage): NotificationTexts => catalogue[language]
const catalogue = { en, ja } as const satisfies Record<NotificationLanguage, NotificationTexts>

/** The time of day, with the date on another day. In the time zone of the farm. */
export function whenText(atMs: AtMs, { locale }: NotificationTexts, { timeZone, nowMs }: Place): string {
  const day = (ms: AtMs) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(ms)
  const clock = new Intl.DateTimeFormat(locale, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(atMs)
  return day(atMs) === day(nowMs) ? clock : `${dateText(atMs, locale, timeZone)} ${clock}`
}
export interface Place {
  timeZone: string
  nowMs: AtMs
}

/** A civil day, 'Thu 5 Nov'. */
export const dayText = (day: string, { locale }: NotificationTexts): string =>
  dateText(Date.parse(`${day}T00:00:00Z`) + MINUTE_MS, locale, 'UTC')

const dateText = (atMs: AtMs, locale: string, timeZone: string): string =>
  new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' })
    .format(atMs)
    .replace(',', '')

/** A number with at most one decimal. */
export const numberText = (value: number, { locale }: NotificationTexts): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 1, numberingSystem: 'latn' })
    .format(Math.round(value * 10) / 10 || 0)
    .replace('-', '−')
