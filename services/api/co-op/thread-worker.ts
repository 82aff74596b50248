/** Runs in the worker threads of `members-reader.ts`: parses the bytes of a file into members with their fields. */
import { ok } from '../../../broker/contract/result.ts'
import { serveRequests } from '../../runtime/worker-entry.ts'
import { readMembers } from './read-members.ts'
import { readTable } from './read-table.ts'

serveRequests(async (bytes: Uint8Array) => {
  const table = await readTable(bytes)
  return table.ok ? ok(readMembers(table.value)) : table
})
