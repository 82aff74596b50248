/** What a simulation replaces when it starts Tilth; a real farm starts without any of these. */
import type { Timing } from '../../broker/contract/command-lifecycle/reduce.ts'
import type { Clock } from '../../broker/contract/time.ts'
import type { Job, Logger } from '../ports.ts'
import type { Ticker } from '../runtime/job-runner.ts'

export interface StartOptions {
  clock?: Clock
  /** how much faster than the wall the clock runs; 1 on a real farm */
  speed?: number
  /** intervals of the command protocol; stretched when a simulation passes a season in seconds */
  timing?: Timing
  ticker?: Ticker
  /** lets a simulation that passes a season in seconds do a job less often */
  adaptJob?: (job: Job) => Job
  demo?: boolean
  /** what a weather service is called that is not the public one: in a demonstration it is simulated, and says so */
  forecastSource?: string
  /** the built dashboard, when it is not in its usual place */
  dashboardDir?: string
  log?: Logger
}
