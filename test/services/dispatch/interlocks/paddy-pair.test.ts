/** The inlet and the outlet of a paddy through dispatch: one at a time, and nothing out while a herbicide holds. */
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import type { PaddyRow } from '../../../../services/tables.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG, START_MS } from '../farm-rows.ts'

let farm: Farm
beforeEach(async () => {
  farm = await startFarm()
  const { state } = farm
  await state.updateTable('zone').set({ method: 'flood' }).where('id', '=', 'zone-1').execute()
  await state
    .updateTable('zone')
    .set({ method: 'outlet', fieldId: 'field-1', pumpId: null })
    .where('id', '=', 'zone-2')
    .execute()
  await state
    .insertInto('paddy')
    .values({
      fieldId: 'field-1',
      org: ORG,
      bundMm: 250,
      freeboardMm: 100,
      outlet: 'gate',
      boardMm: null,
      bands: null,
      headingCd: null,
      reportedStage: null,
      reportedStageDay: null,
      dryDays: null,
      baselineDays: null,
      tillersDay: null,
      crackedDay: null,
      herbicideDay: null,
      holdDays: 7,
      observedLevelMm: null,
      observedLevelAtMs: null,
      storm: 'off',
      mayCoolAtNight: 0,
      flushUntilMs: null,
    })
    .execute()
  await farm.controller.connect()
  await farm.pass(MINUTE_MS)
})
afterEach(() => farm.stop())

const set = (changes: Partial<PaddyRow>) => farm.state.updateTable('paddy').set(changes).execute()
const open = () => [farm.controller.isOpen('V1'), farm.controller.isOpen('V2')]
const addOutlet = (changes = {}) => farm.addRun({ zoneId: 'zone-2', ...changes })
const letOut = () => farm.ask({ zoneId: 'zone-2', minutes: 5 })
const letIn = () => farm.ask({ zoneId: 'zone-1', minutes: 5 })

describe('one at a time', () => {
  it.each([
    ['outlet', 'zone-1', 'zone-2', [true, false]],
    ['inlet', 'zone-2', 'zone-1', [false, true]],
  ])('a planned run of the %s waits until the other has closed', async (_, first, second, begins) => {
    await farm.addRun({ zoneId: first })
    await farm.addRun({ zoneId: second })
    await farm.pass(MINUTE_MS)
    expect(open()).toEqual(begins)
    expect(await farm.run('run-2')).toMatchObject({ state: 'approved' })
    await farm.pass(10 * MINUTE_MS)
    expect(open()).toEqual(begins.map((isOpen) => !isOpen))
    await farm.pass(10 * MINUTE_MS)
    expect(await farm.run('run-2')).toMatchObject({ state: 'done' })
  })

  it('a run whose window passes behind the other one is skipped, with the reason', async () => {
    await farm.addRun({ minutes: 30 })
    await addOutlet()
    await farm.pass(16 * MINUTE_MS)
    expect(await farm.run('run-2')).toMatchObject({ state: 'skipped', endReason: 'inlet-outlet-conflict' })
  })

  it('a person gets the reason, and may start when the other has closed', async () => {
    await letIn()
    expect(await letOut()).toMatchObject({ state: 'refused', reason: 'inlet-outlet-conflict' })
    await farm.pass(6 * MINUTE_MS)
    expect((await letOut()).state).toBe('accepted')
    expect((await letIn()).reason).toBe('inlet-outlet-conflict')
  })

  it('a requested flush has both open, until its time is over', async () => {
    await set({ flushUntilMs: START_MS + 3 * MINUTE_MS })
    await letIn()
    expect((await letOut()).state).toBe('accepted')
    expect(open()).toEqual([true, true])
    await farm.ask({ kind: 'stop', zoneId: 'zone-2' })
    await farm.pass(3 * MINUTE_MS)
    expect(open()).toEqual([true, false])
    expect((await letOut()).reason).toBe('inlet-outlet-conflict')
  })
})

describe('an outlet that is unexpectedly open', () => {
  it('stuck or opened by hand, shown by its switch: the inlet waits, for the plan and a person', async () => {
    farm.controller.showPosition('V2', 'open')
    await farm.settle()
    expect((await letIn()).reason).toBe('inlet-outlet-conflict')
    await farm.addRun()
    expect(open()).toEqual([false, false])
    farm.controller.showPosition('V2', 'closed')
    await farm.settle()
    // supervision of the flow has seen it too, and holds the controller until somebody has looked
    expect((await letIn()).reason).toBe('flow-alarm')
    await farm.ask({ kind: 'clear-fault', zoneId: null, deviceId: CONTROLLER })
    await farm.pass(MINUTE_MS)
    expect(open()).toEqual([true, false])
  })

  it('on an unreachable controller may be open: nothing opens', async () => {
    await farm.state.updateTable('zone').set({ controllerId: 'away' }).where('id', '=', 'zone-2').execute()
    expect((await letIn()).reason).toBe('inlet-outlet-unknown')
    await farm.addRun()
    await farm.pass(16 * MINUTE_MS)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'inlet-outlet-unknown' })
    expect(farm.controller.openMs('V1')).toBe(0)
  })

  it('a valve that its controller does not have is not known to be closed', async () => {
    await farm.state.updateTable('zone').set({ valve: 'V9' }).where('id', '=', 'zone-2').execute()
    expect((await letIn()).reason).toBe('inlet-outlet-unknown')
  })

  it('one without a drive is the responsibility of a person, and holds nothing', async () => {
    await farm.state
      .updateTable('zone')
      .set({ controllerId: null, valve: null })
      .where('id', '=', 'zone-2')
      .execute()
    expect((await letIn()).state).toBe('accepted')
  })
})

describe('a herbicide', () => {
  // it is 7 July; six days before is the last of seven
  it.each(['2026-07-07', '2026-07-01'])('applied on %s keeps the outlet closed for the plan', async (day) => {
    await set({ herbicideDay: day })
    await addOutlet({ approvedBy: 'user-sato' })
    await farm.pass(MINUTE_MS)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'treatment-hold' })
    expect(farm.controller.openMs('V2')).toBe(0)
  })

  it('is not released by a requested flush, when the plan opens', async () => {
    await set({ herbicideDay: '2026-07-07', flushUntilMs: START_MS + 60 * MINUTE_MS })
    await addOutlet()
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'treatment-hold' })
  })

  it('lets a person decide, and lets water in', async () => {
    await set({ herbicideDay: '2026-07-07' })
    expect((await letOut()).state).toBe('accepted')
    await farm.pass(6 * MINUTE_MS)
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    expect(open()).toEqual([true, false])
  })

  it('holds for the days of its label and no longer', async () => {
    await set({ herbicideDay: '2026-06-30' })
    await addOutlet()
    await farm.pass(MINUTE_MS)
    expect(open()).toEqual([false, true])
  })
})

it('while the rows of the paddy cannot be read nothing opens; then it does', async () => {
  const rename = (from: string, to: string) =>
    sql.raw(`alter table "${from}" rename to "${to}"`).execute(farm.state)
  await rename('paddy', 'paddyAway')
  await addOutlet()
  await farm.pass(2 * MINUTE_MS)
  expect(open()).toEqual([false, false])
  await rename('paddyAway', 'paddy')
  await farm.pass(MINUTE_MS)
  expect(open()).toEqual([false, true])
})
