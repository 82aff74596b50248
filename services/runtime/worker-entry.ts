/** The thread's own side of `worker-thread.ts`: each `thread-worker` answers through it. */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { isTilthError } from '../errors.ts'
import { lockSlot, type WorkerFailure, type WorkerMessage, type WorkerInit } from './worker-thread.ts'

export interface RequestContext {
  init: unknown // as createWorkerClient had it
  reportProgress(share: number): void // how far the answer is, 0-1
}

const { init: given, locks: cells } = workerData as WorkerInit
const LESS_URGENT = 10
const PROGRESS_STEP = 0.01

/** Answers every question; what is thrown is the answer too. Bytes that are named go over without being copied. */
export function serveRequests<Asked, Answered>(
  answer: (asked: Asked, deps: RequestContext) => Promise<Answered> | Answered,
  bytesOf: (answered: Answered) => Uint8Array[] = () => [],
): void {
  lowerThreadPriority()
  parentPort!.on('message', (asked: Asked) => void answerOne(asked))

  async function answerOne(asked: Asked): Promise<void> {
    let told = 0
    const tell = (share: number) => {
      if (share < told + PROGRESS_STEP) return
      told = share
      say({ share })
    }
    try {
      const answered = await answer(asked, { init: given, reportProgress: tell })
      say({ answered }, bytesOf(answered).filter(isTransferable))
    } catch (error) {
      say({ failed: toFailure(error) })
    }
  }
  const say = (said: WorkerMessage<Answered>, bytes: Uint8Array<ArrayBuffer>[] = []) =>
    parentPort!.postMessage(
      said,
      bytes.map(({ buffer }) => buffer),
    )
}

/** Until `give` the thread is not ended: for calls within which that would end the whole process. Never one in another. */
export interface TerminationLock {
  acquire(): void
  release(): void
}

export const terminationLock: TerminationLock = {
  acquire() {
    Atomics.store(cells, lockSlot.held, 1)
    if (Atomics.load(cells, lockSlot.ending) === 0) return
    Atomics.store(cells, lockSlot.held, 0)
    Atomics.wait(cells, lockSlot.ending, 1) // for ever: it is ended here
  },
  release: () => void Atomics.store(cells, lockSlot.held, 0),
}

/**
 * On a machine of few cores an acknowledgement would have to share them with a report. Linux counts each thread by itself and
 * lets it be made less urgent; other systems count the whole process, so there it stays as it is.
 */
function lowerThreadPriority(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), LESS_URGENT)
  } catch {
    // not Linux
  }
}

function toFailure(error: unknown): WorkerFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const isTold = isTilthError(error)
  return { code: isTold ? error.code : null, message, params: isTold ? error.params : undefined, stack }
}

/** Small buffers of node share their memory with others, which stays here. */
const isTransferable = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
