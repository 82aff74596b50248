/** `npm run audit` as a process, on the file of a store. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../services/adapters/state.ts'
import { appendAudit, verifyAudit } from '../../../services/audit/audit-log.ts'
import { builtProgram } from '../../support/program.ts'
import { openTestState } from '../../support/state.ts'
import { unprotectAudit } from '../../support/broken-table.ts'

let folder: string
let store: OpenState
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilth-audit-'))
  store = await openTestState(join(folder, 'state.db'))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const add = (action: string, org = 'midori') =>
  appendAudit(store.state, { org, atMs: 1_000, actor: 'sato', action, subject: 'zone-1', detail: { mm: 3 } })
const verify = (noted?: { n: number; hash: string }) => verifyAudit(store.state, 'midori', noted)

/** Somebody with the file in hand, past the program. */
async function tamper(statement: string): Promise<void> {
  await unprotectAudit(store.state)
  await sql.raw(statement).execute(store.state)
}

describe('npm run audit', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, builtProgram('services/cli/verify-audit.ts', ...args), {
      env: { ...process.env, STATE: `sqlite:${join(folder, 'state.db')}` },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        said: error.stdout + error.stderr,
      }),
    )

  it('prints the head of a complete chain, and the line of a broken one with exit code 1', async () => {
    await add('a')
    await add('b')
    const { head } = await verify()
    expect(await run()).toEqual({ code: 0, said: `midori: whole; 2 lines, head 2-${head.hash}\n` })
    expect((await run('midori', `2-${head.hash}`)).code).toBe(0)
    expect((await run('midori', 'no-head')).code).toBe(2)
    await tamper("update audit set actor = 'nobody' where n = 2")
    expect(await run()).toMatchObject({ code: 1, said: expect.stringContaining('BROKEN at line 2') })
  })
})
