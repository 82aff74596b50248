/** How the trial of one rule ends, thrown from within it; without either the rule was kept. */
export interface Verdict {
  verdict: 'broken' | 'skipped'
  actual: string
  expected: string
}

/** The controller did something else than the rule says. */
export const ruleFailed = (actual: string, expected: string): Error & Verdict =>
  Object.assign(new Error(`${actual}; expected ${expected}`), {
    verdict: 'broken' as const,
    actual,
    expected,
  })

/** The rule could not be tried; it is not said to hold. */
export const ruleSkipped = (why: string): Error & Verdict =>
  Object.assign(new Error(why), { verdict: 'skipped' as const, actual: why, expected: '' })

export const isVerdict = (error: unknown): error is Error & Verdict =>
  error instanceof Error && 'verdict' in error

/** Breaks the rule unless it is so. */
export function check(isSo: boolean, actual: string, expected: string): asserts isSo {
  if (!isSo) throw ruleFailed(actual, expected)
}
