/** STOP, when the word of it is lost or the store fails at the wrong moment: it is carried out all the same. */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { internalTopic } from '../../../../broker/contract/topics.ts'
import { startFarm, type Farm } from '../farm.ts'
import { ORG } from '../farm-rows.ts'
import { inAllOrgs } from '../../../../services/runtime/transactions.ts'

const MINUTE = 60_000
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

const request = (id: string) =>
  farm.state.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const opening = () =>
  farm.state.selectFrom('command').selectAll().where('op', '=', 'open').orderBy('seq').execute()

async function water(minutes = 30): Promise<void> {
  await farm.controller.connect()
  await farm.addRun({ minutes })
  await farm.pass(3 * MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
}

it('a STOP whose event was lost is executed with the next request of anyone', async () => {
  await water()
  const { id } = await farm.askUnheard({ kind: 'stop' })
  await farm.pass(MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
  await farm.ask({ zoneId: 'zone-2', minutes: 5 })
  expect(farm.controller.isOpen()).toBe(false)
  expect((await request(id)).state).toBe('accepted')
})

it('a STOP whose event was lost is executed when the bus is back', async () => {
  await water()
  farm.dropBus()
  await vi.waitFor(() => expect(farm.bus.isConnected()).toBe(false))
  const { id } = await farm.askUnheard({ kind: 'stop' })
  await vi.waitFor(() => expect(farm.bus.isConnected()).toBe(true), { timeout: 10_000 })
  // no notice of the request arrives; after it reconnects, the bus receives the retained messages
  await vi.waitFor(
    async () => {
      await farm.clock.advanceTo(farm.clock.now() + 1)
      expect((await request(id)).state).toBe('accepted')
    },
    { timeout: 10_000 },
  )
  await vi.waitFor(() => expect(farm.controller.isOpen()).toBe(false), { timeout: 10_000 })
})

it.each(['stop', 'stop-all'] as const)(
  'a %s that the store rejected at first closes at once, and is retried until all of it is done',
  async (kind) => {
    await water()
    await farm.addRun({ startMs: farm.clock.now() + 20 * MINUTE })
    const mend = await farm.breakTable('audit')
    const { id, state } = await farm.ask({ kind })
    expect(state).toBe('new')
    expect(farm.controller.isOpen()).toBe(false)
    await farm.pass(12_000)
    await mend()
    await farm.pass(6_000)
    expect((await request(id)).state).toBe('accepted')
    expect(await farm.run('run-2')).toMatchObject({ state: 'cancelled', endReason: 'stopped' })
    await farm.pass(60 * MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
  },
)

it('nothing starts past a STOP in progress', async () => {
  await water()
  await farm.addRun({ startMs: farm.clock.now() + 20 * MINUTE })
  const mend = await farm.breakTable('run', ['update'])
  await farm.ask({ kind: 'stop-all' })
  await farm.pass(2_001)
  const start = await farm.ask({ zoneId: 'zone-2', minutes: 5 })
  expect(start.state).toBe('new')
  await mend()
  await farm.pass(20_000)
  // the stop first, then the start
  expect((await request(start.id)).state).toBe('accepted')
  expect(farm.controller.isOpen('V2')).toBe(true)
})

it('a stopped command is not opened again, even if the store lost the request', async () => {
  await water()
  farm.controller.isDeaf(true)
  const mend = await farm.breakTable('command')
  await farm.ask({ kind: 'stop' })
  await mend()
  await farm.pass(6_000)
  expect(JSON.parse((await opening())[0]!.lifecycle)).toMatchObject({ isStopped: true, state: 'fencing' })
  farm.controller.isDeaf(false)
  await farm.pass(60 * MINUTE)
  expect(await opening()).toMatchObject([{ state: 'aborted', outcome: 'command' }])
  expect(await farm.run()).toMatchObject({ state: 'done' })
  expect(farm.controller.openMs()).toBeLessThan(4 * MINUTE)
})

it('a valve that does not close gets no lease any more, also when the stop could not be written', async () => {
  await water()
  const mend = await farm.breakTable('command')
  // closes are lost on the way, leases would arrive
  farm.controller.loseCloses(true)
  await farm.ask({ kind: 'stop' })
  await farm.pass(3 * MINUTE)
  expect(farm.controller.isOpen()).toBe(false)
  await mend()
})

it('an old STOP closes what it named and is refused as late; later commands are left', async () => {
  await water(60)
  await farm.controller.unplug()
  await farm.pass(3 * MINUTE)
  await farm.stopDispatch()
  const { id } = await farm.askUnheard({ kind: 'stop' })
  await farm.clock.advanceTo(farm.clock.now() + 11 * MINUTE)
  await farm.startDispatch()
  expect(await request(id)).toMatchObject({ state: 'refused', reason: 'expired' })
  const later = await farm.addRun({ startMs: farm.clock.now() + 55 * MINUTE })
  await farm.controller.connect()
  await farm.pass(60 * MINUTE)
  // what was left of the stopped run never opened; the later one did
  expect(await farm.run('run-1')).not.toMatchObject({ state: 'running' })
  expect((await opening()).map(({ runId }) => runId)).toEqual(['run-1', later.id])
})

const everyTable = ['request', 'audit', 'command', 'run', 'valve_state']

/** While it lasts the store takes nothing. Gives what ends it. */
async function breakStore(): Promise<() => Promise<void>> {
  const mends = await Promise.all(everyTable.map((table) => farm.breakTable(table)))
  return async () => void (await Promise.all(mends.map((mend) => mend())))
}

/** The word of a STOP that has no row. */
async function stopUnrecorded(zoneId: string | null, org = ORG): Promise<void> {
  const word = JSON.stringify({ id: 'never-written', unrecorded: { zoneId, actor: 'user-sato' } })
  await farm.bus.publish(internalTopic(org, 'request'), word, { qos: 1, retain: false })
  await farm.settle()
}

describe.each([['zone-1'], [null]])('a STOP of %s that could not be written', (zoneId) => {
  it('closes nevertheless, and is written with its author as soon as the store works', async () => {
    await water()
    const mend = await breakStore()
    await stopUnrecorded(zoneId)
    expect(farm.controller.isOpen()).toBe(false)
    await farm.pass(20_000)
    await mend()
    await farm.pass(MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
    const kind = zoneId === null ? 'stop-all' : 'stop'
    expect(await request('never-written')).toMatchObject({
      kind,
      zoneId,
      actor: 'user-sato',
      state: 'accepted',
    })
    const audit = farm.state.selectFrom('audit').selectAll().where('action', '=', `request.${kind}`)
    expect(await audit.execute()).toMatchObject([{ actor: 'user-sato', subject: zoneId ?? ORG }])
  })

  it('stops an opening on its way, even if its close was acknowledged first', async () => {
    await farm.controller.connect()
    farm.controller.isDeaf(true)
    await farm.addRun({ minutes: 30 })
    await farm.pass(2_000)
    expect(await opening()).toMatchObject([{ state: 'sent' }])
    const mend = await breakStore()
    farm.controller.isDeaf(false)
    await stopUnrecorded(zoneId)
    await mend()
    await farm.pass(40 * MINUTE)
    expect(farm.controller.openMs()).toBe(0)
    expect(await farm.run()).toMatchObject({ state: 'cancelled' })
  })

  it('holds a run that waits for its controller, and one of the same hour', async () => {
    await farm.addRun()
    await farm.addRun({ startMs: farm.clock.now() + 10 * MINUTE })
    await farm.pass(MINUTE)
    const mend = await farm.breakTable('audit')
    await stopUnrecorded(zoneId)
    const mendRuns = await farm.breakTable('run', ['update'])
    await mend()
    // the store accepts the request, but not the runs that the request cancels
    await farm.controller.connect()
    await farm.pass(8 * MINUTE)
    expect(farm.controller.openMs()).toBe(0)
    await mendRuns()
    await farm.pass(MINUTE)
    for (const id of ['run-1', 'run-2'])
      expect(await farm.run(id)).toMatchObject({ state: 'cancelled', endReason: 'stopped' })
    await farm.pass(30 * MINUTE)
    expect(farm.controller.openMs()).toBe(0)
  })

  it('closes also when nothing can be read', async () => {
    await water()
    const tables = ['zone', 'device', 'request']
    for (const table of tables)
      await sql.raw(`alter table ${table} rename to ${table}_away`).execute(farm.state)
    await stopUnrecorded(zoneId)
    expect(farm.controller.isOpen()).toBe(false)
    for (const table of tables)
      await sql.raw(`alter table ${table}_away rename to ${table}`).execute(farm.state)
    await farm.pass(40 * MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
    expect(await request('never-written')).toMatchObject({ state: 'accepted' })
  })

  it('precedes a start that was requested after it', async () => {
    await water()
    const mend = await farm.breakTable('audit')
    await stopUnrecorded(zoneId)
    await farm.pass(2_001)
    const start = await farm.ask({ minutes: 5 })
    expect(start.state).toBe('new')
    await mend()
    await farm.pass(20_000)
    expect((await request(start.id)).state).toBe('accepted')
    expect(farm.controller.isOpen()).toBe(true)
    await farm.pass(20 * MINUTE)
    expect(farm.controller.openMs()).toBe(8 * MINUTE)
  })
})

it('a start requested before a STOP that could not be written is not executed after it', async () => {
  await farm.controller.connect()
  const mend = await farm.breakTable('audit')
  const start = await farm.askUnheard({ minutes: 5 })
  await farm.pass(1_000)
  await stopUnrecorded('zone-1')
  await mend()
  await farm.pass(MINUTE)
  expect(await request(start.id)).toMatchObject({ state: 'refused', reason: 'expired' })
  expect((await request('never-written')).state).toBe('accepted')
  expect(farm.controller.openMs()).toBe(0)
})

it('a run whose window passes while the store fails is checked now and then, and is skipped when possible', async () => {
  await farm.addRun()
  const mend = await farm.breakTable('run')
  await farm.pass(20 * MINUTE)
  await mend()
  await farm.pass(MINUTE)
  expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'controller-offline' })
})

const written = async () => ({
  request: await request('never-written'),
  audit: await farm.state.selectFrom('audit').selectAll().where('action', 'like', 'request.stop%').execute(),
  notes: [...farm.journal.notes('stop').keys()],
})

it('a STOP that could not be written is noted in the journal, and written once, also after a restart', async () => {
  await water()
  const mend = await breakStore()
  await stopUnrecorded('zone-1')
  const pressedMs = farm.clock.now()
  await farm.pass(MINUTE)
  await stopUnrecorded('zone-1') // the phone repeats it
  expect([...farm.journal.notes('stop').keys()]).toEqual(['never-written'])
  await farm.restart(MINUTE)
  await mend()
  await farm.pass(MINUTE)
  const once = {
    request: { kind: 'stop', zoneId: 'zone-1', actor: 'user-sato', atMs: pressedMs, state: 'accepted' },
    audit: [{ actor: 'user-sato', subject: 'zone-1', atMs: pressedMs }],
    notes: [],
  }
  expect(await written()).toMatchObject(once)
  await farm.restart()
  expect(await written()).toMatchObject(once)
})

it('a STOP that is found an hour later is written, and closes nothing that was opened since', async () => {
  await farm.stopDispatch()
  const atMs = farm.clock.now()
  const note = { id: 'never-written', org: ORG, zoneId: null, actor: 'user-sato', atMs }
  await farm.journal.putNote('stop', note.id, JSON.stringify(note))
  await farm.clock.advanceTo(atMs + 61 * MINUTE)
  await farm.controller.connect()
  await farm.startDispatch()
  await farm.pass(2_001)
  await water()
  expect(await written()).toMatchObject({
    request: { state: 'accepted', atMs },
    audit: [{ atMs }],
    notes: [],
  })
})

it('a STOP that could not be written does not wait for a store that does not respond', async () => {
  await water()
  const waiting = await farm.askUnheard({ zoneId: 'zone-2', minutes: 5 })
  let release: (() => void) | null = null
  const held = inAllOrgs(farm.state, () => new Promise<void>((resolve) => void (release = resolve)))
  await vi.waitFor(() => expect(release).not.toBeNull())
  const words = [
    { id: waiting.id },
    { id: 'never-written', unrecorded: { zoneId: 'zone-1', actor: 'user-sato' } },
  ]
  for (const word of words)
    await farm.bus.publish(internalTopic(ORG, 'request'), JSON.stringify(word), { qos: 1, retain: false })
  await vi.waitFor(() => expect(farm.controller.isOpen()).toBe(false))
  release!()
  await held
  await farm.settle()
  expect(await request('never-written')).toMatchObject({ state: 'accepted' })
})

it('a STOP of an unreadable zone without open commands closes everything of its organisation', async () => {
  await water()
  const tables = ['zone', 'request']
  for (const table of tables)
    await sql.raw(`alter table ${table} rename to ${table}_away`).execute(farm.state)
  await stopUnrecorded('zone-2', 'other')
  expect(farm.controller.isOpen()).toBe(true)
  await stopUnrecorded('zone-2')
  expect(farm.controller.isOpen()).toBe(false)
  for (const table of tables)
    await sql.raw(`alter table ${table}_away rename to ${table}`).execute(farm.state)
})

it('a STOP that could not be written closes no valve of another zone or organisation', async () => {
  await water()
  await stopUnrecorded('zone-2')
  await stopUnrecorded('zone-1', 'other')
  await stopUnrecorded(null, 'other')
  expect(farm.controller.isOpen()).toBe(true)
})

describe('STOP is last', () => {
  const SECOND = 1_000
  beforeEach(() => farm.controller.connect())

  it.each([
    ['stop-all', null, 0],
    ['stop-all', null, 1_999],
    ['stop', 'zone-1', 2_000],
  ] as const)('a start that arrives after a %s of %s by %i ms does not open', async (kind, zoneId, ms) => {
    await farm.ask({ kind, zoneId })
    await farm.pass(ms)
    expect(await farm.ask({ minutes: 5 })).toMatchObject({ state: 'refused', reason: 'stopped' })
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(false)
  })

  it('nor a test of the valve', async () => {
    await farm.ask({ kind: 'stop-all' })
    expect(await farm.ask({ kind: 'test', minutes: 0.5 })).toMatchObject({ reason: 'stopped' })
  })

  it('nor one that was pressed before the STOP and took long to arrive', async () => {
    const pressedAtMs = farm.clock.now()
    await farm.pass(SECOND)
    await farm.ask({ kind: 'stop-all' })
    await farm.pass(20 * SECOND)
    expect(await farm.ask({ minutes: 5, pressedAtMs })).toMatchObject({ state: 'refused', reason: 'stopped' })
    expect(await farm.ask({ minutes: 5, pressedAtMs: farm.clock.now() })).toMatchObject({ state: 'accepted' })
  })

  it('nor one that was stored before the STOP and is executed after it', async () => {
    const { id } = await farm.askUnheard({ minutes: 5 })
    await farm.clock.advanceTo(farm.clock.now() + 20)
    await farm.ask({ kind: 'stop-all' })
    await farm.pass(MINUTE)
    expect((await request(id)).state).not.toBe('new')
    expect(farm.controller.isOpen()).toBe(false)
  })

  it('a start opens later than that, in another zone, and when the person takes the STOP back', async () => {
    const { id } = await farm.ask({ kind: 'stop', zoneId: 'zone-1' })
    expect(await farm.ask({ zoneId: 'zone-2', minutes: 5 })).toMatchObject({ state: 'accepted' })
    expect(await farm.ask({ minutes: 5, undoesStop: id })).toMatchObject({ state: 'accepted' })
    await farm.pass(SECOND)
    await farm.ask({ kind: 'stop-all' })
    // that was another STOP
    expect(await farm.ask({ minutes: 5, undoesStop: id })).toMatchObject({ reason: 'stopped' })
    await farm.pass(2_001)
    expect(await farm.ask({ minutes: 5 })).toMatchObject({ state: 'accepted' })
  })

  it('a STOP from before the clock was set back does not lock the valves', async () => {
    await farm.ask({ kind: 'stop-all' })
    farm.setClock(-60 * MINUTE)
    await farm.pass(3 * SECOND)
    expect(await farm.ask({ minutes: 5 })).toMatchObject({ state: 'accepted' })
  })
})
