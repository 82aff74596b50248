/**
 * `npm run audit [-- ORG [N-HASH]]`: checks that the audit in the state store is intact, also while Tilth runs.
 * Prints the head of each chain: note it elsewhere and pass it next time, because a chain can lose its end without a
 * trace. Exit 1 when a chain is broken.
 */
import { auditedOrgs, verifyAudit } from '../audit/audit-log.ts'
import { openState } from '../adapters/state.ts'
import { envFileIn, readSettings } from '../config/settings.ts'

const USAGE = `usage: npm run audit                      every organisation
       npm run audit -- ORG                one
       npm run audit -- ORG N-HASH         and check that it contains the head noted earlier
`

async function main([org, recorded, ...extra]: string[]): Promise<number> {
  const head = /^(\d{1,15})-([0-9a-f]{64})$/.exec(recorded ?? '')
  if (org?.startsWith('-') || extra.length > 0 || (recorded !== undefined && !head)) {
    process.stderr.write(USAGE)
    return 2
  }
  const settings = readSettings(process.env, envFileIn(process.cwd()))
  if (!settings.ok) throw new Error(settings.error)
  const { state, close } = await openState(settings.value.state)
  try {
    const orgs = org === undefined ? await auditedOrgs(state) : [org]
    if (orgs.length === 0) process.stdout.write('the audit is empty\n')
    let isWhole = true
    for (const name of orgs) {
      const verdict = await verifyAudit(
        state,
        name,
        head ? { n: Number(head[1]), hash: head[2]! } : undefined,
      )
      const summary =
        verdict.broken === null ? 'whole' : `BROKEN at line ${verdict.broken.n}: ${verdict.broken.reason}`
      process.stdout.write(
        `${name}: ${summary}; ${verdict.lines} lines${erasedText(verdict.redacted)}, head ${verdict.head.n}-${verdict.head.hash}\n`,
      )
      isWhole &&= verdict.broken === null
    }
    return isWhole ? 0 : 1
  } finally {
    await close()
  }
}

const erasedText = (lines: number): string => (lines === 0 ? '' : ` (content of ${lines} erased)`)

main(process.argv.slice(2)).then(
  (code) => void (process.exitCode = code),
  (error: Error) => {
    process.stderr.write(`tilth: ${error.message}\n`)
    process.exitCode = 1
  },
)
