/** What a person can choose on a phone: language, theme, units, each apart from the others. */
export const themes = ['auto', 'light', 'dark', 'sun'] as const
export type Theme = (typeof themes)[number]
export const areaUnits = ['ha', 'a'] as const
export type AreaUnit = (typeof areaUnits)[number]

export const fieldViews = ['list', 'map'] as const
export type FieldView = (typeof fieldViews)[number]

export interface Chosen {
  language: string | null // null: as the phone
  theme: Theme
  areaUnit: AreaUnit | null // null: as usual in the language
  fieldsAs: FieldView
}

/** Reads what was kept; anything strange falls back to the default. */
export function readChosen(text: string | null): Chosen {
  let raw: Partial<Record<keyof Chosen, unknown>> = {}
  try {
    raw = (JSON.parse(text ?? '{}') as typeof raw | null) ?? {}
  } catch {
    raw = {}
  }
  return {
    language: typeof raw.language === 'string' ? raw.language : null,
    theme: themes.find((theme) => theme === raw.theme) ?? 'auto',
    areaUnit: areaUnits.find((unit) => unit === raw.areaUnit) ?? null,
    fieldsAs: fieldViews.find((view) => view === raw.fieldsAs) ?? 'list',
  }
}
