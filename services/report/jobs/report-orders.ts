/**
 * Files that people ordered, made one after the other and kept for a day: whoever has shut the laptop finds them. What
 * is waiting when Tilth ends is made after the next start, and what was being made is made again.
 */
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { internalTopic } from '../../../broker/contract/topics.ts'
import { DAY_MS, type AtMs, type Clock } from '../../../broker/contract/time.ts'
import { fail, isTilthError } from '../../errors.ts'
import type { Bus, ChangeEvent, Logger, State } from '../../ports.ts'
import { dropReportFiles, sharesChanged } from '../../domain/report-file-retention.ts'
import { fromJson, toJson, type ReportQuery, type ReportForm, type ReportOrderRow } from '../../tables.ts'

const RETENTION_MS = DAY_MS
const MAX_OPEN_ORDERS = 5 // of an organisation; the next one is told to wait
// a file with which the process ended is not begun for ever
const MAX_ATTEMPTS = 3
const PROGRESS_STEPS = 10 // of the progress that is told of a file

export interface NewOrder {
  org: string
  who: string
  form: ReportForm
  asked: ReportQuery
}

/** As it is told; `share`: how far it is, 0-1. */
export interface Order {
  id: string
  form: ReportForm
  year: number
  farmId: string | null
  askedMs: AtMs
  state: ReportOrderRow['state']
  share: number
  bytes: number | null
  code: string | null
}

export interface OrderedFile {
  form: ReportForm
  year: number
  farmId: string | null
  file: Uint8Array
}

/** Makes the file, and says of which instant it tells. */
type MakeReportFile = (
  order: Pick<NewOrder, 'org' | 'form' | 'asked'>,
  tell: (share: number) => void,
) => Promise<{ bytes: Uint8Array; toldMs: AtMs }>

const viewColumns = ['id', 'form', 'query', 'askedMs', 'state', 'bytes', 'code'] as const

