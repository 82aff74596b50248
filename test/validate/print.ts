/** The scores as a table and as JSON. */
import { table, type Figure } from '../../bench/support/report.ts'
import type { Score } from './score.ts'

export interface LineScores {
  line: string
  scores: Score[]
}

/** The table, its missed targets below it, and with `isVerbose` the omitted vectors. */
export function tableText(results: readonly LineScores[], isVerbose: boolean): string {
  const figures = results.flatMap(({ line, scores }) => scores.map((score) => figureOf(line, score)))
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
  return table(figures) + (lists.length > 0 ? `\n${lists.join('\n')}\n` : '')
}

export const jsonText = (results: readonly LineScores[], isMet: boolean): string =>
  JSON.stringify(
    {
      pass: isMet,
      // a missing figure is null
      lines: results.flatMap(({ line, scores }) =>
        scores.map(({ isMet: pass, ...score }) => ({ line, ...score, pass })),
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

function figureOf(
  line: string,
  { figure, value, of, decimals, unit, target, isFloor, isMet }: Score,
): Figure {
  // a missing figure prints 'none'
  const text = (x: number) => (Number.isFinite(x) ? `${x.toFixed(decimals)} ${unit}`.trimEnd() : 'none')
  if (of !== null) return { line, figure, value: `${value} of ${of}`, target: 'all', isMet }
  return {
    line,
    figure,
    value: text(value),
    target: target === null ? '' : `${isFloor ? '>=' : '<='} ${text(target)}`,
    isMet,
  }
}
