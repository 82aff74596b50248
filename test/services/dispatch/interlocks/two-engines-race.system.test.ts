/**
 * The daily limit of a zone while two engines open it on one PostgreSQL, each with connections and a memory of its own and
 * without the lease that keeps all but one from writing (T3).
 */
import { expect, it } from 'vitest'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { virtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { openState } from '../../../../services/adapters/state.ts'
import { verifyAudit } from '../../../../services/audit/audit-log.ts'
import { newConnection } from '../../../../services/dispatch/controllers/connections.ts'
import { OpenCommands, type OpenCommand } from '../../../../services/dispatch/dispatch-state.ts'
import { newFlowState } from '../../../../services/dispatch/flow/flow-supervision.ts'
import { steadyClock } from '../../../../services/dispatch/monotonic-clock.ts'
import { createOutbox } from '../../../../services/dispatch/outbox.ts'
import { newMonitorState } from '../../../../services/dispatch/protocol-monitor/monitor.ts'
import { irrigationRow } from '../../../../services/dispatch/runs/irrigation-record.ts'
import { openRun } from '../../../../services/dispatch/runs/open-run.ts'
import { createValveStateStore } from '../../../../services/dispatch/controllers/valve-state.ts'
import { loadValveAlerts } from '../../../../services/dispatch/alerts.ts'
import type { State } from '../../../../services/ports.ts'
import { inOrg } from '../../../../services/runtime/transactions.ts'
import type { RunRow } from '../../../../services/tables.ts'
import { describeWithPostgres } from '../../../support/postgres.ts'
import { openPostgresTestState } from '../../../support/state.ts'
import { CONTROLLER, fillFarm, ORG, START_MS, zone as plainZone } from '../farm-rows.ts'

// each round has room for one more run, and both engines attempt several
const ROUNDS = 40
const ATTEMPTS = 200
// a run of 2 min gives 100 L
const MINUTES = 2
const RUN_LITRES = 100
const zone = { ...plainZone, dailyMaxLitres: RUN_LITRES }

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const clock = virtualClock(START_MS)

/** What opening needs of an engine; its controller is online with a closed valve. */
async function engineOn(state: State) {
  const bus = { publish: async () => {} }
  const outbox = createOutbox({ bus: bus as never, log: quiet })
  const link = newConnection(ORG, CONTROLLER)
  link.sess = 'session-1'
  link.heartbeat = { sess: link.sess, n: 1, monoMs: 1_000, receivedAtMs: START_MS }
  link.state = {
    v: 1,
    sess: link.sess,
    sv: 1,
    monoMs: 1_000,
    last: {},
    valves: [{ id: 'V1', pos: 'closed', fb: null, seq: 0, ranMs: 0, why: 'boot' }],
    jr: [],
    capMs: 60 * MINUTE_MS,
    fw: '1',
    utcOk: true,
  }
  return {
    state,
    clock: steadyClock(clock),
    log: quiet,
    timing: standardTiming,
    outbox,
    alerts: await loadValveAlerts({ state, log: quiet, out: outbox }),
    valveStates: createValveStateStore({ state }),
    connections: new Map([[CONTROLLER, link]]),
    commandKeys: new Map(),
    refusedKinds: new Map(),
    forcedCloses: new Map(),
    faultClears: new Map(),
    openCommands: new OpenCommands(),
    monitor: newMonitorState(),
    flow: newFlowState(),
  }
}
type Engine = Awaited<ReturnType<typeof engineOn>>

const runRow = (n: number): RunRow => ({
  id: `run-${n}`,
  org: ORG,
  farmId: zone.farmId,
  fieldId: zone.fieldId,
  zoneId: zone.id,
  day: '2026-07-07',
  startMs: START_MS,
  minutes: MINUTES,
  netMm: 0.16,
  grossMm: 0.2,
  litres: null,
  state: 'approved',
  cause: 'balance',
  rainSkip: null,
  decisionId: 'why-1',
  planVersion: 'p7',
  actor: 'plan',
  approvedBy: null,
  endReason: null,
  updatedAtMs: START_MS,
})

/** Opens it when the valve is free; returns whether it was opened. */
async function attempt(engine: Engine, run: RunRow): Promise<boolean> {
  for (;;) {
    const opening = {
      run,
      zone,
      doseMs: MINUTES * MINUTE_MS,
      expiresAtMs: START_MS + 600_000,
      requestId: null,
    }
    const result = await openRun(engine, opening)
    if (result.do === 'open') {
      await end(engine, run, result.openCommand)
      return true
    }
    if (result.do !== 'wait') {
      expect(result).toEqual({ do: 'skip', why: 'daily-limit' })
      return false
    }
    await new Promise(setImmediate)
  }
}

/** The valve has run its time. */
async function end(
  { state, openCommands }: Engine,
  run: RunRow,
  { row, lifecycle }: OpenCommand,
): Promise<void> {
  const endedAtMs = START_MS + MINUTES * MINUTE_MS
  const ended = { ...lifecycle, state: 'done' as const, outcome: 'timer', ranMs: lifecycle.durMs, endedAtMs }
  await inOrg(state, ORG, async (rows) => {
    await rows.updateTable('command').set({ state: 'done', endedAtMs }).where('id', '=', row.id).execute()
    await rows
      .insertInto('irrigation')
      .values(irrigationRow(ended, row, run, zone, null))
      .execute()
  })
  openCommands.delete(row.id)
}

describeWithPostgres('two engines at the daily limit of a zone', () => {
  it('never open beyond it in 200 attempts, and the audit is whole', async () => {
    const first = await openPostgresTestState()
    const second = await openState(first.url)
    try {
      await fillFarm(first.state)
      const runs = Array.from({ length: ATTEMPTS }, (_, n) => runRow(n))
      await first.state.insertInto('run').values(runs).execute()
      const engines = [await engineOn(first.state), await engineOn(second.state)]
      for (let round = 1; round <= ROUNDS; round++) {
        await first.state
          .updateTable('zone')
          .set({ dailyMaxLitres: round * RUN_LITRES })
          .where('id', '=', zone.id)
          .execute()
        const attempts = runs.splice(0, ATTEMPTS / ROUNDS)
        const opened = await Promise.all(attempts.map((run, n) => attempt(engines[n % 2]!, run)))
        expect(opened.filter(Boolean), `round ${round}`).toHaveLength(1)
      }
      const commands = await first.state.selectFrom('command').select('seq').orderBy('seq').execute()
      expect(commands.map(({ seq }) => seq)).toEqual(Array.from({ length: ROUNDS }, (_, n) => n + 1))
      expect((await verifyAudit(first.state, ORG)).broken).toBeNull()
    } finally {
      await second.close()
      await first.close()
    }
  }, 60_000)
})
