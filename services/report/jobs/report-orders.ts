/**
 * Ordered report files, made one after another and stored for 24 h, so that you can close the laptop and fetch them
 * later. Orders that wait at shutdown are made after the next start; an interrupted one is repeated.
 */
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { DAY_MS, type AtMs, type Clock } from '../../../broker/contract/time.ts'
import { fail, isTilthError } from '../../errors.ts'
import type { Bus, Logger, State } from '../../ports.ts'
import { publishChange } from '../../runtime/change-events.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { dropReportFiles, sharesChanged } from '../../domain/report-file-retention.ts'
import {
  readReportQuery,
  toJson,
  type ReportQuery,
  type ReportFormat,
  type ReportOrderRow,
} from '../../tables.ts'

const RETENTION_MS = DAY_MS
const MAX_OPEN_ORDERS = 5 // per organisation; a further order is rejected
// a file that crashes the process is not retried forever
const MAX_ATTEMPTS = 3
const PROGRESS_STEPS = 10 // events of progress per file

export interface NewOrder {
  org: string
  requestedBy: string
  format: ReportFormat
  query: ReportQuery
}

/** An order as the API shows it. `share`: progress, 0-1. */
export interface Order {
  id: string
  format: ReportFormat
  year: number
  crop: string | null
  farmId: string | null
  requestedMs: AtMs
  state: ReportOrderRow['state']
  share: number
  bytes: number | null
  code: string | null
}

export interface OrderedFile {
  format: ReportFormat
  year: number
  crop: string | null
  farmId: string | null
  file: Uint8Array
}

/** Makes the file and returns the instant that it describes. */
type MakeReportFile = (
  order: Pick<NewOrder, 'org' | 'format' | 'query'>,
  onProgress: (share: number) => void,
) => Promise<{ bytes: Uint8Array; asOfMs: AtMs }>

const viewColumns = ['id', 'format', 'query', 'requestedMs', 'state', 'bytes', 'code'] as const

/**
 * Resumes the orders of the previous process at once, unless another node does (`resumes`); one that is interrupted three times fails with INTERNAL. `stop`
 * aborts `make` at its next progress, 0-1.
 */
