/** How long a run is waited for, and what it gives way to. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import { internalTopic } from '../../../../broker/contract/topics.ts'
import { decideRunEnd } from '../../../../services/dispatch/runs/run-end.ts'
import type { RunRow } from '../../../../services/tables.ts'
import { startFarm, type Farm } from '../farm.ts'
import { ORG } from '../farm-rows.ts'

const MINUTE = 60_000
const { missedWindowMs } = standardTiming // 15 min
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

const opening = () =>
  farm.state.selectFrom('command').selectAll().where('op', '=', 'open').orderBy('seq').execute()

it('a plan that the store could not return at its event is read a little later', async () => {
  const rename = (from: string, to: string) =>
    sql.raw(`alter table "${from}" rename to "${to}"`).execute(farm.state)
  await farm.controller.connect()
  await farm.pass(MINUTE)
  await farm.addRun({ state: 'proposed' })
  await rename('run', 'run_away')
  const event = JSON.stringify({ event: 'plan', atMs: farm.clock.now() })
  await farm.bus.publish(internalTopic(ORG, 'event'), event, { qos: 1, retain: false })
  await farm.settle()
  await rename('run_away', 'run')
  // and the word of it is lost as well
  await farm.state.updateTable('run').set({ state: 'approved' }).execute()
  await farm.pass(MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
})

describe('the rest of a run', () => {
  const T0 = 1_800_000_000_000
  const run = { id: 'run-1', startMs: T0, minutes: 180, cause: 'balance' } as RunRow
  const lifecycle = { outcome: 'lease', isStopped: false, isBound: false }

  it.each([
    [0, 15],
    [20, 35],
    [90, 105],
  ])(
    'after %d of 180 minutes is opened until minute %d, so that the dose ends within the window',
    (ran, until) => {
      const at = (minute: number) =>
        decideRunEnd(run, lifecycle, ran * MINUTE, T0 + minute * MINUTE, T0 + missedWindowMs + ran * MINUTE)
          .continued
      expect(at(until + 1)).toBeNull()
      const last = at(until)!
      expect(last.expiresAtMs).toBe(T0 + until * MINUTE)
      expect(last.expiresAtMs + last.doseMs).toBe(T0 + 195 * MINUTE)
    },
  )

  it('a start that expired unsent is not opened later: the person may have left', () => {
    const expired = { ...lifecycle, outcome: 'expired' }
    const manual = { ...run, cause: 'manual' } as RunRow
    expect(decideRunEnd(manual, expired, 0, T0 + MINUTE, T0 + missedWindowMs)).toMatchObject({
      state: 'skipped',
      continued: null,
    })
    expect(decideRunEnd(run, expired, 0, T0 + MINUTE, T0 + missedWindowMs).continued).not.toBeNull()
  })
})

it('a long run that never opened is not opened in full an hour late, and its window is not spent', async () => {
  await farm.controller.connect()
  await farm.pass(MINUTE)
  // ordered, but it never arrives; then the controller is away for an hour
  farm.controller.isDeaf(true)
  await farm.addRun({ minutes: 180 })
  await farm.pass(MINUTE)
  await farm.controller.unplug()
  farm.controller.isDeaf(false)
  await farm.pass(60 * MINUTE)
  await farm.controller.connect()
  await farm.pass(10 * MINUTE)
  expect(farm.controller.openMs()).toBe(0)
  expect(await farm.run()).toMatchObject({ state: 'skipped' })
})

it('the rest of a manual start is never opened without a request, whatever ended it', async () => {
  await farm.controller.connect()
  await farm.pass(MINUTE)
  await farm.ask({ minutes: 10 })
  await farm.pass(3 * MINUTE)
  await farm.controller.unplug()
  await farm.pass(4 * MINUTE)
  await farm.controller.connect()
  await farm.pass(30 * MINUTE)
  const ranMs = farm.controller.openMs()
  expect(ranMs).toBeLessThan(5.1 * MINUTE)
  const [record] = await farm.state.selectFrom('irrigation').selectAll().execute()
  expect(record).toMatchObject({ ranMs, endReason: 'lease', commandedMinutes: 10 })
  expect(await farm.run(record!.runId)).toMatchObject({ state: 'failed', endReason: 'lease' })
})

describe('a planned run whose valve a person has just opened', () => {
  it('is skipped at once: the plan requests what is missing then', async () => {
    await farm.controller.connect()
    await farm.pass(MINUTE)
    await farm.addRun({ startMs: farm.clock.now() + 2 * MINUTE })
    await farm.ask({ minutes: 10 })
    await farm.pass(3 * MINUTE)
    expect(await farm.run('run-1')).toMatchObject({ state: 'skipped', endReason: 'valve-busy' })
    await farm.pass(30 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    expect(await opening()).toHaveLength(1)
  })

  it('waits for another run of the plan, as before', async () => {
    await farm.controller.connect()
    await farm.addRun({ minutes: 5 })
    await farm.addRun({ startMs: farm.clock.now() + 2 * MINUTE, minutes: 5 })
    await farm.pass(12 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
  })
})
