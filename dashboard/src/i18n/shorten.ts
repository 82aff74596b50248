/** A name for a narrow place: at most `letters` Latin letters or half as many full-width ones, with … for the rest. */
export function shorten(name: string, letters: number): string {
  let remaining = letters
  const end = [...name].findIndex((letter) => (remaining -= letter > '\u2e7f' ? 2 : 1) < 0)
  return end < 0
    ? name
    : `${[...name]
        .slice(0, end - 1)
        .join('')
        .trimEnd()}…`
}
