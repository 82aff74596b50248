/** Starts what decides and acts: the water state, the plan, the valves of other makes, dispatch, and learning. */
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import { startDispatch, type Dispatch } from '../dispatch/dispatch.ts'
import { startEstimate } from '../estimate/start-estimate.ts'
import { startForeignValves, type ForeignValves } from '../foreign-valves/start-foreign-valves.ts'
import { startLearn, type Learn } from '../learn/start-learn.ts'
import { outputsJob } from '../plan/outputs/outputs-job.ts'
import { startPlanner } from '../plan/run/planner.ts'
import { createImprover, type Improver } from '../plan/schedule/improver.ts'
import type { Bus, Clock, Job, Logger, Running, SeriesStore } from '../ports.ts'
import type { Forecast } from '../ports/forecast.ts'
import type { IntegrationConnections } from '../ports/integrations.ts'
import type { Journal } from '../ports/journal.ts'
import type { Profile } from '../integrations/profiles/read-profile.ts'
import type { OpenState } from '../adapters/state.ts'
import type { ShutdownStack } from './shutdown-stack.ts'

export interface Planning {
  jobs: Job[]
  learn: Learn
  foreignValves: ForeignValves
  schedules: Improver
  incidents: Dispatch['incidents']
  /** Resolves when everything that was published so far is processed. */
  settled(): Promise<void>
}

/** `handle` opens a connection to the state store: valves and calculations each have their own. */
export async function startPlanning(
  deps: {
    handle: OpenState['handle']
    series: SeriesStore
    forecast: Forecast
    bus: Bus
    journal: Pick<Journal, 'notes' | 'putNote'>
    clock: Clock
    log: Logger
    timing: Timing
    connections: IntegrationConnections
    profiles: () => ReadonlyMap<string, Profile>
    searchS: number | undefined
  },
  { defer }: Pick<ShutdownStack, 'defer'>,
): Promise<Planning> {
  const { handle, bus, clock, log, connections, profiles, searchS } = deps
  const stop = (part: Running) => part.stop()
  const calculation = { ...deps, state: handle() }
  const schedules = defer(createImprover({ log, seconds: searchS }), (part) => part.end())
  const estimate = defer(await startEstimate(calculation), stop)
  const plan = defer(await startPlanner({ ...calculation, improver: schedules }), stop)
  const foreignValves = defer(
    await startForeignValves({ state: handle(), bus, clock, log, connections, profiles }),
    stop,
  )
  const dispatch = defer(await startDispatch({ ...deps, state: handle() }), stop)
  return {
    jobs: [...estimate.jobs, ...plan.jobs, outputsJob(calculation)],
    learn: startLearn(calculation),
    foreignValves,
    schedules,
    incidents: dispatch.incidents,
    async settled() {
      await estimate.settled()
      await plan.settled()
      await foreignValves.settled()
      await dispatch.settled()
    },
  }
}
