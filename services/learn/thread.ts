/**
 * The thread that learns: the event loop, which acknowledges messages and shuts valves, never waits for a model. It is
 * begun when there is work, and ends when there was none for a while.
 */
import { Worker } from 'node:worker_threads'
import type { Day } from '../../broker/contract/time.ts'
import type { ModelKind } from '../tables.ts'
import type { Fit } from './fitter.ts'
import type { Night } from './learn-subject.ts'

/** What the thread is asked, and answers in the same order: a night each, or why there is none. */
export interface Asked {
  kind: ModelKind
  throughDay: Day
  subjects: { stored: Fit | null; data: unknown }[]
}
export type Answered = ({ night: Night } | { failed: string })[]

export interface Thread {
  /** One question at a time. Rejects when the thread dies. */
  ask(asked: Asked): Promise<Answered>
  end(): Promise<void>
}

/** Of the wall, whatever a simulation's clock does: its nights follow one another in less. */
const IDLE_MS = 10_000

export function openThread(): Thread {
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
        const ended = () => died(new Error('the learning thread ended'))
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
