/** `npm run conform -- --device ID`: is this controller fit for Tilth? */
import { seal } from '../contract/mac.ts'
import { SECOND_MS, sleep, systemClock } from '../contract/time.ts'
import { keepCredentials } from './credentials.ts'
import { readOptions, usage, type Options } from './options.ts'
import { joinOtherBroker } from './other-broker.ts'
import { startOwnBroker } from './own-broker.ts'
import { deedText, entryText, isKept, jsonText, sumText } from './print.ts'
import { runConform } from './run.ts'
import type { Wire } from './wire.ts'

const note = (text: string): void => void process.stderr.write(`${text}\n`)

async function main(args: string[]): Promise<number> {
  const read = readOptions(args)
  if (!read.ok) {
    note(`${read.error}\n\n${usage()}`)
    return 2
  }
  if (read.value === 'help') {
    process.stdout.write(usage())
    return 0
  }
  const options = read.value
  const credentials = keepCredentials(options.credentials, options.url === null)
  if (!credentials.ok) {
    note(`--credentials: ${credentials.error}`)
    return 2
  }
  const { secret, commandKey } = credentials.value
  let wire: Wire
  try {
    wire = await openWire(options, secret)
  } catch (error) {
    note((error as Error).message)
    return 2
  }
  process.once('SIGINT', () => void shutAll(wire, commandKey).then(() => process.exit(130)))
  tellPlace(options, wire, credentials.value)
  const outcome = await runConform({
    wire,
    clock: systemClock,
    org: options.org,
    device: options.device,
    keyHex: commandKey,
    only: options.only,
    deeds: { 'power-cut': options.hasPowerCut, fault: options.hasFault },
    waitMs: options.waitS * 1000,
    ask: async (deed) => note(`\n>>> ${deedText[deed]}\n`),
    tell: (entry) => void (options.isJson || process.stdout.write(entryText(entry))),
  })
  await wire.close()
  process.stdout.write(options.isJson ? jsonText(options.device, outcome) : sumText(outcome))
  return isKept(outcome) ? 0 : 1
}

function openWire({ url, org, device, host, port }: Options, secret: string): Promise<Wire> {
  if (url === null) return startOwnBroker({ host, port, org, device, secret, note })
  const { username, password } = new URL(url)
  return joinOtherBroker({
    url: url.replace(/\/\/[^@/]*@/, '//'),
    ...(username === '' ? {} : { userName: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    org,
    device,
  })
}

/** A person who breaks off leaves no valve open. */
async function shutAll(wire: Wire, commandKey: string): Promise<void> {
  const stop = seal(commandKey, { op: 'close' as const, valve: '*', force: true, sess: 'none' })
  await wire.say('command', JSON.stringify(stop))
  await sleep(systemClock, SECOND_MS)
  await wire.close()
}

/** On stderr, so that --json stays JSON. */
function tellPlace(options: Options, wire: Wire, made: { secret: string; commandKey: string }): void {
  const secrets =
    options.url === null
      ? `  secret        ${made.secret}\n  command key   ${made.commandKey}\n  (kept in ${options.credentials})\n`
      : ''
  note(`Put these into the controller and let it connect:
  broker        ${wire.addresses.join(' or ')}
  organisation  ${options.org}
  device id     ${options.device}
${secrets}
Valves will open, for some minutes at a time. Shut the water, or expect it. Waiting for the controller ...
`)
}

process.exitCode = await main(process.argv.slice(2))
