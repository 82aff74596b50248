/** The worker side of `worker-thread.ts`: every `thread-worker` serves its requests through it. */
import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { isTilthError } from '../errors.ts'
import { lockSlot, type WorkerFailure, type WorkerMessage, type WorkerInit } from './worker-thread.ts'

export interface RequestContext {
  init: unknown // init data of createWorkerClient
  reportProgress(share: number): void // progress of the request, 0-1
}

const { init, locks: cells } = workerData as WorkerInit
const LESS_URGENT = 10
const LOWEST_PRIORITY = 19
const PROGRESS_STEP = 0.01

/** Serves every request; an error is returned to the client. `bytesOf` names bytes to transfer without a copy. */
export function serveRequests<Request, Response>(
  serve: (request: Request, deps: RequestContext) => Promise<Response> | Response,
  bytesOf: (result: Response) => Uint8Array[] = () => [],
): void {
  lowerThreadPriority()
  parentPort!.on('message', (request: Request) => void serveOne(request))

  async function serveOne(request: Request): Promise<void> {
    let reportedShare = 0
    const reportProgress = (share: number) => {
      if (share < reportedShare + PROGRESS_STEP) return
      reportedShare = share
      post({ share })
    }
    try {
      const result = await serve(request, { init, reportProgress })
      post({ result }, bytesOf(result).filter(isTransferable))
    } catch (error) {
      post({ failed: toFailure(error) })
    }
  }
  const post = (message: WorkerMessage<Response>, bytes: Uint8Array<ArrayBuffer>[] = []) =>
    parentPort!.postMessage(
      message,
      bytes.map(({ buffer }) => buffer),
    )
}

/**
 * Prevents termination between `acquire` and `release`: for calls in which a termination would end the whole
 * process. Not reentrant.
 */
export interface TerminationLock {
  acquire(): void
  release(): void
}

export const terminationLock: TerminationLock = {
  acquire() {
    Atomics.store(cells, lockSlot.held, 1)
    if (Atomics.load(cells, lockSlot.ending) === 0) return
    Atomics.store(cells, lockSlot.held, 0)
    Atomics.wait(cells, lockSlot.ending, 1) // for ever: the thread is terminated here
  },
  release: () => void Atomics.store(cells, lockSlot.held, 0),
}

/**
 * On a machine with few cores an acknowledgement would share them with a report. Linux schedules each thread by
 * itself and allows a lower priority; on other systems the priority belongs to the whole process and stays
 * unchanged.
 */
function lowerThreadPriority(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')))
    setPriority(thread, Math.min(LOWEST_PRIORITY, getPriority() + LESS_URGENT))
  } catch {
    // not Linux
  }
}

function toFailure(error: unknown): WorkerFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const isKnownError = isTilthError(error)
  return {
    code: isKnownError ? error.code : null,
    message,
    params: isKnownError ? error.params : undefined,
    stack,
  }
}

/** Small node buffers share a pool with others, which must stay here. */
const isTransferable = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
