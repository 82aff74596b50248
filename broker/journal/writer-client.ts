/**
 * Calls to the writer of the journal: in a thread of its own, so that the event loop, which carries leases and
 * acknowledgements, never waits for the disk; or in this thread, for a journal in memory and for simulated time.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { brokerError } from '../errors.ts'
import type { JournalFile } from './journal-file.ts'
import type { JournalWrite, JournalWriter } from './journal-writes.ts'

type Method = keyof JournalWriter
type Done<Result> = (outcome: { result: Result } | { error: unknown }) => void

export interface WriterClient {
  /** whether the event loop runs while a call is made */
  isThread: boolean
  /** Calls run one after the other, and `done` is called in the same order; in this thread, before it returns. */
  call<M extends Method>(
    method: M,
    args: Parameters<JournalWriter[M]>,
    done: Done<ReturnType<JournalWriter[M]>>,
  ): void
  /** Waits, without the event loop, until every call is done. */
  settle(): void
  /** Settles; calls fail afterwards. Resolves when the thread has ended; null: there is none. */
  close(): Promise<void> | null
}

/** The result of one call as a promise. */
export const callWriter = <M extends Method>(
  client: WriterClient,
  method: M,
  ...args: Parameters<JournalWriter[M]>
): Promise<ReturnType<JournalWriter[M]>> =>
  new Promise((resolve, reject) => {
    client.call(method, args, (outcome) =>
      'error' in outcome ? reject(asError(outcome.error)) : resolve(outcome.result),
    )
  })

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** A writer in this thread. */
export function inlineWriter(writer: JournalWriter): WriterClient {
  let isClosed = false
  return {
    isThread: false,
    call(method, args, done) {
      if (isClosed) return done({ error: closedError() })
      let outcome
      try {
        outcome = { result: apply(writer, method, args) }
      } catch (error) {
        outcome = { error }
      }
      done(outcome)
    },
    settle: () => {},
    close() {
      isClosed = true
      return null
    },
  }
}

const apply = <M extends Method>(
  writer: JournalWriter,
  method: M,
  args: Parameters<JournalWriter[M]>,
): ReturnType<JournalWriter[M]> =>
  (writer[method] as (...args: unknown[]) => ReturnType<JournalWriter[M]>)(...args)

export interface WriterThreadData {
  file: JournalFile
  port: MessagePort
  /** incremented with each response */
  responses: Int32Array
}
export interface WriterCall {
  method: Method | 'close'
  /** of a commit: PackedWrites */
  args: unknown[]
}
export type WriterResponse =
  | { result: unknown }
  | { failed: { message: string; errcode: unknown; stack: unknown } }

// the disk may need long for a commit; after this the thread counts as dead
const SETTLE_MS = 30_000

/**
 * Starts the thread for a file that exists. Should the thread end by itself, every call fails with STORE_UNAVAILABLE and
 * the error is thrown from the event loop: the process ends, and what was not acknowledged is sent again.
 */
