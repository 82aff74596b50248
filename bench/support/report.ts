/** What a line of the bench answers, and the table that is printed of it. */

/** One figure. `isMet` null: printed for comparison, or skipped; it makes nothing fall short. */
export interface Figure {
  line: string
  figure: string
  value: string
  target: string
  isMet: boolean | null
  /** how fast the machine is decides it, and not only what the software does */
  isMachineDependent?: true
  /** what the figure was taken from; printed with --json only */
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

/** Whether all that must be met on any machine, however slow and busy, is met. */
export const metOnAnyMachine = (figures: readonly Figure[]): boolean =>
  allMet(figures.filter(({ isMachineDependent: isOfMachine }) => !isOfMachine))

/** A time, a rate or a memory that a slow or busy machine misses though nothing is wrong. */
export const machineDependent = (figure: Figure): Figure => ({ ...figure, isMachineDependent: true })

/** `12.3 ms`; a figure that could not be taken says so, it is never 0. */
export const ms = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} ms` : 'none')
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')
export const megabytes = (value: number | null): string =>
  value === null ? 'unknown' : `${Math.round(value)} MB`

/** A figure that must not be over its limit; one that could not be taken is not met. */
export const atMost = (
  line: string,
  figure: string,
  value: number,
  limit: number,
  text: (value: number) => string,
) =>
  ({ line, figure, value: text(value), target: `<= ${text(limit)}`, isMet: value <= limit }) satisfies Figure

/** A figure that must reach its limit; one that could not be taken is not met. */
export const atLeast = (
  line: string,
  figure: string,
  value: number,
  limit: number,
  text: (value: number) => string,
) =>
  ({ line, figure, value: text(value), target: `>= ${text(limit)}`, isMet: value >= limit }) satisfies Figure

/** For comparison only. */
export const infoFigure = (line: string, figure: string, value: string): Figure => ({
  line,
  figure,
  value,
  target: '',
  isMet: null,
})
