/** The figures of a line, and the printed table. */

/** One figure. `isMet` null: for comparison, or skipped; it cannot fail. */
export interface Figure {
  line: string
  figure: string
  value: string
  target: string
  isMet: boolean | null
  /** depends on the speed of the machine, not only on the software */
  isMachineDependent?: true
  /** data behind the figure; printed with --json only */
  details?: unknown
}

export const COLUMNS = ['line', 'figure', 'value', 'target', 'pass'] as const

export function table(figures: readonly Figure[]): string {
  const rows: string[][] = [
    [...COLUMNS],
    ...figures.map(({ line, figure, value, target, isMet }) => [
      line,
      figure,
      value,
      target,
      passText(isMet),
    ]),
  ]
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const text = (row: string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  const [head, ...body] = rows.map(text)
  return [head, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n') + '\n'
}

const passText = (isMet: boolean | null): string => (isMet === null ? '' : isMet ? 'yes' : 'NO')

export const allMet = (figures: readonly Figure[]): boolean => figures.every(({ isMet }) => isMet !== false)

/** Whether everything that must be met on any machine, however slow and busy, is met. */
export const metOnAnyMachine = (figures: readonly Figure[]): boolean =>
  allMet(figures.filter(({ isMachineDependent: isOfMachine }) => !isOfMachine))

/** Marks a time, rate or memory that a slow or busy machine may miss. */
export const machineDependent = (figure: Figure): Figure => ({ ...figure, isMachineDependent: true })

/** `12.3 ms`; a figure that could not be measured is marked, never 0. */
export const ms = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} ms` : 'none')
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')
export const megabytes = (value: number | null): string =>
  value === null ? 'unknown' : `${Math.round(value)} MB`

/** A figure with an upper limit; one that could not be measured is not met. */
export const atMost = (
  line: string,
  figure: string,
  value: number,
  limit: number,
  text: (value: number) => string,
) =>
  ({ line, figure, value: text(value), target: `<= ${text(limit)}`, isMet: value <= limit }) satisfies Figure

/** A figure with a lower limit; one that could not be measured is not met. */
export const atLeast = (
  line: string,
  figure: string,
  value: number,
  limit: number,
  text: (value: number) => string,
) =>
  ({ line, figure, value: text(value), target: `>= ${text(limit)}`, isMet: value >= limit }) satisfies Figure

/** A figure for comparison only. */
export const infoFigure = (line: string, figure: string, value: string): Figure => ({
  line,
  figure,
  value,
  target: '',
  isMet: null,
})
