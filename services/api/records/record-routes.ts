/** Export of all data of an organisation. */
import { Readable } from 'node:stream'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { EXPORT_VERSION, withTrailer, type ExportHead } from '../../runtime/export-format.ts'
import type { App, Context } from '../http/context.ts'
import { chunks } from '../http/stream-chunks.ts'
import { orgLock } from '../http/org-lock.ts'
import { orgTables, exportRows, type OrgTable } from '../../domain/export-rows.ts'
import { audit } from '../http/audited-write.ts'

// a rejected message has up to 64 KiB
const DEAD_LETTERS_PER_PAGE = 16
/** Needs `admin`. CONFLICT for a second export at a time. */
export function recordRoutes(app: App, context: Context): void {
  const { state, series, clock } = context
  // each export holds pages of rows and messages in memory while its reader takes them
  const exports = orgLock()

  app.get(
    '/api/export',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Export all data of the organisation',
        description: 'JSON lines; `tilth import` reads them.',
        produces: ['application/x-ndjson'],
      },
    },
    async ({ caller }, reply) => {
      const end = exports.acquire(caller.org, 'an export is already running; try again when it is done')
      const lines = Readable.from(chunks(withTrailer(allRecords(caller.org))), { highWaterMark: 4 })
      // done, or the reader has disconnected
      lines.once('close', end)
      try {
        await audit(context, caller, 'export', caller.org, {})
      } catch (error) {
        lines.destroy()
        throw error
      }
      void reply
        .type('application/x-ndjson')
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="tilth-${caller.org}.ndjson"`)
      return reply.send(lines)
    },
  )

  /**
   * One JSON object per line: a header, then rows by table, people, rejected messages, readings. `tilth
   * import` reads it.
   */
  async function* allRecords(org: string): AsyncGenerator<string> {
    const line = (value: object) => JSON.stringify(value) + '\n'
    yield line({ type: 'tilth-export', version: EXPORT_VERSION, org, atMs: clock.now() } satisfies ExportHead)
    for (const table of Object.keys(orgTables) as OrgTable[])
      for await (const row of exportRows(state, table, org)) yield line({ type: 'row', table, row })
    for (const member of await context.auth.members(org)) yield line({ type: 'member', member })
    for (let afterId = 0; ;) {
      const deadLetters = context.journal.deadLetters({ org, afterId, limit: DEAD_LETTERS_PER_PAGE })
      for (const { payload, ...letter } of deadLetters)
        yield line({ type: 'dead-letter', ...letter, payloadBase64: Buffer.from(payload).toString('base64') })
      const last = deadLetters.at(-1)
      if (!last) break
      afterId = last.id
      await yieldToEventLoop()
    }
    for await (const reading of series.stream({ org })) yield line({ type: 'reading', ...reading })
  }
}
