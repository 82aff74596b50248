/**
 * The amounts of a decision as steps that add up: the water now, what goes and comes, the planned run, and what is left
 * after it. Only the decision's own terms: nothing is calculated for display but their sum.
 */
import type { DecisionView } from '../../../services/api/schemas.ts'

type Term = DecisionView['terms'][number]

export interface Step {
  /** a term's key; `plan`: the part of the run that reaches the roots; `after`: the sum */
  key: string
  /** null: unknown */
  mm: number | null
  fromMm: number
  toMm: number
  isTotal: boolean
  term: Term | null
}

const tenths = (mm: number): number => Math.round(10 * mm) / 10

/** Crop use up to a moment that has come. */
const isNothing = ({ key, mm }: Term): boolean => mm === 0 && (key === 'crop-use' || key === 'paddy-loss')

/**
 * Empty when the decision has no sum, or when bars would show nothing: a paddy that is dry and gets no water has its level,
 * which is more than its mm of water.
 */
export function waterfallOf(terms: readonly Term[]): Step[] {
  const end = terms.findIndex(({ key }) => key.endsWith('-then'))
  const start = terms.find(({ key }) => key.endsWith('-now'))
  if (end < 0 || start?.mm == null) return []
  let level = start.mm
  const steps: Step[] = [
    { key: start.key, mm: start.mm, fromMm: 0, toMm: start.mm, isTotal: true, term: start },
  ]
  const add = (key: string, mm: number | null, term: Term): void => {
    const fromMm = level
    level = tenths(level + (mm ?? 0))
    steps.push({ key, mm, fromMm, toMm: level, isTotal: false, term })
  }
  for (const term of terms.slice(0, end))
    if (term !== start && !isNothing(term) && (term.mm !== null || term.key === 'rain-expected'))
      add(term.key, term.mm, term)
  const run = terms.find(({ key }) => key === 'depth' || key === 'fill')
  const netMm = run?.params?.netMm
  if (run && typeof netMm === 'number') add('plan', netMm, run)
  else if (start.key === 'level-now' && start.mm < 0) return []
  steps.push({ key: 'after', mm: level, fromMm: 0, toMm: level, isTotal: true, term: terms[end]! })
  return steps
}

/** The ends of the scale of these steps; 0, where irrigation is due, is always on it. */
export function scaleOf(steps: readonly Step[]): { lowMm: number; spanMm: number } {
  const ends = steps.flatMap(({ fromMm, toMm }) => [fromMm, toMm])
  const lowMm = Math.min(0, ...ends)
  return { lowMm, spanMm: Math.max(0, ...ends) - lowMm || 1 }
}
