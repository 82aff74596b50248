/** A line of the validation: one model, on the measurements that evaluate it. */
import type { DataFolder, Need } from './data-folder.ts'
import type { Score } from './score.ts'

export interface Line {
  /** argument of the command line */
  name: string
  /** short description for the usage */
  about: string
  /** required inputs */
  needs: readonly Need[]
  score(data: DataFolder): Score[] | Promise<Score[]>
}
