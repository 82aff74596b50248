/** The result of each rule. A rule that failed once stays failed. */
import { isVerdict } from './verdict.ts'

export interface RuleResult {
  rule: string
  requirement: string
  verdict: 'passed' | 'failed' | 'skipped'
  /** failed: the behaviour of the controller; skipped: the reason */
  actual: string | null
  expected: string | null
}

export interface ResultLog {
  pass(rule: string, requirement: string): void
  /** Records the verdict that the test of the rule threw; rethrows any other error. */
  record(rule: string, requirement: string, error: unknown): void
  entries(): readonly RuleResult[]
}

/** Calls `onEntry` with each result as soon as it is recorded. */
export function createResultLog(onEntry: (entry: RuleResult) => void): ResultLog {
  const entries: RuleResult[] = []
  const append = (entry: RuleResult) => {
    entries.push(entry)
    onEntry(entry)
  }
  return {
    pass: (rule, requirement) =>
      append({ rule, requirement, verdict: 'passed', actual: null, expected: null }),
    record(rule, requirement, error) {
      if (!isVerdict(error)) throw error
      const { verdict, actual, expected } = error
      append({
        rule,
        requirement,
        verdict,
        actual,
        expected: verdict === 'failed' ? expected : null,
      })
    },
    entries: () => entries,
  }
}

/** Each rule has one entry: a passive rule that failed is not recorded again. */
export const countVerdicts = (entries: readonly RuleResult[], verdict: RuleResult['verdict']): number =>
  entries.filter((entry) => entry.verdict === verdict).length
