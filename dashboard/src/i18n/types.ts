/** The texts of a language and the formats of their placeholders. */
import type account from '../../public/i18n/en/account.json'
import type common from '../../public/i18n/en/common.json'
import type devices from '../../public/i18n/en/devices.json'
import type field from '../../public/i18n/en/field.json'
import type integrations from '../../public/i18n/en/integrations.json'
import type people from '../../public/i18n/en/people.json'
import type pests from '../../public/i18n/en/pests.json'
import type reports from '../../public/i18n/en/reports.json'
import type sheets from '../../public/i18n/en/sheets.json'
import type trust from '../../public/i18n/en/trust.json'
import type water from '../../public/i18n/en/water.json'

export type Texts = Readonly<Record<string, string>>

type WithoutPlural<K> = K extends `${infer Base}#${string}` ? Base : K
type English = typeof account &
  typeof common &
  typeof devices &
  typeof field &
  typeof integrations &
  typeof people &
  typeof pests &
  typeof reports &
  typeof sheets &
  typeof trust &
  typeof water
/** The keys of the English catalogue. */
export type Key = WithoutPlural<keyof English>

export type Param = string | number | null | undefined
export type Params = Readonly<Record<string, Param>>

/** Formats that a placeholder may name; any other name is a section of the catalogue in which the value is looked up. */
export type Format =
  | ('plain' | 'one' | 'percent' | 'mm' | 'when' | 'clock' | 'date' | 'duration' | 'days' | 'litres' | 'm3')
  // with their units; `level` is a depth without one, `span` a difference of temperatures
  | ('temp' | 'span' | 'heat' | 'depth' | 'level')
export type Formats = Record<Format, (value: Param) => string> & {
  /** `params` of the text that holds the placeholder: the looked-up text may need them */
  lookup(section: string, value: Param, params: Params): string
}
