/**
 * A learned rule as the coefficients of a stored model, and back: its four numbers for each uncertainty of the
 * depletion.
 */
import type { ModelTerm } from '../tables.ts'
import { DOUBTS } from './learn-rule.ts'
import type { Rule } from './rollout.ts'

const names = ['growing', 'filling', 'ripening', 'room'] as const
const doubts = ['sure', 'usual', 'unsure'] as const

export const ruleTermKeys = doubts.flatMap((doubt) => names.map((name) => `${name}-${doubt}`))

/** Shares of TAW, in the order of `DOUBTS`. */
export const termsOfRules = (rules: readonly Rule[]): ModelTerm[] =>
  rules.flatMap(({ limits, room }, i) =>
    [...limits, room].map((coefficient, j) => ({
      key: `${names[j]!}-${doubts[i]!}`,
      unit: '',
      coefficient,
      sd: null,
    })),
  )

/** Null where a number is missing: the rule of the tables applies. */
export function rulesOfTerms(terms: readonly ModelTerm[]): Rule[] | null {
  const numberOf = new Map(terms.map(({ key, coefficient }) => [key, coefficient]))
  const rules: Rule[] = []
  for (const doubt of doubts.slice(0, DOUBTS.length)) {
    const numbers = names.map((name) => numberOf.get(`${name}-${doubt}`))
    if (numbers.some((number) => number === undefined || !Number.isFinite(number))) return null
    const [growing, filling, ripening, room] = numbers as [number, number, number, number]
    rules.push({ limits: [growing, filling, ripening], room })
  }
  return rules
}
