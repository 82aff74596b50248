/** Entry of the journal's thread: makes the calls of `threadWriter` on its own connection. */
import { workerData } from 'node:worker_threads'
import { connectJournalFile } from './journal-file.ts'
import { journalWriter } from './journal-writes.ts'
import {
  unpackWrites,
  type PackedWrites,
  type WriterCall,
  type WriterResponse,
  type WriterThreadData,
} from './writer-client.ts'

const { file, port, responses } = workerData as WriterThreadData
const database = connectJournalFile(file)
const writer = journalWriter(database)

port.on('message', (call: WriterCall) => {
  let response: WriterResponse
  try {
    response = { result: run(call) }
  } catch (error) {
    const { message, errcode, stack } = error as Error & { errcode?: unknown }
    response = { failed: { message, errcode, stack } }
  }
  port.postMessage(response)
  Atomics.add(responses, 0, 1)
  Atomics.notify(responses, 0)
  if (call.method === 'close') port.close()
})

function run({ method, args }: WriterCall): unknown {
  if (method === 'close') return database.close()
  if (method === 'commit') return writer.commit(unpackWrites(args[0] as PackedWrites))
  return (writer[method] as (...args: unknown[]) => unknown)(...args)
}
