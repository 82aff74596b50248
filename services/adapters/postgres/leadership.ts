/**
 * Which of several engines on one PostgreSQL is at work. A row with a lease names it; every change of the holder has
 * an epoch of its own, and the fence of `write-fence.ts` refuses the writes of earlier ones. The time is that of the
 * server alone, so the clocks of the machines may differ.
 *
 * A row and not an advisory lock: a lock passes on as soon as its holder is killed, but never while the holder is only
 * stopped, for example on a machine that is frozen.
 */
import { sql } from 'kysely'
import type pg from 'pg'
import { hostUrls } from '../../../broker/contract/host-urls.ts'
import { SECOND_MS, type Clock } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { Logger, State } from '../../ports.ts'
import { openHosts } from './hosts.ts'

export interface Leadership {
  /** greater than the epoch of every engine before */
  epoch: number
  /** False while another engine may have taken over: this one must then send nothing. */
  isCurrent(): boolean
  /** Gives the lease back, so that a waiting engine takes over at once. */
  release(): Promise<void>
}

export interface LeadershipOptions {
  /** of the database, postgres://USER:SECRET@HOST:PORT/NAME */
  url: string
  /** names this process and its later starts, so that a restart takes up its own lease at once */
  holder: string
  clock: Clock
  log: Logger
  /** called once, when another engine has taken over */
  onLost(reason: string): void
  /** called each time another engine is found at work, with its name */
  onWaiting?(holder: string): void
  /** ends the waiting: the promise then rejects with the reason of the signal */
  signal?: AbortSignal
  times?: LeadershipTimes
}

/** All in milliseconds. The lease must be longer than `loseAfter`, and `loseAfter` longer than a few `renewEvery`. */
export interface LeadershipTimes {
  lease: number
  renewEvery: number
  /** without a renewal for this long the lease may be over, before another engine can have it */
  loseAfter: number
  askEvery: number
}
export const standardTimes: LeadershipTimes = {
  lease: 10 * SECOND_MS,
  renewEvery: 2 * SECOND_MS,
  loseAfter: 8 * SECOND_MS,
  askEvery: SECOND_MS,
}

/** Held shared by every write of an engine, and alone by the engine that takes over. */
export const FENCE_LOCK = 4713

const NOW_MS = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

/**
 * Waits until this process is the engine at work. Rejects with STORE_UNAVAILABLE when the database does not respond at
 * the first attempt; later failures are logged and tried again.
 */
export async function becomeLeader(options: LeadershipOptions): Promise<Leadership> {
  const { url, log, signal, onWaiting, times = standardTimes } = options
  const connection = lasting(url)
  try {
    await prepare(connection)
  } catch (error) {
    await connection.end()
    fail('STORE_UNAVAILABLE', `state store: ${(error as Error).message}`, { cause: error })
  }
  for (;;) {
    try {
      signal?.throwIfAborted()
      const asked = instant(options.clock)
      const epoch = await take(connection, options.holder, times)
      if (epoch !== null) return hold(connection, { ...options, times, epoch, asked })
      onWaiting?.(await holderOf(connection))
    } catch (error) {
      if (signal?.aborted === true) {
        await connection.end()
        throw signal.reason
      }
      log.warn({ error }, 'the engine at work could not be read; trying again')
    }
    await pause(times.askEvery, signal)
  }
}

/** The engine at work on this database; null: none. Errors of PostgreSQL as they are. */
export async function engineAtWork(url: string): Promise<string | null> {
  const connection = lasting(url)
  try {
    await prepare(connection)
    const { rows } = await connection.query<{ holder: string }>(
      `select holder from leader where until_ms > ${NOW_MS}`,
    )
    return rows[0]?.holder ?? null
  } finally {
    await connection.end()
  }
}

/** Whether an engine is at work on this database, as one that serves pages only sees it. Errors of PostgreSQL as they are. */
export async function isEngineAtWork(state: State): Promise<boolean> {
  // the first engine makes the table
  const { rows: tables } =
    await sql`select to_regclass('leader') as name where to_regclass('leader') is not null`.execute(state)
  if (tables.length === 0) return false
  const { rows } = await sql`select from leader where until_ms > ${sql.raw(NOW_MS)}`.execute(state)
  return rows.length > 0
}

