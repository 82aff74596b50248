/** Parts that a simulation replaces when it starts Tilth; a real farm sets none of these. */
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import type { Clock } from '../../broker/contract/time.ts'
import type { Job, Logger } from '../ports.ts'
import type { StoreName } from '../config/store-manifest.ts'
import type { Ticker } from '../runtime/job-runner.ts'

export interface StartOptions {
  clock?: Clock
  /** speed of the clock relative to real time; 1 on a real farm */
  speed?: number
  /** intervals of the command protocol; a simulation that passes a season in seconds stretches them */
  timing?: Timing
  /** seconds of a processor in which a better schedule of a farm is searched; default 10 */
  searchS?: number
  ticker?: Ticker
  /** lets a simulation that passes a season in seconds run a job less often */
  adaptJob?: (job: Job) => Job
  /** stores whose loss the person who starts Tilth accepts */
  acceptLoss?: readonly StoreName[]
  /**
   * called when another engine may have taken over (STATE=postgres:). It must end the process; the default leaves it
   * running, unable to write or send
   */
  onLeadershipLost?: (reason: string) => void
  demo?: boolean
  /** announces the name on the local network; only the server itself does, since a network has one such name */
  announcesName?: boolean
  /** name of a weather service that is not the public one: a demonstration names its simulated service here */
  forecastSource?: string
  /** the built dashboard, when it is not in its default place */
  dashboardDir?: string
  log?: Logger
}
