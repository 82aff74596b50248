/** STOP, when the word of it is lost or the store fails at the wrong moment: it is carried out all the same. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { internalTopic } from '../../../broker/contract/topics.ts'
import { ORG, startFarm, type Farm } from './farm.ts'

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

it('a STOP whose word was lost is carried out with the next request, whoever asks what', async () => {
  await water()
  const { id } = await farm.askUnheard({ kind: 'stop' })
  await farm.pass(MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
  await farm.ask({ zoneId: 'zone-2', minutes: 5 })
  expect(farm.controller.isOpen()).toBe(false)
  expect((await request(id)).state).toBe('accepted')
})

it('a STOP whose word was lost is carried out when the bus is there again', async () => {
  await water()
  farm.dropBus()
  await vi.waitFor(() => expect(farm.bus.isConnected()).toBe(false))
  const { id } = await farm.askUnheard({ kind: 'stop' })
  await vi.waitFor(() => expect(farm.bus.isConnected()).toBe(true), { timeout: 10_000 })
  // nothing is heard of the request; a bus that connects again is told what is retained
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
  'a %s that the store did not take at first shuts at once, and is tried until all of it is done',
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
    expect(await farm.run('run-2')).toMatchObject({ state: 'cancelled', endedWhy: 'stopped' })
    await farm.pass(60 * MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
  },
)

it('nothing is started past a STOP that is not carried out yet', async () => {
  await water()
  await farm.addRun({ startMs: farm.clock.now() + 20 * MINUTE })
  const mend = await farm.breakTable('run', ['update'])
  await farm.ask({ kind: 'stop-all' })
  const start = await farm.ask({ zoneId: 'zone-2', minutes: 5 })
  expect(start.state).toBe('new')
  await mend()
  await farm.pass(20_000)
  // the stop first, then the start
  expect((await request(start.id)).state).toBe('accepted')
  expect(farm.controller.isOpen('V2')).toBe(true)
})

it('an order that a person stopped is not opened again, though the store forgot the wish', async () => {
  await water()
  farm.controller.isDeaf(true)
  const mend = await farm.breakTable('command')
  await farm.ask({ kind: 'stop' })
  await mend()
  await farm.pass(6_000)
  expect(JSON.parse((await opening())[0]!.life)).toMatchObject({ isStopped: true, state: 'fencing' })
  farm.controller.isDeaf(false)
  await farm.pass(60 * MINUTE)
  expect(await opening()).toMatchObject([{ state: 'aborted', outcome: 'command' }])
  expect(await farm.run()).toMatchObject({ state: 'done' })
  expect(farm.controller.openMs()).toBeLessThan(4 * MINUTE)
})

it('a valve that nobody can shut is given no lease any more, also when the stop could not be written', async () => {
  await water()
  const mend = await farm.breakTable('command')
  // closes are lost on the way, leases would arrive
  farm.controller.loseCloses(true)
  await farm.ask({ kind: 'stop' })
  await farm.pass(3 * MINUTE)
  expect(farm.controller.isOpen()).toBe(false)
  await mend()
})

it('a STOP of long ago shuts what it named and is refused as late; what was ordered after it is left', async () => {
  await water(60)
  await farm.controller.unplug()
  await farm.pass(3 * MINUTE)
  await farm.stopDispatch()
  const { id } = await farm.askUnheard({ kind: 'stop' })
  await farm.clock.advanceTo(farm.clock.now() + 11 * MINUTE)
  await farm.startDispatch()
  expect(await request(id)).toMatchObject({ state: 'refused', reason: 'too-late' })
  const later = await farm.addRun({ startMs: farm.clock.now() + 55 * MINUTE })
  await farm.controller.connect()
  await farm.pass(60 * MINUTE)
  // what was left of the stopped run never opened; the later one did
  expect(await farm.run('run-1')).not.toMatchObject({ state: 'running' })
  expect((await opening()).map(({ runId }) => runId)).toEqual(['run-1', later.id])
})

it.each([['zone-1'], [null]])(
  'a STOP of %s that could not be written at all shuts all the same',
  async (zoneId) => {
    await water()
    const mends = await Promise.all(
      ['request', 'audit', 'command', 'run', 'valve_state'].map((table) => farm.breakTable(table)),
    )
    const word = JSON.stringify({ id: 'never-written', unrecorded: { zoneId, actor: 'user-sato' } })
    await farm.bus.publish(internalTopic(ORG, 'request'), word, { qos: 1, retain: false })
    await farm.settle()
    expect(farm.controller.isOpen()).toBe(false)
    for (const mend of mends) await mend()
    await farm.pass(MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
  },
)

it('a STOP that could not be written shuts no valve of another zone or organisation', async () => {
  await water()
  for (const [org, zoneId] of [
    [ORG, 'zone-2'],
    ['other', 'zone-1'],
    ['other', null],
  ]) {
    const word = JSON.stringify({ id: 'x', unrecorded: { zoneId, actor: 'user-sato' } })
    await farm.bus.publish(internalTopic(org!, 'request'), word, { qos: 1, retain: false })
  }
  await farm.settle()
  expect(farm.controller.isOpen()).toBe(true)
})
