/** `npm run conform -- --device ID`: tests whether a controller conforms to the protocol of Tilth. */
import { withMac } from '../contract/mac.ts'
import { SECOND_MS, sleep, systemClock } from '../contract/time.ts'
import { loadOrCreateCredentials } from './credentials.ts'
import { readOptions, usage, type Options } from './options.ts'
import { joinOtherBroker } from './other-broker.ts'
import { startOwnBroker } from './own-broker.ts'
import { actionText, resultText, isConformant, jsonText, summaryText } from './print.ts'
import { runConform } from './run.ts'
import type { Wire } from './wire.ts'

const printNote = (text: string): void => void process.stderr.write(`${text}\n`)

async function main(args: string[]): Promise<number> {
  const parsed = readOptions(args)
  if (!parsed.ok) {
    printNote(`${parsed.error}\n\n${usage()}`)
    return 2
  }
  if (parsed.value === 'help') {
    process.stdout.write(usage())
    return 0
  }
  const options = parsed.value
  const credentials = loadOrCreateCredentials(options.credentials, options.url === null)
  if (!credentials.ok) {
    printNote(`--credentials: ${credentials.error}`)
    return 2
  }
  const { secret, commandKey } = credentials.value
  let wire: Wire
  try {
    wire = await connectWire(options, secret)
  } catch (error) {
    printNote((error as Error).message)
    return 2
  }
  process.once('SIGINT', () => void closeAllValves(wire, commandKey).then(() => process.exit(130)))
  printConnectionDetails(options, wire, credentials.value)
  const outcome = await runConform({
    wire,
    clock: systemClock,
    org: options.org,
    device: options.device,
    keyHex: commandKey,
    only: options.only,
    actions: { 'power-cut': options.hasPowerCut, fault: options.hasFault },
    waitMs: options.waitS * 1000,
    requestAction: async (action) => printNote(`\n>>> ${actionText[action]}\n`),
    onResult: (entry) => void (options.isJson || process.stdout.write(resultText(entry))),
  })
  await wire.close()
  process.stdout.write(options.isJson ? jsonText(options.device, outcome) : summaryText(outcome))
  return isConformant(outcome) ? 0 : 1
}

function connectWire({ url, org, device, host, port }: Options, secret: string): Promise<Wire> {
  if (url === null) return startOwnBroker({ host, port, org, device, secret, note: printNote })
  const { username, password } = new URL(url)
  return joinOtherBroker({
    url: url.replace(/\/\/[^@/]*@/, '//'),
    ...(username === '' ? {} : { userName: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    org,
    device,
  })
}

/** Closes every valve when the person interrupts the run. */
async function closeAllValves(wire: Wire, commandKey: string): Promise<void> {
  const stop = withMac(commandKey, { op: 'close' as const, valve: '*', force: true, sess: 'none' })
  await wire.send('command', JSON.stringify(stop))
  await sleep(systemClock, SECOND_MS)
  await wire.close()
}

/** Prints to stderr, so that --json stays JSON. */
function printConnectionDetails(
  options: Options,
  wire: Wire,
  credentials: { secret: string; commandKey: string },
): void {
  const secrets =
    options.url === null
      ? `  secret        ${credentials.secret}\n  command key   ${credentials.commandKey}\n  (stored in ${options.credentials})\n`
      : ''
  printNote(`Put these into the controller and let it connect:
  broker        ${wire.addresses.join(' or ')}
  organisation  ${options.org}
  device id     ${options.device}
${secrets}
Valves open for some minutes at a time. Shut off the water, or expect it. Waiting for the controller ...
`)
}

process.exitCode = await main(process.argv.slice(2))
