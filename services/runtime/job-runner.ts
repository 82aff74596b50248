/**
 * Runs due jobs. node-cron only ticks (in UTC, once a minute); due instants come from each job and from the
 * `job_run` table with its unique key, so a job missed while the process was down is caught up and none runs twice,
 * even if a clock changes.
 */
import cron from 'node-cron'
import type { Job, Logger, Running, State } from '../ports.ts'
import { MINUTE_MS, type AtMs, type Clock } from '../../broker/contract/time.ts'
import { serialQueue } from './serial-queue.ts'

/** Calls `tick` repeatedly; returns a function that stops it. */
export type Ticker = (tick: () => Promise<void>) => () => void

/** The ticker of a real farm: every minute of the wall clock; every second when the clock of the farm runs faster. */
export const cronTicker =
  (speed = 1): Ticker =>
  (tick) => {
    const task = cron.schedule(speed > 1 ? '* * * * * *' : '* * * * *', tick, {
      timezone: 'UTC',
      noOverlap: true,
    })
    return () => void task.destroy()
  }

const RETRY_MS = 5 * MINUTE_MS

export interface JobRunner extends Running {
  /** Runs everything that is due now; waits for jobs that already run. */
  tick(): Promise<void>
}

/**
 * First releases the claims of a crashed process. Jobs run one after another; a failed one is logged and retried
 * after 5 minutes.
 */
export function startJobs(deps: {
  jobs: Job[]
  state: State
  clock: Clock
  log: Logger
  ticker: Ticker
}): JobRunner {
  const { jobs, state, clock, log } = deps
  const newest = new Map<string, number>()
  const retryAtMs = new Map<string, number>()

  // a claim without an end belongs to a process that crashed: the job is still due
  async function releaseDeadClaims(): Promise<void> {
    const names = jobs.map((job) => job.name)
    if (names.length === 0) return
    await state.deleteFrom('jobRun').where('job', 'in', names).where('finishedAtMs', 'is', null).execute()
  }

  async function runJob(job: Job): Promise<void> {
    if (clock.now() < (retryAtMs.get(job.name) ?? 0)) return
    const dueAtMs = await job.lastDue(clock.now())
    if (dueAtMs === null || newest.get(job.name) === dueAtMs) return
    const claimed = await state
      .insertInto('jobRun')
      .values({ job: job.name, dueAtMs, startedAtMs: clock.now(), finishedAtMs: null, note: null })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    newest.set(job.name, dueAtMs)
    const isOurs = (claimed.numInsertedOrUpdatedRows ?? 0n) > 0n
    if (!isOurs) return
    const claim = { job: job.name, dueAtMs }
    try {
      if ((await job.run(dueAtMs)) === 'stopped') await release(claim)
      else await updateClaim(claim, clock.now())
    } catch (error) {
      log.error({ ...claim, error }, `job failed; retrying in ${RETRY_MS / MINUTE_MS} minutes`)
      retryAtMs.set(job.name, clock.now() + RETRY_MS)
      await release(claim)
    }
  }

  /** The job is due again: at the next tick, or at the next start. */
  async function release({ job, dueAtMs }: { job: string; dueAtMs: AtMs }): Promise<void> {
    newest.delete(job)
    await state.deleteFrom('jobRun').where('job', '=', job).where('dueAtMs', '=', dueAtMs).execute()
  }

  const updateClaim = ({ job, dueAtMs }: { job: string; dueAtMs: AtMs }, finishedAtMs: AtMs) =>
    state
      .updateTable('jobRun')
      .set({ finishedAtMs })
      .where('job', '=', job)
      .where('dueAtMs', '=', dueAtMs)
      .execute()

  async function runAll(): Promise<void> {
    for (const job of jobs)
      try {
        await runJob(job)
      } catch (error) {
        log.error({ job: job.name, error }, 'the due time of a job could not be read')
      }
  }

  const queue = serialQueue()
  queue
    .enqueue(releaseDeadClaims)
    .catch((error: unknown) => log.error({ error }, 'unfinished jobs could not be released'))
  const tick = () => queue.enqueue(runAll)
  const stopTicker = deps.ticker(tick)
  return {
    tick,
    async stop() {
      stopTicker()
      await queue.settled()
    },
  }
}
