/**
 * The lines of `npm run decide -- --product` as a function call: the product runs on a thread of its own, and the caller
 * waits for each response, so that a season of the loop need not know which of the two plays Tilth.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { scratchDir } from '../../firmware-sim/demo/scratch-dir.ts'
import { decisionSession } from '../../services/plan/decide/session.ts'

/** One line in, one line out, as `npm run decide`. */
export interface Lines {
  respond(text: string): string | null
  end(): void
}

export interface ThreadData {
  /** 1: a response is ready */
  signal: Int32Array
  folder: string
}
/** The decision core alone. */
export const modelLines = (): Lines => ({ respond: decisionSession(), end() {} })

/** `null`: end. */
export type ThreadMessage = { text: string } | null
export type ThreadResponse = { response: string | null } | { failed: string }

/** Longer than the start and a day take. */
const LONGEST_MS = 300_000

/**
 * A season is played without a turn of the event loop, so a signal runs no handler: another process waits for the end of
 * this one, however it ends, and removes the folder. Returns a function that ends it earlier.
 */
function removeAfterExit(path: string): () => void {
  const watcher = spawn('sh', ['-c', 'cat > /dev/null; rm -rf "$0"', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.on('error', () => {}) // no shell: the folder stays
  watcher.unref()
  const stdin = watcher.stdin as Socket
  stdin.on('error', () => {})
  stdin.unref()
  return () => stdin.end()
}

/** `respond` throws what stops the product. */
export function productLines(): Lines {
  const folder = scratchDir('loop')
  const endWatcher = removeAfterExit(folder.path)
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const { port1, port2 } = new MessageChannel()
  const file = JSON.stringify(new URL('./product-thread.ts', import.meta.url).href)
  const worker = new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${file})))`, {
    eval: true,
    workerData: { signal, folder: folder.path, port: port2 },
    transferList: [port2],
  })
  worker.unref()
  port1.unref()

  function call(message: ThreadMessage): string | null {
    port1.postMessage(message)
    if (Atomics.wait(signal, 0, 0, LONGEST_MS) === 'timed-out')
      throw new Error(`the product did not respond within ${LONGEST_MS / 1000} s`)
    Atomics.store(signal, 0, 0)
    const received = receiveMessageOnPort(port1)!.message as ThreadResponse
    if ('failed' in received) throw new Error(received.failed)
    return received.response
  }

  return {
    respond: (text) => call({ text }),
    end() {
      call(null)
      void worker.terminate()
      folder.remove()
      endWatcher()
    },
  }
}
