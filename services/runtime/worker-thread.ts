/**
 * Work for a thread of its own: the event loop, which acknowledges messages and shuts valves, never waits for it. The thread
 * is begun when there is work, and ends when there was none for a while. Its own side is `worker-entry.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { TilthError, type ErrorCode } from '../errors.ts'

export interface WorkerClient<Asked, Answered> {
  /**
   * One question at a time; `tell` hears how far the answer is, 0-1. Rejects with the error of the thread, a TilthError with
   * its code, and when the thread dies or is ended.
   */
  ask(asked: Asked, tell?: (share: number) => void): Promise<Answered>
  /** Ends it at once; the next question begins another. */
  end(): Promise<void>
}

/** What a thread begins with. `given` is for its answers alone: secrets go this way, never by argv. */
export interface WorkerInit {
  init: unknown
  locks: Int32Array // shared, see `cellOf`
}
/**
 * 1 in `held`: the thread is where it must not be ended. 1 in `ending`: it is to be ended, and holds itself no more. Each
 * side writes its own cell before it reads the other's, so that they never miss one another.
 */
export const lockSlot = { held: 0, ending: 1 } as const

/** What a thread says of a question: how far it is, then its answer or its error. */
export type WorkerMessage<Answered> = { share: number } | { answered: Answered } | { failed: WorkerFailure }
export interface WorkerFailure {
  code: ErrorCode | null // null: a bug
  message: string
  params: TilthError['params']
  stack: string | undefined
}

/** Of the wall, whatever a simulation's clock does: its nights follow one another in less. */
const IDLE_MS = 10_000
const POLL_MS = 1

/**
 * `beside`: the module (import.meta.url) whose folder holds the `thread-worker` that answers; `name`: for its errors;
 * `given`: plain data for its answers.
 */
export function createWorkerClient<Asked, Answered>(
  beside: string,
  name: string,
  given: unknown = null,
): WorkerClient<Asked, Answered> {
  let thread: Thread | null = null
  let idle: NodeJS.Timeout | undefined
  let giveUp: ((error: Error) => void) | null = null // of the question that is open
  async function end(): Promise<void> {
    clearTimeout(idle)
    const it = thread
    thread = null
    giveUp?.(new Error(`${name} was ended`))
    if (it !== null) await terminateWorker(it)
  }
  function begun(): Thread {
    const it = startThread(beside, given)
    it.worker.on('error', () => {}) // whoever asks hears of it
    it.worker.once('exit', () => void (thread === it && (thread = null)))
    return it
  }
  return {
    ask: (asked, tell) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle)
        const { worker } = (thread ??= begun())
        const done = () => {
          giveUp = null
          idle = setTimeout(() => void end(), IDLE_MS).unref()
          worker.off('message', heard).off('error', died).off('exit', left)
        }
        const heard = (said: WorkerMessage<Answered>) => {
          if ('share' in said) return tell?.(said.share)
          done()
          if ('answered' in said) resolve(said.answered)
          else reject(toError(said.failed))
        }
        const died = (error: unknown) => {
          done()
          thread = null
          reject(error instanceof Error ? error : new Error(String(error)))
        }
        const left = () => died(new Error(`${name} ended`))
        giveUp = died
        worker.on('message', heard).on('error', died).on('exit', left)
        worker.postMessage(asked)
      }),
    end,
  }
}

interface Thread {
  worker: Worker
  locks: Int32Array
}

async function terminateWorker({ worker, locks: cells }: Thread): Promise<void> {
  Atomics.store(cells, lockSlot.ending, 1)
  while (Atomics.load(cells, lockSlot.held) === 1) await sleep(POLL_MS)
  await worker.terminate()
}

function toError({ code, message, params, stack }: WorkerFailure): Error {
  const error =
    code === null ? new Error(message) : new TilthError(code, message, params === undefined ? {} : { params })
  if (stack !== undefined) error.stack = stack
  return error
}

// what a thread has just made is swept often: a small machine has its memory back, and nobody waits for the thread
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

function startThread(beside: string, given: unknown): Thread {
  const cells = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  const workerData: WorkerInit = { init: given, locks: cells }
  return { worker: startWorker(beside, workerData), locks: cells }
}

/** Emitted, or from the sources, read by tsx, which a thread must be told of anew. */
function startWorker(beside: string, workerData: WorkerInit): Worker {
  const options = { resourceLimits, workerData }
  if (!beside.endsWith('.ts')) return new Worker(new URL('./thread-worker.js', beside), options)
  const source = JSON.stringify(new URL('./thread-worker.ts', beside).href)
  return new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`, {
    eval: true,
    ...options,
  })
}
