/** What a person does with a valve of another make: its test run, and its release after a lock. */
import { randomUUID } from 'node:crypto'
import { appendAudit } from '../audit/audit-log.ts'
import type { Clock, State } from '../ports.ts'
import type { ForeignValveControl } from '../ports/integrations.ts'
import { foreignCauses, type ForeignAlerts } from './foreign-alerts.ts'
import { TEST_MS } from './foreign-controller.ts'
import type { RunningController } from './running-controller.ts'

/** `enqueue`: the queue of all events; `setWake`: after an event the next wake may be earlier. */
export function valveControl({
  state,
  clock,
  alerts,
  entries,
  enqueue,
  monoMs,
  setWake,
}: {
  state: State
  clock: Clock
  alerts: ForeignAlerts
  entries: ReadonlyMap<string, RunningController>
  enqueue: <T>(task: () => Promise<T>) => Promise<T>
  monoMs: () => number
  setWake: () => void
}): ForeignValveControl {
  return {
    startTest: (org, deviceId, valve, actor) =>
      enqueue(async () => {
        const entry = entries.get(deviceId)
        const output = entry?.runner.controller().outputs[valve]
        if (entry === undefined || output === undefined || entry.stored.org !== org) return 'unknown'
        if (output.valve.run !== null || entry.tests.has(valve)) return 'busy'
        if (!output.valve.isLinkUp) return 'link-down'
        const atMs = clock.now()
        await appendAudit(state, {
          org,
          atMs,
          actor,
          action: 'valve.test',
          subject: deviceId,
          detail: { valve },
        })
        entry.tests.set(valve, { startedMonoMs: monoMs(), openedMonoMs: null })
        const notAfterMs = atMs + TEST_MS
        await entry.runner.apply({ type: 'test', valve, commandId: randomUUID(), notAfterMs })
        setWake()
        return 'started'
      }),
    unlock: (org, deviceId, valve) =>
      enqueue(async () => {
        const entry = entries.get(deviceId)
        if (entry?.stored.org !== org || entry.runner.controller().outputs[valve] === undefined) return false
        await entry.runner.apply({ type: 'driver', valve, event: { type: 'unlocked' } })
        const subject = { org, device: deviceId, valve, fieldId: null }
        for (const cause of foreignCauses) await alerts.clear(cause, subject, clock.now())
        return true
      }),
    isTesting: (deviceId, valve) => entries.get(deviceId)?.tests.has(valve) === true,
  }
}
