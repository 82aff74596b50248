/** The scores as a table and as JSON. */
import { table, type Figure } from '../../bench/support/report.ts'
import type { Score } from './score.ts'

export interface LineScores {
  line: string
  /** the scored modules that the product does not use */
  library: readonly string[]
  scores: Score[]
}

const LIBRARY = 'library'

/** The table, its missed targets below it, and with `isVerbose` the omitted vectors. */
export function tableText(results: readonly LineScores[], isVerbose: boolean): string {
  const figures = results.flatMap(({ line, library, scores }) =>
    scores.map((score) => figureOf(line, library.length > 0, score)),
  )
  const lists = results.flatMap(({ line, scores }) =>
    scores.flatMap(({ figure, missed, notBuilt, isMet }) => [
      // a figure without a target cannot miss it
      ...listed(
        `${line}, ${figure}${isMet === null ? '' : ': fell short'}`,
        missed,
        isVerbose ? Infinity : SHOWN,
      ),
      ...listed(`${line}, ${figure}: not built`, isVerbose ? notBuilt : [], Infinity),
    ]),
  )
  lists.push(...libraryList(results))
  return table(figures) + (lists.length > 0 ? `\n${lists.join('\n')}\n` : '')
}

/** The modules behind the figures that are marked as those of a library. */
function libraryList(results: readonly LineScores[]): string[] {
  const modules = [...new Set(results.flatMap(({ library }) => library))]
  return modules.length === 0
    ? []
    : [`${LIBRARY}: code that the product does not use yet`, ...modules.map((path) => `  ${path}`)]
}

/** The figures are not rounded; a missing one is null. */
export const jsonText = (results: readonly LineScores[], isMet: boolean): string =>
  JSON.stringify(
    {
      pass: isMet,
      lines: results.flatMap(({ line, library, scores }) =>
        scores.map(({ isMet: pass, ...score }) => ({ line, library, ...score, pass })),
      ),
    },
    null,
    2,
  ) + '\n'

const SHOWN = 5

function listed(title: string, entries: readonly string[], limit: number): string[] {
  if (entries.length === 0) return []
  const omitted = entries.length > limit ? [`  and ${entries.length - limit} more (--verbose)`] : []
  return [title, ...entries.slice(0, limit).map((entry) => `  ${entry}`), ...omitted]
}

function figureOf(line: string, isLibrary: boolean, score: Score): Figure {
  const { of, unit, value, min, max, isMet } = score
  const figure = isLibrary ? `${score.figure} (${LIBRARY})` : score.figure
  if (of !== null) return { line, figure, value: `${value} of ${of}`, target: 'all', isMet }
  const decimals = decimalsOf(score)
  // a missing figure prints 'none'; + 0: a rounded -0 is 0
  const number = (x: number) => (Number(x.toFixed(decimals)) + 0).toFixed(decimals)
  const text = (x: number) => (Number.isFinite(x) ? `${number(x)} ${unit}`.trimEnd() : 'none')
  return { line, figure, value: text(value), target: targetText(min, max, text), isMet }
}

function targetText(min: number | null, max: number | null, text: (x: number) => string): string {
  if (min !== null && max !== null) return `${text(min)} to ${text(max)}`
  return min !== null ? `>= ${text(min)}` : max !== null ? `<= ${text(max)}` : ''
}

const MAX_DECIMALS = 9

/** A missed target is visible: more decimals are printed where the rounded figure would meet it. */
function decimalsOf({ value, decimals, min, max, isMet }: Score): number {
  if (isMet !== false || !Number.isFinite(value)) return decimals
  const isHidden = (digits: number) => {
    const printed = Number(value.toFixed(digits))
    return printed >= (min ?? -Infinity) && printed <= (max ?? Infinity)
  }
  let digits = decimals
  while (digits < MAX_DECIMALS && isHidden(digits)) digits++
  return digits
}
