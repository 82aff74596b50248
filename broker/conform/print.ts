/** How the result is told: to a person line by line, to a program as JSON. */
import { countVerdicts, type RuleResult } from './results.ts'
import type { PersonAction } from './bench.ts'
import type { Outcome } from './run.ts'

const MARK = { passed: 'pass   ', broken: 'BROKEN ', skipped: 'skipped' } as const
const NAME_WIDTH = 18

export function resultText({ rule, requirement, verdict, actual, expected }: RuleResult): string {
  const head = `${MARK[verdict]} ${rule.padEnd(NAME_WIDTH)} ${requirement}`
  const indent = `${' '.repeat(MARK.passed.length + 1)}`
  if (verdict === 'broken') return `${head}\n${indent}came:     ${actual}\n${indent}expected: ${expected}\n`
  return verdict === 'skipped' ? `${head}\n${indent}not tried: ${actual}\n` : `${head}\n`
}

/** A rule that was not tried is not said to hold. */
export function summaryText({ results, endReason }: Outcome): string {
  const counts = `${countVerdicts(results, 'passed')} rules passed, ${countVerdicts(results, 'broken')} broken, ${countVerdicts(results, 'skipped')} not tried`
  const ended = endReason === null ? '' : `Ended early: ${endReason}.\n`
  return `\n${ended}${counts}.\n`
}

export const jsonText = (device: string, { results, endReason }: Outcome): string =>
  `${JSON.stringify(
    {
      device,
      passed: countVerdicts(results, 'passed'),
      broken: countVerdicts(results, 'broken'),
      skipped: countVerdicts(results, 'skipped'),
      endReason,
      rules: results,
    },
    null,
    2,
  )}\n`

export const isConformant = ({ results, endReason }: Outcome): boolean =>
  endReason === null && countVerdicts(results, 'broken') === 0

export const actionText: Record<PersonAction, string> = {
  'power-cut':
    'Now pull the plug of the controller, count to ten, and put it back. A valve is open: it must fall shut.',
  fault:
    'Now make the controller find a fault: shut the water off at its main while the valve is open, or let it see flow without any.',
}
