/** A controller of another make that runs, and when its rows need another one. */
import type { ControllerRunner } from './controller-runner.ts'
import type { StoredController } from './controller-rows.ts'
import type { RunningTest } from './test-runs.ts'
import type { valueReader } from './valve-values.ts'

/** A controller that runs. */
export interface RunningController {
  stored: StoredController
  runner: ControllerRunner
  values: ReturnType<typeof valueReader>
  tests: Map<string, RunningTest>
  /** of its gateway, as it publishes it now */
  version: string | null
  /** A STOP closed its valves, and nothing was opened since. */
  isStopped: boolean
  endWatch: () => void
}

/** After an update of its gateway a valve is tested again. */
export function withCurrentTests(stored: StoredController, version: string | null): StoredController {
  const valves = Object.entries(stored.valves).map(([id, valve]) => {
    const isOther = version !== null && valve.testedVersion !== version
    return [id, isOther ? { ...valve, setup: { ...valve.setup, testedProof: null } } : valve]
  })
  return { ...stored, valves: Object.fromEntries(valves) as StoredController['valves'] }
}

/** Whether the same valves are driven in the same way. */
export function isSameSet(a: StoredController, b: StoredController): boolean {
  const of = ({ valves, integration, commandKey }: StoredController) =>
    JSON.stringify([
      integration.id,
      commandKey,
      Object.entries(valves).map(([id, { setup, meterDeviceId }]) => [
        id,
        setup.driver.name,
        setup.address,
        meterDeviceId,
      ]),
    ])
  return of(a) === of(b)
}
