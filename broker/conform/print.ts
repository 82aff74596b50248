/** How the result is told: to a person line by line, to a program as JSON. */
import { countVerdicts, type RuleResult } from './results.ts'
import type { PersonAction } from './bench.ts'
import type { Outcome } from './run.ts'

const MARK = { passed: 'pass   ', broken: 'BROKEN ', skipped: 'skipped' } as const
const NAME_WIDTH = 18

export function resultText({ rule, requirement: says, verdict, came, expected }: RuleResult): string {
  const head = `${MARK[verdict]} ${rule.padEnd(NAME_WIDTH)} ${says}`
  const indent = `${' '.repeat(MARK.passed.length + 1)}`
  if (verdict === 'broken') return `${head}\n${indent}came:     ${came}\n${indent}expected: ${expected}\n`
  return verdict === 'skipped' ? `${head}\n${indent}not tried: ${came}\n` : `${head}\n`
}

/** A rule that was not tried is not said to hold. */
export function summaryText({ results: entries, endReason: endReason }: Outcome): string {
  const counts = `${countVerdicts(entries, 'passed')} rules passed, ${countVerdicts(entries, 'broken')} broken, ${countVerdicts(entries, 'skipped')} not tried`
  const ended = endReason === null ? '' : `Ended early: ${endReason}.\n`
  return `\n${ended}${counts}.\n`
}

export const jsonText = (device: string, { results: entries, endReason: endReason }: Outcome): string =>
  `${JSON.stringify(
    {
      device,
      passed: countVerdicts(entries, 'passed'),
      broken: countVerdicts(entries, 'broken'),
      skipped: countVerdicts(entries, 'skipped'),
      endReason,
      rules: entries,
    },
    null,
    2,
  )}\n`

export const isConformant = ({ results: entries, endReason: endReason }: Outcome): boolean =>
  endReason === null && countVerdicts(entries, 'broken') === 0

export const actionText: Record<PersonAction, string> = {
  'power-cut':
    'Now pull the plug of the controller, count to ten, and put it back. A valve is open: it must fall shut.',
  fault:
    'Now make the controller find a fault: shut the water off at its main while the valve is open, or let it see flow without any.',
}
