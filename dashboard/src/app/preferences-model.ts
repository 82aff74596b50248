/** A person's preferences: language, theme, units and clock, each independent of the others. */
import type { PersonPreferences } from '../../../services/api/schemas.ts'

export const themes = ['auto', 'light', 'dark', 'sun'] as const
export type Theme = (typeof themes)[number]

export const fieldViews = ['list', 'map'] as const
export type FieldView = (typeof fieldViews)[number]

/** Formats of amounts and times. Null: the default of the language. */
export type Units = Omit<PersonPreferences, 'language' | 'isSetUp'>
export const unitChoices = {
  areaUnit: ['ha', 'a', 'tan'],
  waterUnit: ['l', 'm3'],
  tempUnit: ['c', 'f'],
  depthUnit: ['cm', 'mm'],
  tensionUnit: ['kpa', 'pf'],
  clock: ['24', '12'],
  firstWeekday: ['monday', 'saturday', 'sunday'],
} as const satisfies { [K in keyof Units]: readonly NonNullable<Units[K]>[] }
/** Signs that are the same in every language. */
export const unitSigns = {
  ha: 'ha',
  l: 'L',
  m3: 'm³',
  c: '°C',
  f: '°F',
  cm: 'cm',
  mm: 'mm',
  kpa: 'kPa',
  pf: 'pF',
} as const
const unitNames = Object.keys(unitChoices) as (keyof Units)[]

/** The theme and the view are this phone's; the rest is the person's, and follows them to another phone. */
export interface PreferenceValues extends PersonPreferences {
  theme: Theme
  fieldsAs: FieldView
  isUnsynced: boolean // not sent to the server yet
}

/** Parses the stored preferences; anything invalid falls back to the default. */
export function parsePreferences(text: string | null): PreferenceValues {
  let raw: Partial<Record<keyof PreferenceValues, unknown>> = {}
  try {
    raw = (JSON.parse(text ?? '{}') as typeof raw | null) ?? {}
  } catch {
    raw = {}
  }
  const validChoice = (name: keyof Units) => unitChoices[name].find((choice) => choice === raw[name]) ?? null
  return {
    language: typeof raw.language === 'string' ? raw.language : null,
    theme: themes.find((theme) => theme === raw.theme) ?? 'auto',
    fieldsAs: fieldViews.find((view) => view === raw.fieldsAs) ?? 'list',
    isSetUp: raw.isSetUp === true,
    isUnsynced: raw.isUnsynced === true,
    ...(Object.fromEntries(unitNames.map((name) => [name, validChoice(name)])) as unknown as Units),
  }
}

/** The part that the server stores. */
export const personalPreferences = (values: PreferenceValues): PersonPreferences => {
  const { theme: _, fieldsAs: __, isUnsynced: ___, ...choices } = values
  return choices
}