export function threadWriter(file: JournalFile): WriterClient {
  const { port1: port, port2 } = new MessageChannel()
  const responses = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const data: WriterThreadData = { file, port: port2, responses }
  const worker = startWorker(import.meta.url, data, [port2])
  const waiting: Done<never>[] = []
  let ended: Error | null = null

  function take(response: WriterResponse): void {
    const done = waiting.shift()! as unknown as Done<unknown>
    done('failed' in response ? { error: rebuild(response.failed) } : response)
  }
  function end(error: Error): void {
    ended ??= error
    for (const done of waiting.splice(0)) done({ error: ended })
  }
  function die(cause: unknown): void {
    if (ended !== null) return
    const error = brokerError('STORE_UNAVAILABLE', `the thread of the journal ended: ${String(cause)}`, {
      cause,
    })
    end(error)
    throw error
  }
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  port.on('message', take)
  worker.on('error', die)
  worker.on('exit', (code) => die(`exit code ${code}`))
  port.unref()
  worker.unref()

  function post(call: WriterCall, transferList: ArrayBuffer[] = []): void {
    port.postMessage(call, transferList)
  }
  function settle(): void {
    const untilMs = performance.now() + SETTLE_MS
    while (waiting.length > 0) {
      const seen = Atomics.load(responses, 0)
      const received = receiveMessageOnPort(port) as { message: WriterResponse } | undefined
      if (received !== undefined) take(received.message)
      else if (performance.now() > untilMs)
        end(
          brokerError(
            'STORE_UNAVAILABLE',
            `the thread of the journal has not answered for ${SETTLE_MS / 1000} s`,
          ),
        )
      else Atomics.wait(responses, 0, seen, 1_000)
    }
  }

  return {
    isThread: true,
    call(method, args, done) {
      if (ended !== null) return done({ error: ended })
      waiting.push(done as Done<never>)
      if (method !== 'commit') return post({ method, args })
      const packed = packWrites(args[0] as readonly JournalWrite[])
      post({ method, args: [packed] }, [packed.payloads.buffer])
    },
    settle,
    close() {
      if (ended === null) {
        waiting.push(() => {})
        post({ method: 'close', args: [] })
        settle()
        end(closedError())
        port.close()
      }
      worker.ref()
      return exited
    },
  }
}

const closedError = () => brokerError('STORE_UNAVAILABLE', 'the journal is closed')

const rebuild = ({ message, errcode, stack }: { message: string; errcode: unknown; stack: unknown }): Error =>
  Object.assign(new Error(message), { errcode, stack })

/** Writes for another thread, their payloads in one piece: each is a part of a larger buffer, which would be copied whole. */
export interface PackedWrites {
  /** without payloads */
  writes: unknown[]
  /** of the payloads, in order of the writes */
  lengths: number[]
  payloads: Uint8Array<ArrayBuffer>
}

const EMPTY = new Uint8Array(0)

export function packWrites(writes: readonly JournalWrite[]): PackedWrites {
  const parts = writes.map((write) =>
    write.kind === 'append'
      ? write.arrival.payload
      : write.kind === 'deadLetter'
        ? write.letter.payload
        : EMPTY,
  )
  const payloads = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    payloads.set(part, at)
    at += part.length
  }
  return {
    writes: writes.map((write) => withPayload(write, undefined)),
    lengths: parts.map(({ length }) => length),
    payloads,
  }
}

/** The inverse of packWrites. */
export function unpackWrites({ writes, lengths, payloads }: PackedWrites): JournalWrite[] {
  let at = 0
  return (writes as JournalWrite[]).map(
    (write, i) => withPayload(write, payloads.subarray(at, (at += lengths[i]!))) as JournalWrite,
  )
}

function withPayload(write: JournalWrite, payload: Uint8Array | undefined): unknown {
  if (write.kind === 'append') return { kind: 'append', arrival: { ...write.arrival, payload } }
  if (write.kind === 'deadLetter') return { kind: 'deadLetter', letter: { ...write.letter, payload } }
  return write
}

// its memory holds one batch at a time
const resourceLimits = { maxYoungGenerationSizeMb: 4 }

/** Compiled, or from the sources through tsx, which a thread must register again. */
function startWorker(clientFile: string, workerData: WriterThreadData, transferList: MessagePort[]): Worker {
  const options = { resourceLimits, workerData, transferList }
  if (!clientFile.endsWith('.ts')) return new Worker(new URL('./thread-worker.js', clientFile), options)
  const source = JSON.stringify(new URL('./thread-worker.ts', clientFile).href)
  const tsxPackage = pathToFileURL(createRequire(clientFile).resolve('tsx/package.json'))
  const tsx = JSON.stringify(new URL('./dist/esm/api/index.mjs', tsxPackage).href)
  return new Worker(`import(${tsx}).then((tsx) => (tsx.register(), import(${source})))`, {
    eval: true,
    ...options,
  })
}