export function createReportOrders(deps: {
  state: State
  clock: Clock
  bus: Bus
  log: Logger
  make: MakeReportFile
}) {
  const { state, clock, bus, log, make } = deps
  const shares = new Map<string, number>() // of what is being made
  let isStopped = false
  let running = again().catch(notRead)

  function view({ query, ...row }: Pick<ReportOrderRow, (typeof viewColumns)[number]>): Order {
    const { year, farmId } = fromJson(query)
    return { ...row, year, farmId, share: row.state === 'done' ? 1 : (shares.get(row.id) ?? 0) }
  }

  /** What the process before this one left. */
  async function again(): Promise<void> {
    await state.updateTable('reportOrder').set({ state: 'waiting' }).where('state', '=', 'making').execute()
    await makeAll()
  }

  async function makeAll(): Promise<void> {
    while (!isStopped) {
      const next = await state
        .selectFrom('reportOrder')
        .select(['id', 'org', 'form', 'query', 'tries'])
        .where('state', '=', 'waiting')
        .orderBy('askedMs')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      if (!next) return
      await makeOne(next)
    }
  }

  type Next = Pick<ReportOrderRow, 'id' | 'org' | 'form' | 'query' | 'tries'>

  async function makeOne({ id, org, form, query, tries }: Next): Promise<void> {
    const set = (values: Partial<ReportOrderRow>, from: ReportOrderRow['state']) =>
      state
        .updateTable('reportOrder')
        .set(values)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst()
    if (tries >= MAX_ATTEMPTS) {
      await set({ state: 'failed', code: 'INTERNAL' }, 'waiting')
      return announce(org, id, 'failed', 0)
    }
    await set({ state: 'making', tries: tries + 1 }, 'waiting')
    await announce(org, id, 'making', 0)
    try {
      const { bytes, toldMs } = await make({ org, form, asked: fromJson(query) }, tell)
      const file = await compress(bytes)
      // not where a member has changed meanwhile what it lets be seen: then it is waiting again
      const kept = await set({ state: 'done', toldMs, bytes: bytes.length, file, code: null }, 'making')
      if (kept.numUpdatedRows > 0n) await announce(org, id, 'done', 1)
    } catch (error) {
      if (isStopped) return // it is made again after the next start
      const code = isTilthError(error) ? error.code : 'INTERNAL'
      if (code === 'INTERNAL') log.error({ error, id, form }, 'a report could not be made')
      await set({ state: 'failed', code }, 'making')
      await announce(org, id, 'failed', 0)
    } finally {
      shares.delete(id)
    }

    /** Throws when Tilth ends: nobody waits for the rest. */
    function tell(share: number): void {
      if (isStopped) throw new Error('a report is being made as Tilth ends')
      const step = Math.floor(share * PROGRESS_STEPS)
      if (step > Math.floor((shares.get(id) ?? 0) * PROGRESS_STEPS)) void announce(org, id, 'making', share)
      shares.set(id, share)
    }
  }

  async function announce(
    org: string,
    id: string,
    is: ReportOrderRow['state'],
    share: number,
  ): Promise<void> {
    const event: ChangeEvent = { event: 'report', atMs: clock.now(), id, state: is, share }
    try {
      await bus.publish(internalTopic(org, 'event'), JSON.stringify(event), { qos: 1, retain: false })
    } catch (error) {
      log.warn({ error, org }, 'a change of a report could not be announced')
    }
  }

  function notRead(error: unknown): void {
    log.error({ error }, 'orders of reports could not be read')
  }

  const ordersOf = (rows: State, org: string) =>
    rows
      .selectFrom('reportOrder')
      .select([...viewColumns])
      .where('org', '=', org)
      .where('askedMs', '>', clock.now() - RETENTION_MS)
      .orderBy('askedMs', 'desc')
      .orderBy('id', 'desc')

  return {
    /** Within the caller's transaction; the same that is open already is answered again. RATE_LIMITED. */
    async add(rows: State, { org, who, form, asked }: NewOrder): Promise<Order> {
      const open = await ordersOf(rows, org).where('state', 'in', ['waiting', 'making']).execute()
      const query = toJson(asked)
      const same = open.find((one) => one.form === form && one.query === query)
      if (same) return view(same)
      if (open.length >= MAX_OPEN_ORDERS)
        fail('RATE_LIMITED', `${MAX_OPEN_ORDERS} reports are being made: wait for one`)
      const row: ReportOrderRow = {
        id: randomUUID(),
        org,
        who,
        form,
        query,
        askedMs: clock.now(),
        state: 'waiting',
        tries: 0,
        toldMs: null,
        bytes: null,
        file: null,
        code: null,
      }
      await rows.insertInto('reportOrder').values(row).execute()
      const { id, askedMs, state: is, bytes, code } = row
      return view({ id, form, query, askedMs, state: is, bytes, code })
    },
    /** Makes what is waiting; to be called when an order is written. */
    begin(): void {
      running = running.then(makeAll).catch(notRead)
    },
    /** Of the last day, the newest first. */
    list: async (org: string): Promise<Order[]> => (await ordersOf(state, org).execute()).map(view),
    /** NOT_FOUND; CONFLICT while it is not made, and where it tells what members have taken back since. */
    async file(org: string, id: string): Promise<OrderedFile> {
      const row = await state
        .selectFrom('reportOrder')
        .select(['form', 'query', 'state', 'toldMs', 'file', 'code'])
        .where('org', '=', org)
        .where('id', '=', id)
        .where('askedMs', '>', clock.now() - RETENTION_MS)
        .executeTakeFirst()
      if (!row) fail('NOT_FOUND', `there is no report ${id.slice(0, 64)} here`)
      const { file, toldMs } = row
      if (file !== null && toldMs !== null && (await sharesChanged(state, org, toldMs))) {
        await dropReportFiles(state, org)
        fail('CONFLICT', 'what members share has changed since: order the report again')
      }
      if (file === null)
        fail(
          'CONFLICT',
          row.code === 'CONFLICT'
            ? 'what members share has changed since: order the report again'
            : 'this report is not made yet',
        )
      const { year, farmId } = fromJson(row.query)
      return { form: row.form, year, farmId, file: await decompress(file) }
    },
    /** Deletes what is older than a day. */
    async tend(): Promise<void> {
      const before = clock.now() - RETENTION_MS
      await state.deleteFrom('reportOrder').where('askedMs', '<=', before).execute()
    },
    /** Begins no other, and waits for what is being made; it is left as it was. */
    async stop(): Promise<void> {
      isStopped = true
      await running
    },
  }
}

// a file of 26 MB would hold the event loop up for a third of a second while it is written into a row
const compress = async (bytes: Uint8Array): Promise<string> =>
  (await promisify(gzip)(bytes)).toString('base64')

async function decompress(file: string): Promise<Buffer> {
  const bytes = Buffer.from(file, 'base64')
  // what an earlier version has kept, a day at the most, is as it was made
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? promisify(gunzip)(bytes) : bytes
}
