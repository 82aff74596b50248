/** The texts of a language and the formats of their placeholders. */
import type en from '../../public/i18n/en.json'

export type Texts = Readonly<Record<string, string>>

type WithoutPlural<K> = K extends `${infer Base}#${string}` ? Base : K
/** The keys of the English catalogue. */
export type Key = WithoutPlural<keyof typeof en>

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
