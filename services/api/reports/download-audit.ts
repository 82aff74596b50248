/** What leaves Tilth as a file is noted: who took which file, of which year and of whom. */
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { audit } from '../http/audited-write.ts'

interface Download {
  /** the order, the field or the member that the file is of; absent: the organisation itself */
  subject?: string
  /** such as `xlsx`, or `drainage.pdf` */
  form: string
  year: number
  /** the one member that it is of; null: of all, or of one field */
  farmId: string | null
}

/** Leaves the line of a file that is made and about to be sent. What cannot be noted is not sent. */
export const auditDownload = (
  context: Pick<Context, 'state' | 'clock'>,
  caller: Pick<Caller, 'org' | 'userId'>,
  { subject, ...taken }: Download,
): Promise<void> => audit(context, caller, 'report.take', subject ?? taken.farmId ?? caller.org, taken)
