/** The output: line by line for a person, JSON for a program. */
import { countVerdicts, type RuleResult } from './results.ts'
import type { PersonAction } from './bench.ts'
import type { Outcome } from './run.ts'

const MARK = { passed: 'pass   ', failed: 'FAILED ', skipped: 'skipped' } as const
const NAME_WIDTH = 18

/**
 * The verdict with its requirement, then the actual and the expected behaviour of a failed rule, or the reason of a
 * skipped one. Each line ends with a line feed.
 */
export function resultText({ rule, requirement, verdict, actual, expected }: RuleResult): string {
  const head = `${MARK[verdict]} ${rule.padEnd(NAME_WIDTH)} ${requirement}`
  const indent = `${' '.repeat(MARK.passed.length + 1)}`
  if (verdict === 'failed') return `${head}\n${indent}actual:   ${actual}\n${indent}expected: ${expected}\n`
  return verdict === 'skipped' ? `${head}\n${indent}not tested: ${actual}\n` : `${head}\n`
}

/** The counts. A skipped rule does not count as passed. */
export function summaryText({ results, endReason }: Outcome): string {
  const counts = `${countVerdicts(results, 'passed')} rules passed, ${countVerdicts(results, 'failed')} failed, ${countVerdicts(results, 'skipped')} not tested`
  const endText = endReason === null ? '' : `Ended early: ${endReason}.\n`
  return `\n${endText}${counts}.\n`
}

/**
 * The output of `--json`. `endReason` is null when the run was complete; `rules` has the results in the order of the
 * run.
 */
export const jsonText = (device: string, { results, endReason }: Outcome): string =>
  `${JSON.stringify(
    {
      device,
      passed: countVerdicts(results, 'passed'),
      failed: countVerdicts(results, 'failed'),
      skipped: countVerdicts(results, 'skipped'),
      endReason,
      rules: results,
    },
    null,
    2,
  )}\n`

/** Whether the run was complete and no rule failed. */
export const isConformant = ({ results, endReason }: Outcome): boolean =>
  endReason === null && countVerdicts(results, 'failed') === 0

export const actionText: Record<PersonAction, string> = {
  'power-cut':
    'Now pull the plug of the controller, count to ten, and plug it in again. A valve is open: it must close.',
  fault:
    'Now cause a fault: shut off the water at the main while the valve is open, or let the meter count flow while all are closed.',
}
