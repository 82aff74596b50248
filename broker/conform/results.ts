/** The result of each rule. A rule that failed once stays failed. */
import { isVerdict } from './verdict.ts'

export interface RuleResult {
  rule: string
  requirement: string
  verdict: 'passed' | 'failed' | 'skipped'
  /** of a failed rule: the behaviour of the controller, and the required one; of a skipped rule: why it was not tested */
  actual: string | null
  expected: string | null
}

export interface ResultLog {
  pass(rule: string, says: string): void
  /** Records what the test of the rule threw; rethrows anything but a verdict. */
  record(rule: string, says: string, error: unknown): void
  entries(): readonly RuleResult[]
}

export function createResultLog(tell: (entry: RuleResult) => void): ResultLog {
  const entries: RuleResult[] = []
  const write = (entry: RuleResult) => {
    entries.push(entry)
    tell(entry)
  }
  return {
    pass: (rule, says) => write({ rule, requirement: says, verdict: 'passed', actual: null, expected: null }),
    record(rule, says, error) {
      if (!isVerdict(error)) throw error
      const { verdict, actual, expected } = error
      write({
        rule,
        requirement: says,
        verdict,
        actual,
        expected: verdict === 'failed' ? expected : null,
      })
    },
    entries: () => entries,
  }
}

export const countVerdicts = (entries: readonly RuleResult[], verdict: RuleResult['verdict']): number =>
  entries.filter((entry) => entry.verdict === verdict).length
