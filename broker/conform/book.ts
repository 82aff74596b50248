/** What became of each rule. A rule that was broken once stays broken. */
import { isVerdict } from './verdict.ts'

export interface Entry {
  rule: string
  says: string
  verdict: 'passed' | 'broken' | 'skipped'
  /** of a broken rule: what the controller did, and what the rule asks for; of a skipped one: why it was not tried */
  came: string | null
  expected: string | null
}

export interface Book {
  pass(rule: string, says: string): void
  /** Takes what was thrown while the rule was tried; anything but a verdict goes on. */
  settle(rule: string, says: string, error: unknown): void
  entries(): readonly Entry[]
}

export function openBook(tell: (entry: Entry) => void): Book {
  const entries: Entry[] = []
  const write = (entry: Entry) => {
    entries.push(entry)
    tell(entry)
  }
  return {
    pass: (rule, says) => write({ rule, says, verdict: 'passed', came: null, expected: null }),
    settle(rule, says, error) {
      if (!isVerdict(error)) throw error
      const { verdict, came, expected } = error
      write({ rule, says, verdict, came, expected: verdict === 'broken' ? expected : null })
    },
    entries: () => entries,
  }
}

export const countOf = (entries: readonly Entry[], verdict: Entry['verdict']): number =>
  entries.filter((entry) => entry.verdict === verdict).length
