/** What became of each rule. A rule that was broken once stays broken. */
import { isVerdict } from './verdict.ts'

export interface RuleResult {
  rule: string
  requirement: string
  verdict: 'passed' | 'broken' | 'skipped'
  /** of a broken rule: what the controller did, and what the rule asks for; of a skipped one: why it was not tried */
  actual: string | null
  expected: string | null
}

export interface ResultLog {
  pass(rule: string, says: string): void
  /** Takes what was thrown while the rule was tried; anything but a verdict goes on. */
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
        expected: verdict === 'broken' ? expected : null,
      })
    },
    entries: () => entries,
  }
}

export const countVerdicts = (entries: readonly RuleResult[], verdict: RuleResult['verdict']): number =>
  entries.filter((entry) => entry.verdict === verdict).length
