/** The thread's own side of `worker-thread.ts`: each `thread-worker` answers through it. */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { isTilthError } from '../errors.ts'
import { cellOf, type Failed, type Said, type ThreadData } from './worker-thread.ts'

export interface Answering {
  given: unknown // as openIdleThread had it
  tell(share: number): void // how far the answer is, 0-1
}

const { given, cells } = workerData as ThreadData
const LESS_URGENT = 10
const TOLD_STEP = 0.01

/** Answers every question; what is thrown is the answer too. Bytes that are named go over without being copied. */
export function answerEach<Asked, Answered>(
  answer: (asked: Asked, deps: Answering) => Promise<Answered> | Answered,
  bytesOf: (answered: Answered) => Uint8Array[] = () => [],
): void {
  letOthersFirst()
  parentPort!.on('message', (asked: Asked) => void answerOne(asked))

  async function answerOne(asked: Asked): Promise<void> {
    let told = 0
    const tell = (share: number) => {
      if (share < told + TOLD_STEP) return
      told = share
      say({ share })
    }
    try {
      const answered = await answer(asked, { given, tell })
      say({ answered }, bytesOf(answered).filter(isWhole))
    } catch (error) {
      say({ failed: failedBy(error) })
    }
  }
  const say = (said: Said<Answered>, bytes: Uint8Array<ArrayBuffer>[] = []) =>
    parentPort!.postMessage(
      said,
      bytes.map(({ buffer }) => buffer),
    )
}

/** Until `give` the thread is not ended: for calls within which that would end the whole process. Never one in another. */
export interface Hold {
  take(): void
  give(): void
}

export const hold: Hold = {
  take() {
    Atomics.store(cells, cellOf.held, 1)
    if (Atomics.load(cells, cellOf.ending) === 0) return
    Atomics.store(cells, cellOf.held, 0)
    Atomics.wait(cells, cellOf.ending, 1) // for ever: it is ended here
  },
  give: () => void Atomics.store(cells, cellOf.held, 0),
}

/**
 * On a machine of few cores an acknowledgement would have to share them with a report. Linux counts each thread by itself and
 * lets it be made less urgent; other systems count the whole process, so there it stays as it is.
 */
function letOthersFirst(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), LESS_URGENT)
  } catch {
    // not Linux
  }
}

function failedBy(error: unknown): Failed {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const isTold = isTilthError(error)
  return { code: isTold ? error.code : null, message, params: isTold ? error.params : undefined, stack }
}

/** Small buffers of node share their memory with others, which stays here. */
const isWhole = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
