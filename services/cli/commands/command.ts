/** A command of the program `tilth`. */
import type { Result } from '../../../broker/contract/result.ts'
import type { Settings } from '../../config/settings.ts'

export interface CommandDeps {
  settings: Settings
  print(line: string): void
}

/** An error: the arguments are invalid. Rejections and failures are thrown. */
export type Command = (args: string[], deps: CommandDeps) => Promise<Result<null>>
