/** A command of the program `tilth`. */
import type { Result } from '../../../broker/contract/result.ts'
import type { ProgressBar } from '../../runtime/progress-bar.ts'
import type { Settings } from '../../config/settings.ts'

export interface CommandDeps {
  settings: Settings
  print(line: string): void
  /** The bar of a long command; the command stops it before it prints. */
  progress(label: string): ProgressBar
}

/** An error: the arguments are invalid. Rejections and failures are thrown. */
export type Command = (args: string[], deps: CommandDeps) => Promise<Result<null>>
