/** Runs in the thread of `import-members.ts`: answers the bytes of each file with its table. */
import { serveRequests } from '../../runtime/worker-entry.ts'
import { readTable } from './read-table.ts'

serveRequests((bytes: Uint8Array) => readTable(bytes))
