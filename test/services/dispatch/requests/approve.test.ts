/**
 * Approval of a planned run that may arrive late, from a phone without signal: it approves the run that the person saw,
 * and only while that run is still in the future. Meanwhile the plan moves runs as usual, through its own record.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import { approve as approveNow } from '../../../../services/dispatch/requests/approve.ts'
import type { DispatchState } from '../../../../services/dispatch/dispatch-state.ts'
import { createOutbox } from '../../../../services/dispatch/outbox.ts'
import { steadyClock } from '../../../../services/dispatch/monotonic-clock.ts'
import type { Changeset } from '../../../../services/plan/run/changeset.ts'
import { savePlans } from '../../../../services/plan/run/save-plan.ts'
import type { RunRow } from '../../../../services/tables.ts'
import { isOnPostgres } from '../../../support/state.ts'
import { startFarm, type Farm } from '../farm.ts'

const MINUTE = 60_000
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
let farm: Farm
beforeEach(async () => {
  farm = await startFarm()
  await farm.state.updateTable('zone').set({ mode: 'approve' }).execute()
  await farm.controller.connect()
})
afterEach(() => farm.stop())

const propose = (inMinutes: number, more: Partial<RunRow> = {}) =>
  farm.addRun({ state: 'proposed', startMs: farm.clock.now() + inMinutes * MINUTE, ...more })
/** The request of a phone that stored the approval, and showed the run as it is in `seen`. */
const yesTo = (seen: RunRow) => ({
  kind: 'approve' as const,
  runId: seen.id,
  zoneId: seen.zoneId,
  expectedStartMs: seen.startMs,
  minutes: seen.minutes,
  decidedOfflineAtMs: farm.clock.now() - MINUTE,
})
const approve = async (seen: RunRow, more: object = {}) => {
  const { state, reason } = await farm.ask({ ...yesTo(seen), ...more })
  return reason ?? state
}
/** Saves a new plan that changes the columns in `set` of a run. Returns the farms whose plan was overtaken. */
const replan = (run: RunRow, set: Partial<RunRow>) => {
  const update = [{ id: run.id, from: 'proposed' as const, set }]
  const draft: Partial<Changeset> = {
    farmId: 'farm-1',
    nowMs: farm.clock.now(),
    fields: ['field-1'],
    decisions: [],
    advice: [],
    tasks: { insert: [], drop: [], fields: [] },
    changes: { insert: [], update, nextRunByZone: new Map() },
  }
  return savePlans(farm.state, [draft as Changeset])
}

