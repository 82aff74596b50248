/** A line of the validation: one model, on the measurements that judge it. */
import type { DataFolder, Need } from './data-folder.ts'
import type { Score } from './score.ts'

export interface Line {
  /** by which the command line asks for it */
  name: string
  /** for the usage, in a few words */
  about: string
  /** what it cannot be scored without */
  needs: readonly Need[]
  score(data: DataFolder): Score[] | Promise<Score[]>
}