/** Renews the lease until it is released or lost. */
function hold(
  connection: Connection,
  options: LeadershipOptions & { times: LeadershipTimes; epoch: number; asked: Instant },
): Leadership {
  const { clock, epoch, holder, log, onLost, times } = options
  let renewed = options.asked
  let isOver = false

  const lose = (reason: string): void => {
    if (isOver) return
    isOver = true
    clearInterval(timer)
    void connection.end()
    onLost(reason)
  }
  const isStale = (): boolean => elapsedMs(renewed, clock) > times.loseAfter

  // a lease that has ended is taken up again as long as no other engine has it
  async function renew(): Promise<void> {
    const asked = instant(clock)
    try {
      const { rowCount } = await connection.query(
        `update leader set until_ms = ${NOW_MS} + $3 where holder = $1 and epoch = $2`,
        [holder, epoch, times.lease],
      )
      if (rowCount === 0) return lose('another engine has taken over')
      if (isStale()) log.info({ epoch }, 'the lease of this engine is renewed: it sends again')
      renewed = asked
    } catch (error) {
      if (!isOver)
        log.warn(
          { error },
          isStale()
            ? 'the lease of this engine has ended and cannot be renewed: it sends nothing until it is'
            : 'the lease of this engine could not be renewed; trying again',
        )
    }
  }
  const timer = setInterval(() => void renew(), times.renewEvery)

  return {
    epoch,
    isCurrent: () => !isOver && !isStale(),
    async release() {
      if (isOver) return
      isOver = true
      clearInterval(timer)
      try {
        await connection.query(`update leader set until_ms = 0 where holder = $1 and epoch = $2`, [
          holder,
          epoch,
        ])
      } catch (error) {
        log.warn({ error }, 'the lease of this engine could not be given back; it ends by itself')
      }
      await connection.end()
    },
  }
}

async function prepare(connection: Connection): Promise<void> {
  await connection.query(`create table if not exists leader (
    one boolean primary key default true check (one),
    holder text not null,
    epoch bigint not null,
    until_ms bigint not null)`)
  await connection.query(
    `insert into leader (holder, epoch, until_ms) values ('', 0, 0) on conflict do nothing`,
  )
}

/** The new epoch; null while the lease of another engine lasts, or a write of the former one has not ended. */
async function take(connection: Connection, holder: string, times: LeadershipTimes): Promise<number | null> {
  const { rows } = await connection.query<{ epoch: string }>(
    // the lock first: a write of the former engine that has passed the fence ends before the epoch changes
    `with fence as materialized (select pg_try_advisory_xact_lock($3::bigint) as is_free)
     update leader set holder = $1, epoch = epoch + 1, until_ms = ${NOW_MS} + $2
     from fence where fence.is_free and (until_ms < ${NOW_MS} or holder = $1) returning epoch`,
    [holder, times.lease, FENCE_LOCK],
  )
  return rows.length === 0 ? null : Number(rows[0]!.epoch)
}

async function holderOf(connection: Connection): Promise<string> {
  const { rows } = await connection.query<{ holder: string }>('select holder from leader')
  return rows[0]?.holder ?? ''
}

interface Connection {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
  end(): Promise<void>
}

/** One connection, opened again when it breaks. A query that takes longer than two seconds fails. */
function lasting(url: string): Connection {
  const hosts = openHosts(hostUrls(url), {
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 2 * SECOND_MS,
    query_timeout: 2 * SECOND_MS,
    application_name: 'tilth-lease',
  })
  let isEnded = false
  return {
    query: (text, values = []) => hosts.query({ text, values }),
    async end() {
      if (isEnded) return
      isEnded = true
      await hosts.end()
    },
  }
}

interface Instant {
  wallMs: number
  monotonicMs: number
}
const instant = (clock: Clock): Instant => ({ wallMs: clock.now(), monotonicMs: performance.now() })

/** The longer of both: one clock stands still while a machine is suspended, the other can be set back. */
const elapsedMs = (since: Instant, clock: Clock): number =>
  Math.max(clock.now() - since.wallMs, performance.now() - since.monotonicMs)

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
