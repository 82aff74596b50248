/** An alarm of the flow holds its valves whatever becomes of the store and of the services, until a person clears it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { delivery, topicOf } from '../../../../broker/contract/topics.ts'
import { readAlertParams } from '../../../../services/tables.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG, START_MS } from '../farm-rows.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
let farm: Farm
let total = 0
let n = 0
beforeEach(async () => {
  farm = await startFarm()
  total = n = 0
  await farm.controller.connect()
  await farm.pass(MINUTE)
})
afterEach(() => farm.stop())

/** The meter of V1, as the controller tells it, every 15 s. */
async function meter(
  forMs: number,
  lpm: number,
  valve: string | null = 'V1',
  everyMs = 15 * SECOND,
): Promise<void> {
  for (let passedMs = 0; passedMs < forMs; passedMs += everyMs) {
    total += (lpm * everyMs) / MINUTE
    const told = {
      v: 1,
      n: ++n,
      boot: 1,
      monoMs: farm.clock.now() - START_MS,
      measurements: [{ metering: { water: { total } }, ...(valve === null ? {} : { tilth: { valve } }) }],
    }
    await farm.bus.publish(topicOf(ORG, CONTROLLER, 'telemetry'), JSON.stringify(told), delivery.telemetry)
    await farm.pass(everyMs)
  }
}
const alerts = () => farm.state.selectFrom('alert').selectAll().execute()
const leaks = async () =>
  (await alerts()).map(({ cause, params }) => [cause, readAlertParams(params)['valve'] ?? null])
const start = () => farm.ask({ minutes: 5 })

it('water through a closed valve holds the controller: planned runs wait, a start is refused', async () => {
  await meter(2 * MINUTE, 40)
  expect(await alerts()).toMatchObject([{ cause: 'flow-alarm', deviceId: CONTROLLER, clearedMs: null }])
  expect(farm.controller.commands()).toContainEqual(
    expect.objectContaining({ op: 'close', valve: '*', force: true }),
  )
  expect(await start()).toMatchObject({ state: 'refused', reason: 'flow-alarm' })
  await farm.addRun()
  await farm.pass(20 * MINUTE)
  expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'flow-alarm' })
  expect(farm.controller.openMs()).toBe(0)
})

it('holds although the store rejects the alert, which is written as soon as possible', async () => {
  const mend = await farm.breakTable('alert', ['insert'])
  await meter(2 * MINUTE, 40)
  expect(await start()).toMatchObject({ state: 'refused', reason: 'flow-alarm' })
  expect(await alerts()).toEqual([])
  await mend()
  await farm.pass(10 * SECOND)
  expect(await alerts()).toMatchObject([{ cause: 'flow-alarm', clearedMs: null }])
})

it('holds after a crash of the services, and ends when a person clears it', async () => {
  await meter(2 * MINUTE, 40)
  await farm.restart(MINUTE)
  await farm.pass(MINUTE)
  expect(await start()).toMatchObject({ state: 'refused', reason: 'flow-alarm' })
  const cleared = await farm.ask({ kind: 'clear-fault', zoneId: null, deviceId: CONTROLLER })
  expect(cleared).toMatchObject({ state: 'accepted' })
  expect((await alerts())[0]!.clearedMs).toBe(farm.clock.now())
  expect(await start()).toMatchObject({ state: 'accepted' })
  const audit = await farm.state.selectFrom('audit').selectAll().where('action', 'like', 'flow-%').execute()
  expect(audit.map(({ action, actor }) => [action, actor])).toEqual([
    ['flow-alarm', 'system'],
    ['flow-cleared', 'user-sato'],
  ])
})

it('a clear that the store rejects clears nothing', async () => {
  await meter(2 * MINUTE, 40)
  const mend = await farm.breakTable('audit', ['insert'])
  await farm.ask({ kind: 'clear-fault', zoneId: null, deviceId: CONTROLLER })
  await mend()
  expect((await alerts())[0]!.clearedMs).toBeNull()
  await farm.pass(10 * SECOND) // tried again
  expect((await alerts())[0]!.clearedMs).not.toBeNull()
})

it('readings from before the last boot are ignored', async () => {
  await farm.pass(5 * MINUTE)
  await farm.controller.powerCut() // its clock restarts; the next readings are dated before the cut
  await farm.pass(MINUTE)
  await meter(2 * MINUTE, 40)
  expect(await alerts()).toEqual([])
})

