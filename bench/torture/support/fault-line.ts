/** One line of the torture: a fault under load, and the figures that must hold. */
import type { Bench } from '../../support/bench.ts'
import type { Figure } from '../../support/report.ts'

export interface Torture extends Bench {
  /** the full target, or about a minute */
  isLong: boolean
  seed: string
}

export interface FaultLine {
  name: string
  /** the fault, for the usage text */
  fault: string
  run(torture: Torture): Promise<Figure[]>
}

export const seconds = (valueMs: number): string =>
  Number.isFinite(valueMs) ? `${(valueMs / 1000).toFixed(1)} s` : 'never'