export function createReportOrders(deps: {
  state: State
  clock: Clock
  bus: Bus
  log: Logger
  make: MakeReportFile
  resumes?: boolean
}) {
  const { state, clock, bus, log, make } = deps
  const shares = new Map<string, number>() // of files in progress
  let isStopped = false
  const queue = serialQueue()
  if (deps.resumes !== false) run(resume)

  function view({ query, ...row }: Pick<ReportOrderRow, (typeof viewColumns)[number]>): Order {
    const { year, crop, farmId } = readReportQuery(query)
    return { ...row, year, crop, farmId, share: row.state === 'done' ? 1 : (shares.get(row.id) ?? 0) }
  }

  /** Resumes orders that the previous process left unfinished. */
  async function resume(): Promise<void> {
    await state.updateTable('reportOrder').set({ state: 'waiting' }).where('state', '=', 'running').execute()
    await makeAll()
  }

  async function makeAll(): Promise<void> {
    while (!isStopped) {
      const next = await state
        .selectFrom('reportOrder')
        .select(['id', 'org', 'format', 'query', 'attempts'])
        .where('state', '=', 'waiting')
        .orderBy('requestedMs')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      if (!next) return
      await makeOne(next)
    }
  }

  type Next = Pick<ReportOrderRow, 'id' | 'org' | 'format' | 'query' | 'attempts'>

  async function makeOne({ id, org, format, query, attempts }: Next): Promise<void> {
    const set = (values: Partial<ReportOrderRow>, from: ReportOrderRow['state']) =>
      state
        .updateTable('reportOrder')
        .set(values)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst()
    if (attempts >= MAX_ATTEMPTS) {
      await set({ state: 'failed', code: 'INTERNAL' }, 'waiting')
      return announce(org, id, 'failed', 0)
    }
    const claim = await set({ state: 'running', attempts: attempts + 1 }, 'waiting')
    // another node makes it
    if (claim.numUpdatedRows === 0n) return
    await announce(org, id, 'running', 0)
    try {
      const { bytes, asOfMs } = await make({ org, format, query: readReportQuery(query) }, onProgress)
      const file = await compress(bytes)
      // not when a member changed its consent meanwhile: the order is waiting again then
      const update = await set({ state: 'done', asOfMs, bytes: bytes.length, file, code: null }, 'running')
      if (update.numUpdatedRows > 0n) await announce(org, id, 'done', 1)
    } catch (error) {
      if (isStopped) return // it is repeated after the next start
      const code = isTilthError(error) ? error.code : 'INTERNAL'
      if (code === 'INTERNAL') log.error({ error, id, format }, 'a report could not be made')
      await set({ state: 'failed', code }, 'running')
      await announce(org, id, 'failed', 0)
    } finally {
      shares.delete(id)
    }

    /** Throws during shutdown, which aborts the file. */
    function onProgress(share: number): void {
      if (isStopped) throw new Error('report aborted by shutdown')
      const step = Math.floor(share * PROGRESS_STEPS)
      if (step > Math.floor((shares.get(id) ?? 0) * PROGRESS_STEPS)) void announce(org, id, 'running', share)
      shares.set(id, share)
    }
  }

  async function announce(
    org: string,
    id: string,
    state: ReportOrderRow['state'],
    share: number,
  ): Promise<void> {
    try {
      await publishChange(bus, org, { event: 'report', atMs: clock.now(), id, state, share })
    } catch (error) {
      log.warn({ error, org }, 'the progress of a report could not be published')
    }
  }

  function run(task: () => Promise<void>): void {
    queue.enqueue(task).catch((error: unknown) => {
      log.error({ error }, 'report orders could not be read')
    })
  }

  const ordersOf = (rows: State, org: string) =>
    rows
      .selectFrom('reportOrder')
      .select([...viewColumns])
      .where('org', '=', org)
      .where('requestedMs', '>', clock.now() - RETENTION_MS)
      .orderBy('requestedMs', 'desc')
      .orderBy('id', 'desc')

  return {
    /** Within the caller's transaction. An identical open order is returned instead of a new one. RATE_LIMITED. */
    async add(rows: State, { org, requestedBy, format, query: requested }: NewOrder): Promise<Order> {
      const open = await ordersOf(rows, org).where('state', 'in', ['waiting', 'running']).execute()
      const query = toJson(requested)
      const existing = open.find((order) => order.format === format && order.query === query)
      if (existing) return view(existing)
      if (open.length >= MAX_OPEN_ORDERS)
        fail('RATE_LIMITED', `${MAX_OPEN_ORDERS} reports are in progress: wait until one is done`)
      const row: ReportOrderRow = {
        id: randomUUID(),
        org,
        requestedBy,
        format,
        query,
        requestedMs: clock.now(),
        state: 'waiting',
        attempts: 0,
        asOfMs: null,
        bytes: null,
        file: null,
        code: null,
      }
      await rows.insertInto('reportOrder').values(row).execute()
      const { id, requestedMs, state, bytes, code } = row
      return view({ id, format, query, requestedMs, state, bytes, code })
    },
    /** Makes waiting orders; call it after an order is committed. */
    start(): void {
      run(makeAll)
    },
    /** Orders of the last 24 h, newest first. */
    list: async (org: string): Promise<Order[]> => (await ordersOf(state, org).execute()).map(view),
    /** NOT_FOUND; CONFLICT while it is not ready, or when members have changed their consent since. */
    async file(org: string, id: string): Promise<OrderedFile> {
      const row = await state
        .selectFrom('reportOrder')
        .select(['format', 'query', 'state', 'asOfMs', 'file', 'code'])
        .where('org', '=', org)
        .where('id', '=', id)
        .where('requestedMs', '>', clock.now() - RETENTION_MS)
        .executeTakeFirst()
      if (!row) fail('NOT_FOUND', `report ${id.slice(0, 64)} not found`)
      const { file, asOfMs } = row
      if (file !== null && asOfMs !== null && (await sharesChanged(state, org, asOfMs))) {
        await dropReportFiles(state, org)
        fail('CONFLICT', 'what members share has changed since: order the report again')
      }
      if (file === null)
        fail(
          'CONFLICT',
          row.code === 'CONFLICT'
            ? 'what members share has changed since: order the report again'
            : 'this report is not ready yet',
        )
      const { year, crop, farmId } = readReportQuery(row.query)
      return { format: row.format, year, crop, farmId, file: await decompress(file) }
    },
    /** Deletes orders older than 24 h. */
    async deleteExpired(): Promise<void> {
      const before = clock.now() - RETENTION_MS
      await state.deleteFrom('reportOrder').where('requestedMs', '<=', before).execute()
    },
    /** Starts no further file and waits for the current one, whose order stays unfinished. */
    async stop(): Promise<void> {
      isStopped = true
      await queue.settled()
    },
  }
}

// compressed: writing 26 MB into a row would block the event loop for a third of a second
const compress = async (bytes: Uint8Array): Promise<string> =>
  (await promisify(gzip)(bytes)).toString('base64')

async function decompress(file: string): Promise<Buffer> {
  const bytes = Buffer.from(file, 'base64')
  // files stored by an earlier version are not compressed
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? promisify(gunzip)(bytes) : bytes
}
