/** Runs in the worker thread of `import-members.ts`: parses the bytes of a file into a table. */
import { serveRequests } from '../../runtime/worker-entry.ts'
import { readTable } from './read-table.ts'

serveRequests((bytes: Uint8Array) => readTable(bytes))