describe('a queued approval of an unchanged run', () => {
  it('approves it, and it opens at its time; the audit has one line', async () => {
    const run = await propose(30)
    expect(await approve(run)).toBe('accepted')
    expect(await farm.run()).toMatchObject({ state: 'approved', approvedBy: 'user-sato' })
    await farm.pass(31 * MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
    const lines = farm.state.selectFrom('audit').selectAll().where('action', '=', 'run-approved')
    expect(await lines.execute()).toMatchObject([{ actor: 'user-sato', subject: run.id }])
  })

  it('is valid until the planned start of the run, and not from that instant on', async () => {
    const run = await propose(30)
    const later = await propose(30, { zoneId: 'zone-2', fieldId: 'field-2' })
    await farm.pass(30 * MINUTE - 1)
    expect(await approve(run)).toBe('accepted')
    await farm.pass(1)
    expect(await approve(later)).toBe('expired')
    await farm.pass(5 * MINUTE)
    expect(farm.controller.isOpen('V1')).toBe(true)
    expect(farm.controller.isOpen('V2')).toBe(false)
    expect((await farm.run(later.id)).state).toBe('proposed')
  })

  it('that reached the store in time is executed when dispatch is back, and not after its window', async () => {
    const run = await propose(10)
    const other = await propose(10, { zoneId: 'zone-2', fieldId: 'field-2' })
    const asked = await farm.askUnheard(yesTo(run))
    await farm.restart(15 * MINUTE)
    const answer = (id: string) =>
      farm.state.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect((await answer(asked.id)).state).toBe('accepted')
    const late = await farm.askUnheard({ ...yesTo(other), atMs: other.startMs - MINUTE })
    await farm.restart(11 * MINUTE)
    expect(await answer(late.id)).toMatchObject({ state: 'refused', reason: 'expired' })
  })

  it('is refused when the plan has moved the run since, and the new time can be approved', async () => {
    const run = await propose(30)
    const startMs = run.startMs + 60 * MINUTE
    expect(await replan(run, { startMs })).toEqual([])
    expect(await approve(run)).toBe('stale-request')
    expect(await farm.run()).toMatchObject({ state: 'proposed', approvedBy: null })
    expect(await approve({ ...run, minutes: 11, startMs })).toBe('stale-request')
    expect(await approve({ ...run, startMs })).toBe('accepted')
  })

  it.each([
    ['replaced by another', { state: 'cancelled', endReason: 'replaced' }],
    ['skipped for rain that came', { state: 'skipped', endReason: 'rain-reached' }],
    ['skipped by a person', { state: 'cancelled', endReason: 'by-person' }],
  ] as const)('is refused when the run was %s before its time, and opens nothing', async (_, set) => {
    const run = await propose(30)
    await replan(run, set)
    expect(await approve(run)).toBe('stale-request')
    expect(await farm.run()).toMatchObject(set)
    await farm.pass(35 * MINUTE)
    expect(await approve(run)).toBe('expired')
    expect(farm.controller.openMs()).toBe(0)
  })

  it('of a second person finds it approved, and adds nothing; of one who saw another time, it is refused', async () => {
    const run = await propose(30)
    expect(await approve(run)).toBe('accepted')
    expect(await approve(run, { actor: 'user-mori' })).toBe('accepted')
    expect(await approve({ ...run, startMs: run.startMs - MINUTE }, { actor: 'user-mori' })).toBe(
      'stale-request',
    )
    expect(await farm.run()).toMatchObject({ approvedBy: 'user-sato' })
    await farm.pass(41 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
  })

  it.each([
    ['of its zone', { kind: 'stop' }, 'stale-request'],
    ['of everything', { kind: 'stop-all', zoneId: null }, 'stale-request'],
    ['of another zone', { kind: 'stop', zoneId: 'zone-2' }, 'accepted'],
  ] as const)('after a STOP %s within the hour before its time', async (_, stop, said) => {
    const run = await propose(40)
    await farm.ask(stop)
    await farm.pass(5 * MINUTE)
    expect(await approve(run)).toBe(said)
  })

  it('approves a run that an earlier STOP would not have cancelled', async () => {
    const run = await propose(70)
    await farm.ask({ kind: 'stop' })
    expect(await approve(run)).toBe('accepted')
  })

  it.each([1, 2, 3])(
    'and a plan that moves the run after read %i of dispatch never both succeed',
    async (look) => {
      const run = await propose(30)
      const startMs = run.startMs + 5 * MINUTE
      const request = await farm.askUnheard(yesTo(run))
      let looks = 0
      let moved: Promise<string[]> | undefined
      const state = farm.state.withPlugin({
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          if (++looks !== look) return result
          // the plan waits for the store, which returns this read first
          moved = replan(run, { startMs })
          for (let i = 0; i < 50; i++) await turn()
          return result
        },
      })
      const out = createOutbox({ bus: farm.bus, log: quiet })
      const clock = steadyClock(farm.serverClock)
      const dispatch: Partial<DispatchState> = { state, clock, timing: standardTiming, outbox: out }
      const answer = await approveNow(dispatch as DispatchState, request)
      // on SQLite the plan is always the first to write, on PostgreSQL either
      const isMoved = (await moved)!.length === 0
      expect(isMoved || isOnPostgres).toBe(true)
      expect(answer).toEqual(isMoved ? { refused: 'stale-request' } : { resultId: run.id })
      expect(await farm.run()).toMatchObject(
        isMoved
          ? { state: 'proposed', startMs, approvedBy: null }
          : { state: 'approved', startMs: run.startMs, approvedBy: 'user-sato' },
      )
    },
  )
  it('that was written first overtakes a plan that was made before it', async () => {
    const run = await propose(30)
    expect(await approve(run)).toBe('accepted')
    expect(await replan(run, { startMs: run.startMs + 5 * MINUTE })).toEqual(['farm-1'])
    expect(await farm.run()).toMatchObject({ state: 'approved', startMs: run.startMs })
  })
})

describe('a queued approval of a part of a dose', () => {
  const addDose = async () => [
    await propose(10, { doseId: 'run-1' }),
    await propose(30, { doseId: 'run-1' }),
    await propose(50, { doseId: 'run-1' }),
  ]
  const states = async () => {
    const runs = await farm.state.selectFrom('run').select('state').orderBy('id').execute()
    return runs.map(({ state }) => state)
  }

  it('approves all of it, and approvals of the other parts find it approved', async () => {
    for (const part of await addDose()) expect(await approve(part)).toBe('accepted')
    expect(await states()).toEqual(['approved', 'approved', 'approved'])
    await farm.pass(61 * MINUTE)
    expect(farm.controller.openMs()).toBe(30 * MINUTE)
  })

  it('is too late after the planned start of its first part, even if the approved part is ahead', async () => {
    const [, second] = await addDose()
    await farm.pass(10 * MINUTE)
    expect(await approve(second!)).toBe('expired')
    await farm.pass(35 * MINUTE)
    expect(await states()).toEqual(['proposed', 'proposed', 'proposed'])
    expect(farm.controller.openMs()).toBe(0)
  })
})

describe.each([
  ['that is sent now, for a run as it was seen', { decidedOfflineAtMs: null }],
  [
    'of a caller without the values that were seen',
    { decidedOfflineAtMs: null, expectedStartMs: null, minutes: null },
  ],
])('an approval %s', (_, now) => {
  it('is accepted until the window of the run is over', async () => {
    const run = await propose(5)
    const other = await propose(5, { zoneId: 'zone-2', fieldId: 'field-2' })
    await farm.pass(15 * MINUTE)
    expect(await approve(run, now)).toBe('accepted')
    await farm.pass(6 * MINUTE)
    expect(await approve(other, now)).toBe('expired')
  })

  it('is from a person who saw the STOP before it', async () => {
    const run = await propose(40)
    await farm.ask({ kind: 'stop-all', zoneId: null })
    await farm.pass(5 * MINUTE)
    expect(await approve(run, now)).toBe('accepted')
  })

  it('of a part of a dose that is ahead is accepted, even if its first part was missed', async () => {
    const [, second] = [await propose(10, { doseId: 'run-1' }), await propose(60, { doseId: 'run-1' })]
    await farm.pass(40 * MINUTE)
    expect(await approve(second, now)).toBe('accepted')
    await farm.pass(35 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
  })
})

it('a new approval of a run that the plan has moved since it was seen is refused', async () => {
  const run = await propose(30)
  await replan(run, { startMs: run.startMs + 60 * MINUTE })
  expect(await approve(run, { decidedOfflineAtMs: null })).toBe('stale-request')
})
