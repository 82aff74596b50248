/** How the result is told: to a person line by line, to a program as JSON. */
import { countOf, type Entry } from './book.ts'
import type { Deed } from './bench.ts'
import type { Outcome } from './run.ts'

const MARK = { passed: 'pass   ', broken: 'BROKEN ', skipped: 'skipped' } as const
const NAME_WIDTH = 18

export function entryText({ rule, says, verdict, came, expected }: Entry): string {
  const head = `${MARK[verdict]} ${rule.padEnd(NAME_WIDTH)} ${says}`
  const indent = `${' '.repeat(MARK.passed.length + 1)}`
  if (verdict === 'broken') return `${head}\n${indent}came:     ${came}\n${indent}expected: ${expected}\n`
  return verdict === 'skipped' ? `${head}\n${indent}not tried: ${came}\n` : `${head}\n`
}

/** A rule that was not tried is not said to hold. */
export function sumText({ entries, endedWhy }: Outcome): string {
  const counts = `${countOf(entries, 'passed')} rules passed, ${countOf(entries, 'broken')} broken, ${countOf(entries, 'skipped')} not tried`
  const ended = endedWhy === null ? '' : `Ended early: ${endedWhy}.\n`
  return `\n${ended}${counts}.\n`
}

export const jsonText = (device: string, { entries, endedWhy }: Outcome): string =>
  `${JSON.stringify(
    {
      device,
      passed: countOf(entries, 'passed'),
      broken: countOf(entries, 'broken'),
      skipped: countOf(entries, 'skipped'),
      endedWhy,
      rules: entries,
    },
    null,
    2,
  )}\n`

export const isKept = ({ entries, endedWhy }: Outcome): boolean =>
  endedWhy === null && countOf(entries, 'broken') === 0

export const deedText: Record<Deed, string> = {
  'power-cut':
    'Now pull the plug of the controller, count to ten, and put it back. A valve is open: it must fall shut.',
  fault:
    'Now make the controller find a fault: shut the water off at its main while the valve is open, or let it see flow without any.',
}
