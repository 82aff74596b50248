/**
 * The thread that improves a schedule: the event loop never waits for HiGHS. It is begun when there is work, and ends
 * when there was none for a while, as the solver keeps some hundred megabytes.
 */
import { Worker } from 'node:worker_threads'
import type { Improved } from './improve.ts'
import type { Problem } from './types.ts'

export interface Asked {
  problem: Problem
  seconds: number
}
export type Answered = { improved: Improved } | { failed: string }

export interface ScheduleThread {
  /** One question at a time. Rejects when the thread dies. */
  ask(asked: Asked): Promise<Answered>
  end(): Promise<void>
}

/** Of the wall, whatever a simulation's clock does. */
const IDLE_MS = 10_000

export function openThread(): ScheduleThread {
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  async function end(): Promise<void> {
    clearTimeout(idle)
    const it = worker
    worker = null // the next question begins another
    await it?.terminate()
  }
  return {
    ask: (asked) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle)
        const it = (worker ??= startWorker())
        const done = () => {
          idle = setTimeout(() => void end(), IDLE_MS).unref()
          it.off('message', heard)
          it.off('error', died)
          it.off('exit', ended)
        }
        const heard = (answered: Answered) => {
          done()
          resolve(answered)
        }
        const died = (error: unknown) => {
          done()
          worker = null
          reject(error instanceof Error ? error : new Error(String(error)))
        }
        const ended = () => died(new Error('the thread of the schedule ended'))
        it.on('message', heard)
        it.on('error', died)
        it.on('exit', ended)
        it.postMessage(asked)
      }),
    end,
  }
}

/** Beside this file, emitted; from the sources, read by tsx, which a thread must be told of anew. */
function startWorker(): Worker {
  if (!import.meta.filename.endsWith('.ts')) return new Worker(new URL('./thread-worker.js', import.meta.url))
  const source = JSON.stringify(new URL('./thread-worker.ts', import.meta.url).href)
  return new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`, {
    eval: true,
  })
}
