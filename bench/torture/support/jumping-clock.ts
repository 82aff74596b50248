/**
 * A server whose clock is set while it runs: timers keep their duration, readers of the time get the new one. Also logs
 * its jobs: when each was due and run.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import type { AtMs, Clock } from '../../../broker/contract/time.ts'
import type { Job } from '../../../services/ports.ts'

/** On SIGUSR2 the clock reads its offset from a file. */
export function jumpingClock(base: Clock, file: string | undefined): Clock {
  if (file === undefined) return base
  let offMs = 0
  process.on('SIGUSR2', () => void (offMs = Number(readFileSync(file, 'utf8'))))
  return {
    now: () => base.now() + offMs,
    at: (atMs, run) => base.at(atMs - offMs, run),
    monoMs: () => base.now(),
  }
}

export interface JobLine {
  job: string
  dueAtMs: AtMs
  what: 'due' | 'run'
}

/** Logs each due instant of a job once, and each run. */
export const logJobRuns =
  (file: string) =>
  (job: Job): Job => {
    const logged = new Set<AtMs>()
    const writeLine = (dueAtMs: AtMs, what: JobLine['what']) =>
      appendFileSync(file, `${JSON.stringify({ job: job.name, dueAtMs, what } satisfies JobLine)}\n`)
    return {
      ...job,
      async lastDue(nowMs) {
        const dueAtMs = await job.lastDue(nowMs)
        if (dueAtMs !== null && !logged.has(dueAtMs)) {
          logged.add(dueAtMs)
          writeLine(dueAtMs, 'due')
        }
        return dueAtMs
      },
      async run(dueAtMs) {
        await job.run(dueAtMs)
        writeLine(dueAtMs, 'run')
      },
    }
  }

/** Jobs that were due but not run, and jobs run more than once for one instant. */
export function judgeJobs(text: string): { due: number; missed: string[]; twice: string[] } {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JobLine)
  const runs = new Map<string, number>()
  for (const { job, dueAtMs, what } of lines)
    if (what === 'run') runs.set(`${job} ${dueAtMs}`, (runs.get(`${job} ${dueAtMs}`) ?? 0) + 1)
  const dueJobs = new Set(
    lines.filter(({ what }) => what === 'due').map(({ job, dueAtMs }) => `${job} ${dueAtMs}`),
  )
  return {
    due: dueJobs.size,
    missed: [...dueJobs].filter((key) => !runs.has(key)),
    twice: [...runs].filter(([, times]) => times > 1).map(([key]) => key),
  }
}
