/** What every file of a season is asked for by, and what it is made with. */
import type { Lang } from './basis-text.ts'
import type { Choice } from './read-report.ts'
import type { Unit } from './scale.ts'
import type { SourceDeps } from './season-source.ts'
import type { FileThread } from './thread.ts'

export interface FileQuery extends Choice {
  lang: Lang
  unit: Unit
  coop: string // name of the organisation, as it stands in a title
  farmId: string | null // of one member alone, in the forms that can
}

export interface FileDeps extends SourceDeps {
  thread: FileThread
  tell?: (share: number) => void // how far it is, 0-1
}
