/** `npm run decide`: the decision model on standard input and output, for researchers and simulators. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { decisionSession } from './session.ts'
import { usage } from './usage.ts'

async function main(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  if (args.length > 0) {
    process.stderr.write(`unknown argument ${args[0]}\n${usage()}`)
    return 2
  }
  const respond = decisionSession()
  // a closed reader ends the session
  process.stdout.on('error', () => process.exit(0))
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const line = respond(text)
    if (line !== null && !process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  }
  return 0
}

process.exitCode = await main(process.argv.slice(2))
