/**
 * Work on a thread of its own: the event loop, which acknowledges messages and closes valves, never waits for it.
 * The thread starts with the first request and ends after a period without requests; one with a limit of memory ends
 * with its request. Its other side is
 * `worker-entry.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { TilthError, type ErrorCode } from '../errors.ts'

export interface WorkerClient<Request, Response> {
  /**
   * One request at a time; `progress` receives the fraction done, 0-1. Rejects with the error of the thread, a
   * TilthError with its code, and when the thread crashes or is terminated.
   */
  request(request: Request, onProgress?: (share: number) => void): Promise<Response>
  /** Terminates it at once; the next request starts another. */
  end(): Promise<void>
}

/** The start data of a thread. `init` is private to the thread: secrets are passed this way, never by argv. */
export interface WorkerInit {
  init: unknown
  locks: Int32Array // shared, see `lockSlot`
}
/**
 * 1 in `held`: the thread must not be terminated now. 1 in `ending`: it will be terminated and may not hold any
 * more. Each side writes its own slot before it reads the other one, so that neither misses the other.
 */
export const lockSlot = { held: 0, ending: 1 } as const

/** Limits of one request. Without them it may take as long and as much as it needs. */
export interface WorkerLimits {
  /** of the objects of the thread; bytes outside the heap (files) do not count */
  heapMb?: number
  /** of wall time; the thread is terminated */
  deadlineMs?: number
}

/** The thread was terminated because a request went beyond a limit; the next request starts another. */
export class WorkerLimitError extends Error {
  readonly limit: 'memory' | 'time'
  constructor(name: string, limit: 'memory' | 'time') {
    super(`${name} went beyond its limit of ${limit}`)
    this.name = 'WorkerLimitError'
    this.limit = limit
  }
}

/** A message of a thread about a request: progress, then the result or the error. */
export type WorkerMessage<Response> = { share: number } | { result: Response } | { failed: WorkerFailure }
export interface WorkerFailure {
  code: ErrorCode | null // null: a bug
  message: string
  params: TilthError['params']
  stack: string | undefined
}

/** Wall time, whatever the clock of a simulation does: its nights follow one another in less. */
const IDLE_MS = 10_000
const POLL_MS = 1

/**
 * `workerFile`: the module (import.meta.url) in whose folder the `thread-worker` is; `name`: for error messages;
 * `init`: plain data for the thread. A request beyond the `limits` rejects with a WorkerLimitError.
 */
export function createWorkerClient<Request, Response>(
  workerFile: string,
  name: string,
  init: unknown = null,
  { heapMb, deadlineMs }: WorkerLimits = {},
): WorkerClient<Request, Response> {
  let thread: Thread | null = null
  let idle: NodeJS.Timeout | undefined
  let giveUp: ((error: Error) => void) | null = null // of the request in progress
  const end = () => terminate(new Error(`${name} was terminated`))
  async function terminate(reason: Error): Promise<void> {
    clearTimeout(idle)
    const current = thread
    thread = null
    giveUp?.(reason)
    if (current !== null) await terminateWorker(current)
  }
  function start(): Thread {
    const current = startThread(workerFile, init, heapMb)
    current.worker.on('error', () => {}) // reported by the request in progress
    current.worker.once('exit', () => void (thread === current && (thread = null)))
    return current
  }
  return {
    request: (request, onProgress) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle)
        const { worker } = (thread ??= start())
        worker.ref()
        const deadline =
          deadlineMs === undefined
            ? undefined
            : setTimeout(() => void terminate(new WorkerLimitError(name, 'time')), deadlineMs)
        const done = () => {
          giveUp = null
          clearTimeout(deadline)
          worker.unref() // idle, it keeps no process alive
          // it does not keep what a large file left on its heap
          if (heapMb !== undefined) void end()
          else idle = setTimeout(() => void end(), IDLE_MS).unref()
          worker.off('message', onMessage).off('error', onError).off('exit', onExit)
        }
        const onMessage = (message: WorkerMessage<Response>) => {
          if ('share' in message) return onProgress?.(message.share)
          done()
          if ('result' in message) resolve(message.result)
          else reject(toError(message.failed))
        }
        const onError = (error: unknown) => {
          done()
          thread = null
          reject(isOutOfMemory(error) ? new WorkerLimitError(name, 'memory') : toErrorValue(error))
        }
        const onExit = () => onError(new Error(`${name} ended`))
        giveUp = onError
        worker.on('message', onMessage).on('error', onError).on('exit', onExit)
        worker.postMessage(request)
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

const toErrorValue = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'

function toError({ code, message, params, stack }: WorkerFailure): Error {
  const error =
    code === null ? new Error(message) : new TilthError(code, message, params === undefined ? {} : { params })
  if (stack !== undefined) error.stack = stack
  return error
}

// With --max-semi-space-size V8 gives each thread the young generation of the process, whatever its own limit is. A thread
// that reaches its limit of memory could then end the process: its young objects may need more than the 16 MiB that Node adds
// while it ends the thread. The main thread keeps the size that the process was started with.
setFlagsFromString('--max-semi-space-size=0')

// collects young objects often: a small machine gets its memory back, and nothing waits for the thread
const youngGeneration = { maxYoungGenerationSizeMb: 8 }

function startThread(workerFile: string, init: unknown, heapMb: number | undefined): Thread {
  const cells = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  const workerData: WorkerInit = { init, locks: cells }
  return { worker: startWorker(workerFile, workerData, heapMb), locks: cells }
}

/** Compiled, or from the sources through tsx, which a thread must register again. */
function startWorker(workerFile: string, workerData: WorkerInit, heapMb: number | undefined): Worker {
  const resourceLimits =
    heapMb === undefined ? youngGeneration : { ...youngGeneration, maxOldGenerationSizeMb: heapMb }
  const options = { resourceLimits, workerData }
  if (!workerFile.endsWith('.ts')) return new Worker(new URL('./thread-worker.js', workerFile), options)
  const source = JSON.stringify(new URL('./thread-worker.ts', workerFile).href)
  return new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`, {
    eval: true,
    ...options,
  })
}
