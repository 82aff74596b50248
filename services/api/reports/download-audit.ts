/** Audits every file that leaves Tilth: who downloaded which file, of which year and member. */
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { audit } from '../http/audited-write.ts'

interface Download {
  /** the order, field or member of the file; absent: the organisation */
  subject?: string
  /** such as `xlsx`, or `drainage.pdf` */
  format: string
  year: number
  /** its member; null: all members, or one field */
  farmId: string | null
}

/** Audits a file before it is sent. A file that cannot be audited is not sent. */
export const auditDownload = (
  context: Pick<Context, 'state' | 'clock'>,
  caller: Pick<Caller, 'org' | 'userId'>,
  { subject, ...download }: Download,
): Promise<void> =>
  audit(context, caller, 'report.download', subject ?? download.farmId ?? caller.org, download)
