/**
 * A server whose clock is set while it runs, as a person or a time server does it: what waits goes on waiting for as long
 * as it was to, and what asks for the time is given the new one. Also an account of its jobs: when one was due, and run.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import type { AtMs, Clock } from '../../../broker/contract/time.ts'
import type { Job } from '../../../services/ports.ts'

/** The clock reads how far it is off from a file, when the process is told to by SIGUSR2. */
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

/** Writes each answer of a job to when it was due, once, and each time that it is run. */
export const logJobRuns =
  (file: string) =>
  (job: Job): Job => {
    const told = new Set<AtMs>()
    const write = (dueAtMs: AtMs, what: JobLine['what']) =>
      appendFileSync(file, `${JSON.stringify({ job: job.name, dueAtMs, what } satisfies JobLine)}\n`)
    return {
      ...job,
      async lastDue(nowMs) {
        const dueAtMs = await job.lastDue(nowMs)
        if (dueAtMs !== null && !told.has(dueAtMs)) {
          told.add(dueAtMs)
          write(dueAtMs, 'due')
        }
        return dueAtMs
      },
      async run(dueAtMs) {
        await job.run(dueAtMs)
        write(dueAtMs, 'run')
      },
    }
  }

/** Jobs that were due and not run, and those that were run more than once for one instant. */
export function judgeJobs(text: string): { due: number; missed: string[]; twice: string[] } {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JobLine)
  const runs = new Map<string, number>()
  for (const { job, dueAtMs, what } of lines)
    if (what === 'run') runs.set(`${job} ${dueAtMs}`, (runs.get(`${job} ${dueAtMs}`) ?? 0) + 1)
  const due = new Set(
    lines.filter(({ what }) => what === 'due').map(({ job, dueAtMs }) => `${job} ${dueAtMs}`),
  )
  return {
    due: due.size,
    missed: [...due].filter((key) => !runs.has(key)),
    twice: [...runs].filter(([, times]) => times > 1).map(([key]) => key),
  }
}
