/** Rows of the FAO-56 tables by a crop's name: the tables have longer and shorter names of one crop. */

/** Words in the singular: 'Onions, dry' and 'dry onion' are equal. */
export function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9%<>]+/)
    .filter((word) => word !== '')
    .map((word) =>
      word
        .replace(/ies$/, 'y')
        .replace(/(o|x|ch|sh)es$/, '$1')
        .replace(/(?<!s)s$/, ''),
    )
}

/** Whether every word of `part` is in `whole`. */
export const isWithin = (part: readonly string[], words: readonly string[]): boolean =>
  part.every((word) => words.includes(word))

/**
 * The rows of a crop: with exactly its name, otherwise those whose every word is in its name, the most specific of
 * them.
 */
export function rowsOf<Row extends readonly [crop: string, ...rest: unknown[]]>(
  table: readonly Row[],
  crop: string,
): Row[] {
  const exactRows = table.filter(([name]) => name === crop)
  if (exactRows.length > 0) return exactRows
  const cropWords = wordsOf(crop)
  const matchingRows = table.filter(([name]) => isWithin(wordsOf(name), cropWords))
  const maxWords = Math.max(0, ...matchingRows.map(([name]) => wordsOf(name).length))
  return matchingRows.filter(([name]) => wordsOf(name).length === maxWords)
}
