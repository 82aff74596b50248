/** Runs in the thread of `import-members.ts`: answers the bytes of each file with its table. */
import { answerEach } from '../../runtime/worker-entry.ts'
import { readTable } from './read-table.ts'

answerEach((bytes: Uint8Array) => readTable(bytes))
