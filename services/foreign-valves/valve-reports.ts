/** What follows from the report of a valve: the log, an alert, the outcome of a test run. */
import { appendAudit } from '../audit/audit-log.ts'
import type { Bus, Clock, Logger, State } from '../ports.ts'
import { inOrg } from '../runtime/transactions.ts'
import { publishChange } from '../runtime/change-events.ts'
import { toJson } from '../tables.ts'
import type { ControllerEffect } from './controller-types.ts'
import type { StoredController } from './controller-rows.ts'
import { alertAfter, type ForeignAlerts } from './foreign-alerts.ts'
import type { RunningController } from './running-controller.ts'
import { testAfter } from './test-runs.ts'

/** Takes the reports of the valves of a controller. */
export function reportTaker(deps: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  alerts: ForeignAlerts
  monoMs: () => number
}) {
  const { state, bus, clock, log, alerts, monoMs } = deps

  async function reported(
    { stored, tests, version }: RunningController,
    { valve, report }: Extract<ControllerEffect, { type: 'report' }>,
  ): Promise<void> {
    const { org, deviceId: device } = stored
    const now = { atMs: clock.now(), monoMs: monoMs() }
    if (report.is !== 'opened' && report.is !== 'closed')
      log.warn({ device, valve, ...report }, 'a valve of another make')
    const test = tests.get(valve)
    if (test !== undefined) {
      const next = testAfter(test, report, now.monoMs)
      if ('test' in next) tests.set(valve, next.test)
      else {
        tests.delete(valve)
        await storeTest(stored, valve, next, version)
      }
    }
    await alertAfter(alerts, { org, device, valve }, report, now)
  }

  async function storeTest(
    { deviceId, org }: StoredController,
    valve: string,
    { outcome, proof }: Extract<ReturnType<typeof testAfter>, { outcome: object }>,
    version: string | null,
  ): Promise<void> {
    const atMs = clock.now()
    await inOrg(state, org, async (rows) => {
      await rows
        .updateTable('foreignValve')
        .set({
          testedProof: proof,
          testedVersion: version,
          testedAtMs: atMs,
          test: toJson(outcome),
          ...(proof === null ? {} : { isSetUp: 1 as const }),
        })
        .where('deviceId', '=', deviceId)
        .where('valve', '=', valve)
        .execute()
      await appendAudit(rows, {
        org,
        atMs,
        actor: 'system',
        action: 'valve.tested',
        subject: deviceId,
        detail: { valve, ...outcome },
      })
    })
    await publishChange(bus, org, { event: 'device', atMs, id: deviceId })
  }

  return reported
}
