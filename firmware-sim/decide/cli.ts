/**
 * `npm run decide`: the decision model on standard input and output, for researchers and simulators. With `--product` the
 * running product answers.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { decisionSession } from '../../services/plan/decide/session.ts'
import { usage } from './usage.ts'

async function main(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage())
    return 0
  }
  const unknown = args.find((arg) => arg !== '--product')
  if (unknown !== undefined) {
    process.stderr.write(`unknown argument ${unknown}\n${usage()}`)
    return 2
  }
  const { respond, stop } = await startSession(args.includes('--product'))
  // a closed reader, or an interrupt, ends the session
  process.stdout.on('error', () => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const line = await respond(text)
    if (line !== null && !process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  }
  await stop()
  return 0
}

/** The product is imported on demand: it loads all of Tilth. */
async function startSession(isProduct: boolean) {
  if (isProduct) return (await import('./product-session.ts')).productSession()
  return { respond: decisionSession(), stop: async () => {} }
}

process.exitCode = await main(process.argv.slice(2))
