/** What is stored of a half-typed form, and how it is read back. */

/** A text, a number, a choice or nothing, by the name of its field. */
export type DraftValues = Record<string, string | number | boolean | null>

/**
 * The stored values over the empty ones. A field that the form no longer has, and a value of another type, are left out:
 * the form may have changed since.
 */
export function parseDraft<T extends DraftValues>(text: string | null, empty: T): T {
  let stored: unknown
  try {
    stored = JSON.parse(text ?? 'null')
  } catch {
    stored = null
  }
  if (typeof stored !== 'object' || stored === null) return { ...empty }
  const kept = Object.entries(stored as DraftValues).filter(
    ([key, value]) =>
      key in empty &&
      (value === null || empty[key] === null
        ? value === null || typeof value === 'number' || typeof value === 'string'
        : typeof value === typeof empty[key]),
  )
  return { ...empty, ...Object.fromEntries(kept) }
}

/** The text to store; null: nothing was typed. */
export function draftText<T extends DraftValues>(values: T, empty: T): string | null {
  const typed = Object.entries(values).filter(([key, value]) => value !== empty[key])
  return typed.length === 0 ? null : JSON.stringify(Object.fromEntries(typed))
}
