/**
 * Work for a thread of its own: the event loop, which acknowledges messages and shuts valves, never waits for it. The thread
 * is begun when there is work, and ends when there was none for a while.
 */
import { Worker } from 'node:worker_threads'

export interface IdleThread<Asked, Answered> {
  /** One question at a time. Rejects when the thread dies. */
  ask(asked: Asked): Promise<Answered>
  end(): Promise<void>
}

/** Of the wall, whatever a simulation's clock does: its nights follow one another in less. */
const IDLE_MS = 10_000

/** `beside`: the module (import.meta.url) whose folder holds the `thread-worker` that answers; `name`: for its errors. */
export function openIdleThread<Asked, Answered>(beside: string, name: string): IdleThread<Asked, Answered> {
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
        const it = (worker ??= startWorker(beside))
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
        const ended = () => died(new Error(`${name} ended`))
        it.on('message', heard)
        it.on('error', died)
        it.on('exit', ended)
        it.postMessage(asked)
      }),
    end,
  }
}

// what a thread has just made is swept often: a small machine has its memory back, and nobody waits for the thread
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

/** Emitted, or from the sources, read by tsx, which a thread must be told of anew. */
function startWorker(beside: string): Worker {
  if (!beside.endsWith('.ts')) return new Worker(new URL('./thread-worker.js', beside), { resourceLimits })
  const source = JSON.stringify(new URL('./thread-worker.ts', beside).href)
  return new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`, {
    ...{ eval: true, resourceLimits },
  })
}
