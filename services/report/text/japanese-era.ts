/** Years and days for display: in Japanese by era. */
import type { Day } from '../../../broker/contract/time.ts'
import type { Lang } from './lang.ts'

/** 2026; in Japanese the crop year of the era first. */
export function yearText(year: number, lang: Lang): string {
  if (lang === 'en') return String(year)
  return `${inEra({ year: 'numeric' }).format(Date.UTC(year, 6, 1))}産（${year}年）`
}

/** 2026-11-01; in Japanese 令和8年11月1日. */
export function dayText(day: Day, lang: Lang): string {
  if (lang === 'en') return day
  return inEra({ year: 'numeric', month: 'long', day: 'numeric' }).format(Date.parse(`${day}T00:00Z`))
}

const inEra = (parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { era: 'long', timeZone: 'UTC', ...parts })
