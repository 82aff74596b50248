/** A line of the validation: one model, on the measurements that evaluate it. */
import type { DataFolder, Need } from './data-folder.ts'
import type { Score } from './score.ts'

export interface Line {
  /** argument of the command line */
  name: string
  /** short description for the usage */
  about: string
  parts: readonly Part[]
}

/** Figures that share their data. A part whose data is missing is named; the other parts of its line are scored. */
export interface Part {
  /** required inputs */
  needs: readonly Need[]
  /** the scored modules that the product does not use: each figure is marked */
  library?: readonly string[]
  score(data: DataFolder): Score[] | Promise<Score[]>
}
