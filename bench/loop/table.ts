/** The table of a place, one row per policy. */
import type { Comparison, Row } from './compare.ts'
import { referenceText } from './reference.ts'

const COLUMNS: readonly (readonly [string, (row: Row, climate: string) => string])[] = [
  ['policy', ({ policy, label }) => (label ? `${policy} (${label})` : policy)],
  ['yield t/ha', ({ yieldTHa }) => yieldTHa.toFixed(2)],
  ['irrigation mm', ({ irrigationMm }) => irrigationMm.toFixed(0)],
  ['runs', ({ runs }) => runs.toFixed(1)],
  ['profit $/ha', ({ profit }) => profit.toFixed(0)],
  ['percolation mm', ({ percolationMm }) => percolationMm.toFixed(0)],
  ['of irrigation', ({ percolationShare }) => percent(percolationShare)],
  ['stress days', ({ stressDays }) => stressDays.toFixed(1)],
  ['regret', ({ regret }) => percent(regret)],
  ['AquaCrop t/ha / mm', ({ policy }, climate) => referenceText(climate, policy)],
]

export function loopTable({
  climate,
  seed,
  seasons,
  rows,
  unstressedTHa,
  moreSearchGain,
}: Comparison): string {
  // a column without reference points would be empty
  const shownColumns = COLUMNS.filter(([, textOf]) => rows.some((row) => textOf(row, climate) !== ''))
  const cells = [
    shownColumns.map(([name]) => name),
    ...rows.map((row) => shownColumns.map(([, textOf]) => textOf(row, climate))),
  ]
  const widths = shownColumns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  const text = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return [
    `${climate}, seed ${seed}, mean of ${seasons} seasons; without any lack of water ${unstressedTHa.toFixed(2)} t/ha`,
    ...cells.map(text),
    `a search 4 times as long gives the clairvoyant ${percent(moreSearchGain, 2)} more profit (first season)`,
    '',
  ].join('\n')
}

export const percent = (share: number | null, digits = 1): string =>
  share === null ? '' : `${(share * 100).toFixed(digits)} %`
