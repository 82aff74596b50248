/** Export of all data of an organisation, and erasure of a farm. */
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { activeStates } from '../../../broker/contract/command-lifecycle/types.ts'
import { fail } from '../../errors.ts'
import { EXPORT_VERSION, withTrailer, type ExportHead } from '../../runtime/export-format.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { chunks } from '../http/stream-chunks.ts'
import { orgLock } from '../http/org-lock.ts'
import { eraseFarmRows, orgTables, exportRows, type OrgTable } from '../../domain/export-rows.ts'
import { ownRow } from '../http/own-row.ts'
import { EraseFarm } from '../farms/setup-schemas.ts'
import { announce, audit } from '../http/audited-write.ts'

// a rejected message has up to 64 KiB
const DEAD_LETTERS_PER_PAGE = 16
// ingest writes its cursor 10 times a second; after 5 s it is waiting for a store
const INGEST_POLL_MS = 50
const INGEST_POLLS = 100

/**
 * Need `admin`. CONFLICT for a second export at a time, and for erasing a farm with an open valve. STORE_UNAVAILABLE
 * while earlier readings are being stored: repeat the request.
 */
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

  /** Waits until ingest has processed the current end of the journal. STORE_UNAVAILABLE when it does not. */
  async function ingestPassed(): Promise<void> {
    const { journal } = context
    const headSeq = journal.head()
    for (let i = 0; i < INGEST_POLLS; i++) {
      if (journal.cursor('ingest') >= headSeq) return
      await sleep(INGEST_POLL_MS)
    }
    fail('STORE_UNAVAILABLE', 'earlier readings are still being stored; try again to erase the rest')
  }

  app.delete(
    '/api/farms/:id',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Erase a farm',
        description: 'Deletes all data of the farm for good; the name of the farm confirms it.',
        params: ById,
        body: EraseFarm,
        response: responses(Done),
      },
    },
    async ({ params: { id }, body, caller }) => {
      const { org } = caller
      const farm = await ownRow(state, 'farm', org, id)
      if (body.name !== farm.name)
        fail('BAD_REQUEST', 'name: must be the name of the farm to confirm its erasure')
      const devices = await state
        .selectFrom('device')
        .select('id')
        .where('org', '=', org)
        .where('farmId', '=', id)
        .execute()
      const ids = devices.map((device) => device.id)
      const openCommand =
        ids.length > 0 &&
        (await state
          .selectFrom('command')
          .select('id')
          .where('deviceId', 'in', ids)
          .where('state', 'in', activeStates)
          .limit(1)
          .executeTakeFirst())
      if (openCommand) fail('CONFLICT', 'a valve of this farm is open; stop it first')
      // the devices first, so that no new data arrives; when a store fails the rows stay, and the call can be
      // repeated
      await state
        .updateTable('device')
        .set({ revokedAtMs: clock.now() })
        .where('org', '=', org)
        .where('farmId', '=', id)
        .execute()
      for (const device of ids) context.onDeviceChanged(device)
      // ingest must not continue with cached rows
      await announce(context, org, { event: 'device' })
      const before = await series.erase({ org, farm: id })
      // readings from the journal, or in flight, have reached the series by now
      await ingestPassed()
      const late = await series.erase({ org, farm: id })
      const readings = before === null || late === null ? null : before + late
      await eraseFarmRows(state, org, id)
      // the messages themselves, the ingest state of these devices, and their rejected messages
      await context.journal.erase(org, ids)
      await audit(context, caller, 'farm.erase', id, { readings })
      for (const device of ids) context.onDeviceChanged(device)
      await announce(context, org, { event: 'device' })
      await announce(context, org, { event: 'field' })
      return done
    },
  )
}