it('a run stopped by the alarm is recorded with its reason, and its rest never opens', async () => {
  await meter(MINUTE, 0)
  await start()
  await farm.pass(MINUTE)
  await meter(45 * SECOND, 400) // rated 50
  expect(await alerts()).toMatchObject([{ cause: 'flow-alarm' }])
  const [record] = await farm.state.selectFrom('irrigation').selectAll().execute()
  expect(record).toMatchObject({ endReason: 'flow-high', failure: 'flow-high', commandedMinutes: 5 })
  expect(await farm.run(record!.runId)).toMatchObject({ state: 'failed', endReason: 'flow-high' })
  await farm.pass(30 * MINUTE)
  expect(farm.controller.isOpen()).toBe(false)
  expect(farm.controller.openMs()).toBe(record!.ranMs)
})

it('a reported leak blocks nothing, and hides no burst of another valve', async () => {
  await meter(3 * 60 * MINUTE, 0.3, 'V1', 5 * MINUTE)
  expect(await alerts()).toMatchObject([{ cause: 'flow-leak' }])
  expect(await start()).toMatchObject({ state: 'accepted' })
  await farm.pass(6 * MINUTE)
  total = 0
  await meter(2 * MINUTE, 40, 'V2')
  expect(await alerts()).toMatchObject([
    { cause: 'flow-leak' },
    { cause: 'flow-alarm', deviceId: CONTROLLER },
  ])
})

it(
  'a second leak of another valve has an alert of its own; the main meter that counts both adds nothing',
  { timeout: 90_000 },
  async () => {
    await meter(135 * MINUTE, 0.3, 'V1', 5 * MINUTE)
    expect(await leaks()).toEqual([['flow-leak', 'V1']])
    total = 0
    await meter(135 * MINUTE, 0.4, 'V2', 5 * MINUTE)
    total = 0
    await meter(135 * MINUTE, 0.7, null, 5 * MINUTE)
    const both = [
      ['flow-leak', 'V1'],
      ['flow-leak', 'V2'],
    ]
    expect(await leaks()).toEqual(both)
    // a restart finds both again, and tells none of them twice
    await farm.restart(MINUTE)
    await meter(10 * MINUTE, 0.4, null, 5 * MINUTE)
    expect(await leaks()).toEqual(both)
  },
)

it(
  'water of the main meter that no reported leak explains is a leak of its own',
  { timeout: 60_000 },
  async () => {
    await meter(135 * MINUTE, 0.3, 'V1', 5 * MINUTE)
    total = 0
    await meter(135 * MINUTE, 0.9, null, 5 * MINUTE)
    expect(await leaks()).toEqual([
      ['flow-leak', 'V1'],
      ['flow-leak', null],
    ])
  },
)

it('an unlock that the store rejected is not shown as done, and is retried until the valve is free', async () => {
  await meter(MINUTE, 0)
  await start()
  await farm.pass(MINUTE)
  await meter(45 * SECOND, 400) // rated 50
  await farm.pass(MINUTE)
  const mend = await farm.breakTable('alert', ['update'])
  const { id, state } = await farm.ask({ kind: 'unlock' })
  expect(state).toBe('new')
  expect(await start()).toMatchObject({ state: 'refused', reason: 'flow-alarm' })
  await mend()
  await farm.pass(10 * SECOND)
  const request = farm.state.selectFrom('request').selectAll().where('id', '=', id)
  expect(await request.executeTakeFirst()).toMatchObject({ state: 'accepted' })
  expect((await alerts())[0]!.clearedMs).not.toBeNull()
  expect(await start()).toMatchObject({ state: 'accepted' })
})

it('a clear that names an alert clears no other, and none that came after it', async () => {
  const clear = (alertId: string | null) =>
    farm.ask({ kind: 'clear-fault', zoneId: null, deviceId: CONTROLLER, alertId })
  await meter(3 * 60 * MINUTE, 0.3, 'V1', 5 * MINUTE)
  await meter(2 * MINUTE, 40, 'V2')
  const [leak, alarm] = await alerts()
  expect([leak!.cause, alarm!.cause]).toEqual(['flow-leak', 'flow-alarm'])
  expect(await clear(leak!.id)).toMatchObject({ state: 'accepted' })
  expect(await start()).toMatchObject({ state: 'refused', reason: 'flow-alarm' })
  // after one request to clear it, a second finds no fault
  expect(await clear(leak!.id)).toMatchObject({ state: 'refused', reason: 'no-fault' })
  expect(await clear('of-another')).toMatchObject({ state: 'refused', reason: 'no-fault' })
  expect(await start()).toMatchObject({ state: 'refused', reason: 'flow-alarm' })
  expect(await clear(alarm!.id)).toMatchObject({ state: 'accepted' })
  expect(await start()).toMatchObject({ state: 'accepted' })
})
