/** Runs in the thread of `import-members.ts`: answers the bytes of each file with its table. */
import { parentPort } from 'node:worker_threads'
import { readTable } from './read-table.ts'

parentPort!.on('message', (bytes: Uint8Array) => {
  void readTable(bytes).then((table) => parentPort!.postMessage(table))
})
