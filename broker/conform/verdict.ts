/** The verdict that the test of a rule throws; without one the rule has passed. */
export interface Verdict {
  verdict: 'failed' | 'skipped'
  actual: string
  expected: string
}

/** The behaviour of the controller violates the rule. */
export const ruleFailed = (actual: string, expected: string): Error & Verdict =>
  Object.assign(new Error(`${actual}; expected ${expected}`), {
    verdict: 'failed' as const,
    actual,
    expected,
  })

/** The rule could not be tested; it does not count as passed. */
export const ruleSkipped = (reason: string): Error & Verdict =>
  Object.assign(new Error(reason), { verdict: 'skipped' as const, actual: reason, expected: '' })

/** Recognises the errors of `ruleFailed` and `ruleSkipped`; any other error is a fault of the test itself. */
export const isVerdict = (error: unknown): error is Error & Verdict =>
  error instanceof Error && 'verdict' in error

/** Fails the rule unless the condition holds. */
export function check(isSo: boolean, actual: string, expected: string): asserts isSo {
  if (!isSo) throw ruleFailed(actual, expected)
}
