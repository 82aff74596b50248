/** One opening and what is heard of it, where the order of events is the point. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { standardTiming } from '../../../broker/contract/command-life.ts'
import { openAlerts } from '../../../services/dispatch/alerts.ts'
import type { Desk } from '../../../services/dispatch/desk.ts'
import { openOutbox } from '../../../services/dispatch/outbox.ts'
import { loadLives, stepLife } from '../../../services/dispatch/supervise.ts'
import { openValveReports } from '../../../services/dispatch/valve-reports.ts'
import { startFarm, type Farm } from './farm.ts'

const MINUTE = 60_000
const log = { debug() {}, info() {}, warn() {}, error() {} }
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

it('a server that was frozen hears a heartbeat first: what time has ended is written down, not only remembered', async () => {
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
  await farm.stopDispatch()
  const { state, bus, clock } = farm
  const out = openOutbox({ bus, log })
  const desk: Desk = {
    ...{ state, clock, log, timing: standardTiming, out },
    alerts: await openAlerts({ state, out }),
    reports: openValveReports({ state }),
    ...{ links: new Map(), keys: new Map(), lives: new Map(), due: new Map(), forced: new Map() },
    ...{ readRunsAtMs: Infinity, readRequestsAtMs: Infinity, skipToldMs: new Map() },
  }
  await loadLives(desk)
  const [live] = [...desk.lives.values()]
  expect(live!.life.state).toBe('unknown')
  // ten minutes of the run, and long enough after it that nobody waits for the device's word any more
  await farm.pass(15 * MINUTE)
  await stepLife(desk, live!, { type: 'leased' })

  const [command] = await state.selectFrom('command').selectAll().where('op', '=', 'open').execute()
  expect(command).toMatchObject({ state: 'resolved', outcome: 'unconfirmed' })
  expect(await state.selectFrom('irrigation').select('endedWhy').execute()).toEqual([
    { endedWhy: 'unconfirmed' },
  ])
  // the valve is free for the next order
  expect(desk.lives.size).toBe(0)
})
