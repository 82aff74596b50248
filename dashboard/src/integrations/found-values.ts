/** What a device sends, in one line: "21.4 % vol at ? cm, 19.2 °C, 87 %". */
import type { ProfileFit } from '../../../services/api/schemas.ts'
import { quantityOf } from '../../../broker/contract/quantities.ts'
import type { Locale } from '../i18n/locale.ts'

const SHOWN = 3

/** Longer ones may break. */
const ONE_LINE = 28
/** A part of a list that stays on one line. */
export const unbroken = (part: string): string =>
  part.length > ONE_LINE ? part : part.replaceAll(' ', '\u00a0')

/** A value with its unit, as the profile reads it. */
export const valueText = ({ quantity, value, unit }: ProfileFit['values'][number], locale: Locale): string =>
  locale.reading(value, quantity, unit, Math.min(2, quantityOf(quantity)?.decimals ?? 1))

/** The main values and the battery; null: the profile reads none. */
export function fitText(fit: ProfileFit, locale: Locale): string | null {
  const asksDepth = fit.questions.some(({ type }) => /^depths?$/.test(type))
  const values = fit.values.slice(0, SHOWN).map((value, i) => {
    const text = valueText(value, locale)
    return i === 0 && asksDepth && value.depthCm === null
      ? locale.t('found.depth-unknown', { value: text })
      : text
  })
  const valves = fit.valves.map(({ valve, position }) =>
    locale.t(position === 'open' ? 'found.valve.open' : 'found.valve.closed', { valve }),
  )
  const battery =
    fit.battery === null
      ? []
      : [
          locale.t('found.battery', {
            value: `${locale.number(fit.battery.value, fit.battery.unit === 'V' ? 2 : 0)}\u00a0${fit.battery.unit}`,
          }),
        ]
  const parts = [...values, ...valves, ...battery]
  return parts.length === 0 ? null : parts.map(unbroken).join(locale.t('list.comma'))
}
