/** The units of a report: growers in Japan read kg per 10 a and bales, others t per ha. */
import type { FieldHarvests } from '../../../services/api/schemas.ts'
import type { Locale } from '../i18n/locale.ts'
import { NO_VALUE } from '../i18n/format.ts'

export const yieldUnits = ['kg/10a', 't/ha'] as const
export type YieldUnit = (typeof yieldUnits)[number]

const HYO_KG = 60
type Maybe = number | null

/** Values without their unit, which is in the table head. An unknown value is a dash. */
export function yieldFormat(unit: YieldUnit, crop: string | null, locale: Locale) {
  const isBy10a = unit === 'kg/10a'
  const formatValue = (value: Maybe, per: number, digits = 0): string =>
    value === null ? NO_VALUE : locale.number(value / per, digits)
  return {
    water: isBy10a ? 'm³/10a' : 'm³/ha',
    kg: (kgHa: Maybe): string =>
      isBy10a || kgHa === null ? formatValue(kgHa, 10) : locale.fixed(kgHa / 1000),
    /** '(9.1俵)' for rice in Japan, which is counted in bales of 60 kg. */
    bales: (kgHa: Maybe): string =>
      isBy10a && crop === 'rice' && kgHa !== null
        ? locale.t('report.bales', { v: locale.number(kgHa / 10 / HYO_KG, 1) })
        : '',
    waterOf: (m3Ha: Maybe): string => formatValue(m3Ha, isBy10a ? 10 : 1),
    percent: (share: Maybe): string => formatValue(share === null ? null : 100 * share, 1),
    change(share: Maybe): string {
      const percent = Math.round(100 * (share ?? 0))
      if (share === null) return NO_VALUE
      return percent === 0
        ? '±0\u00a0%'
        : `${percent < 0 ? '−' : '+'}${locale.number(Math.abs(percent))}\u00a0%`
    },
  }
}
export type YieldFormat = ReturnType<typeof yieldFormat>

/** Brown rice at 15 % moisture. */
export function basisText(
  { form, moisturePct }: FieldHarvests['seasons'][number]['basis'],
  locale: Locale,
): string {
  const formText = locale.t(`harvest.form.${form}`)
  return moisturePct === null ? formText : locale.t('report.basis', { form: formText, percent: moisturePct })
}

/** The season: 2026, and in Japanese the crop year of its era before it. */
export function seasonText(year: number, language: string): string {
  if (language !== 'ja') return String(year)
  const era = new Intl.DateTimeFormat('ja-JP-u-ca-japanese', {
    era: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return `${era.format(Date.UTC(year, 6))}産（${year}年）`
}
