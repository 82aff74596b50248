/** The setup of valves: a second bound in the device itself, also of runs that others start. */
import { randomUUID } from 'node:crypto'
import { DRIVER_CAP_MS, stepsOf } from '../drivers/plan-steps.ts'
import type { PublishStep } from '../drivers/driver-types.ts'
import type { RunningController } from './running-controller.ts'

/**
 * The messages of the setup of each valve that has not passed a test run since it was sent, and has no run now. It counts
 * once the valve has passed.
 */
export function setupSteps({ stored, runner }: RunningController): PublishStep[] {
  return Object.entries(stored.valves).flatMap(([valve, { setup }]) => {
    if (setup.isSetUp || runner.controller().outputs[valve]?.valve.run !== null) return []
    // only an open expires
    const ids = { requestId: 0, messageId: randomUUID(), notAfterMs: 0 }
    const planned = stepsOf(setup.driver, setup.address, { op: 'setup', capMs: DRIVER_CAP_MS, ...ids })
    return planned.ok ? planned.value.steps.filter((step) => step.type === 'publish') : []
  })
}
