/** One engine at a time on a real PostgreSQL: the lease, its loss, and the fence behind it. */
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../broker/contract/time.ts'
import {
  becomeLeader,
  type Leadership,
  type LeadershipOptions,
} from '../../../../services/adapters/postgres/leadership.ts'
import { epochOption, fenceWrites, FENCED } from '../../../../services/adapters/postgres/write-fence.ts'
import { createLogger } from '../../../../services/runtime/logger.ts'
import type { Tables } from '../../../../services/tables.ts'
import {
  describeWithPostgres,
  newPostgresDatabase,
  type PostgresDatabase,
} from '../../../support/postgres.ts'

const times = { lease: 1_000, renewEvery: 100, loseAfter: 700, askEvery: 50 }

describeWithPostgres('the engine at work', () => {
  let database: PostgresDatabase
  let held: Leadership[]
  beforeEach(async () => {
    database = await newPostgresDatabase()
    held = []
  })
  afterEach(async () => {
    for (const leadership of held) await leadership.release()
    await database.drop()
  })

  async function lead(holder: string, options: Partial<LeadershipOptions> = {}): Promise<Leadership> {
    const leadership = await becomeLeader({
      url: database.url,
      holder,
      clock: systemClock,
      log: createLogger('silent'),
      onLost: () => {},
      times,
      ...options,
    })
    held.push(leadership)
    return leadership
  }

  async function ask<Row extends pg.QueryResultRow>(text: string, options = ''): Promise<Row[]> {
    const client = new pg.Client({ connectionString: database.url, options })
    await client.connect()
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end()
    }
  }

  // the holder renews it meanwhile: it must not find itself in the row
  const endLease = () => ask(`update leader set until_ms = 0, holder = 'ended'`)

  it('is the first that asks; a second waits and names it, until the lease is given back', async () => {
    const first = await lead('field house')
    const waiting: string[] = []
    let isSecondAtWork = false
    const second = lead('office', { onWaiting: (holder) => waiting.push(holder) }).then((leadership) => {
      isSecondAtWork = true
      return leadership
    })
    await expect.poll(() => waiting.length).toBeGreaterThan(2)
    expect(new Set(waiting)).toEqual(new Set(['field house']))
    // its lease is renewed beyond its first end
    await expect.poll(() => waiting.length).toBeGreaterThan(times.lease / times.askEvery)
    expect([isSecondAtWork, first.isCurrent()]).toEqual([false, true])
    await first.release()
    expect(first.isCurrent()).toBe(false)
    expect((await second).epoch).toBe(first.epoch + 1)
  })

  it('takes up its own lease at once after a crash, with a new epoch', async () => {
    const before = await lead('field house')
    const after = await lead('field house')
    expect(after.epoch).toBe(before.epoch + 1)
  })

  it('is notified that another engine has taken over, and sends nothing from then on', async () => {
    const onLost = vi.fn()
    const first = await lead('field house', { onLost })
    await endLease()
    const second = await lead('office')
    await expect.poll(() => onLost.mock.calls).toEqual([['another engine has taken over']])
    expect([first.isCurrent(), second.isCurrent()]).toEqual([false, true])
  })

  it('sends nothing while the server does not respond, and goes on where no other engine has taken over', async () => {
    const onLost = vi.fn()
    const first = await lead('field house', { onLost })
    await ask('alter table leader rename to away')
    await expect.poll(() => first.isCurrent()).toBe(false)
    await ask('alter table away rename to leader')
    await expect.poll(() => first.isCurrent()).toBe(true)
    expect(onLost).not.toHaveBeenCalled()
    expect(await ask('select holder, epoch::int from leader')).toEqual([
      { holder: 'field house', epoch: first.epoch },
    ])
  })

  it('keeps its lease when the server ends its connection', async () => {
    const onLost = vi.fn()
    const first = await lead('field house', { onLost })
    const until = async () =>
      Number((await ask<{ until_ms: string }>('select until_ms from leader'))[0]!.until_ms)
    await ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tilth-lease' and datname = current_database()`,
    )
    const untilMs = await until()
    await expect.poll(until).toBeGreaterThan(untilMs)
    expect([first.isCurrent(), onLost.mock.calls.length]).toEqual([true, 0])
  })

  it('ends its waiting when the process stops', async () => {
    await lead('field house')
    const stopping = new AbortController()
    const waiting = lead('office', {
      signal: stopping.signal,
      onWaiting: () => stopping.abort(new Error('stopped')),
    })
    await expect(waiting).rejects.toThrow('stopped')
  })

  it('does not start on a server that does not respond', async () => {
    await expect(lead('field house', { url: 'postgres://tilth@127.0.0.1:9/tilth' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })

  it('alone can write: an engine of an earlier epoch is refused in every table', async () => {
    await ask('create table command (id int primary key); create table plan (id int primary key)')
    const first = await lead('field house')
    const state = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
      plugins: [new CamelCasePlugin()],
    })
    await fenceWrites(state)
    await fenceWrites(state) // at every start
    await state.destroy()
    const asFirst = epochOption(first.epoch)
    await ask('insert into command values (1)', asFirst)
    await ask('insert into plan values (1)', asFirst)

    await endLease()
    const second = await lead('office')
    for (const write of [
      'insert into command values (2)',
      'update command set id = 3',
      'delete from plan',
      'begin; insert into plan values (2); commit',
    ])
      await expect(ask(write, asFirst), write).rejects.toMatchObject({ code: FENCED })
    expect(await ask('select id from command', asFirst)).toEqual([{ id: 1 }])
    await ask('insert into command values (2)', epochOption(second.epoch))
    // a process that serves pages has no epoch
    await ask('insert into command values (3)')
    expect(await ask('select id from command order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  })

  it('waits for a write of the former engine that has passed the fence', async () => {
    await ask('create table command (id int primary key)')
    const first = await lead('field house')
    const state = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }),
      plugins: [new CamelCasePlugin()],
    })
    await fenceWrites(state)
    await state.destroy()
    const client = new pg.Client({ connectionString: database.url, options: epochOption(first.epoch) })
    await client.connect()
    await client.query('begin; insert into command values (1)')
    await endLease()
    let isSecondAtWork = false
    const asked = vi.fn()
    const second = lead('office', { onWaiting: asked }).then(() => void (isSecondAtWork = true))
    await expect.poll(() => asked.mock.calls.length).toBeGreaterThan(3)
    expect(isSecondAtWork).toBe(false)
    await client.query('commit')
    await client.end()
    await second
    expect(await ask('select id from command')).toEqual([{ id: 1 }])
  })
})
