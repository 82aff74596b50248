/**
 * `npm start`: reads the settings, starts every part, prints the addresses, and shuts down in order on a signal. An
 * invalid setting, an unreachable store or a port in use gives one line on the error output and exit code 1.
 */
import { networkInterfaces } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { isLoopback } from '../broker/contract/rate/address-key.ts'
import { exitOnCrash } from '../broker/net/crash-handler.ts'
import { isStoreName, storeNames, type StoreName } from './config/store-manifest.ts'
import { err, ok, type Result } from '../broker/contract/result.ts'
import { envFileIn, readSettings, settingWarnings, type Settings } from './config/settings.ts'
import { errorCodes } from './errors.ts'
import { usage } from './config/settings-text.ts'
import type { ApiNode } from './app/start-api-node.ts'
import { startTilth } from './app/start.ts'

// V8 keeps old garbage until it is as large as the live heap. Unknown clients that connect by the hundred per second
// (F8) produce that much: collect at 40 % instead
setFlagsFromString('--heap-growing-percent=40')

// all files are private, also where STATE or SERIES is in a shared folder
process.umask(0o077)

async function main(args: string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(usage())
  const acceptLoss = readAcceptLoss(args)
  if (!acceptLoss.ok) return exitWith(2, `${acceptLoss.error}\n\n${usage()}`)
  const settings = readSettings(process.env, envFileIn(process.cwd()))
  if (!settings.ok) return exitWith(1, settings.error)
  for (const warning of settingWarnings(process.env)) process.stderr.write(`tilth: ${warning}\n`)

  const start =
    settings.value.roles === 'api' ? (await import('./app/start-api-node.ts')).startApiNode : startTilth
  const tilth: ApiNode = await start(settings.value, {
    acceptLoss: acceptLoss.value,
    announcesName: true,
    onLeadershipLost(reason) {
      // its parts believe that they are at work: nothing is closed in order
      exitWith(1, `${reason}; this engine ends, and stands by when it is started again`)
      flush()
      process.exit()
    },
  })
  flush = tilth.flush
  let isStopping = false
  const shutDown = () => {
    if (isStopping) process.exit(1)
    isStopping = true
    void tilth.stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', shutDown)
  process.on('SIGINT', shutDown)
  process.on('SIGHUP', () => tilth.reloadCertificates())

  const names = hostNames(settings.value.host)
  process.stdout.write(`Tilth is ready.\n`)
  if (tilth.isDashboardBuilt)
    for (const name of names) process.stdout.write(`  dashboard  ${dashboardAddress(tilth, name)}\n`)
  else if (tilth.isDashboardBuilt === false)
    process.stdout.write('  dashboard  not built: run npm run build\n')
  for (const line of deviceAddresses(tilth, settings.value)) process.stdout.write(`${line}\n`)
  if (tilth.https?.trustUrl) {
    process.stdout.write(`  phones     ${tilth.https.trustUrl} (once on each, to trust this Tilth)\n`)
    if (tilth.https.isNew)
      process.stdout.write(
        `\n${await qrText(tilth.https.trustUrl)}\nFingerprint of its authority, which the phones show too (SHA-256):\n  ${tilth.https.sha256}\n`,
      )
  }
  const link = tilth.api.setupLink()
  if (link)
    process.stdout.write(
      `\nFirst start. Open this one-time link to create the administrator account:\n  ${link}\n`,
    )
}

const dashboardAddress = ({ port, https }: ApiNode, name: string): string =>
  https === null ? `http://${name}:${port}` : `https://${name}:${https.port}`

/** A QR code of half blocks, which a phone reads from the terminal. */
async function qrText(text: string): Promise<string> {
  const { default: encodeQR } = await import('qr')
  return encodeQR(text, 'ascii', { border: 2 })
}

/** `--accept-loss NAME`, any number of times. */
function readAcceptLoss(args: readonly string[]): Result<StoreName[]> {
  const stores: StoreName[] = []
  for (let i = 0; i < args.length; i += 2) {
    const [option, name] = [args[i]!, args[i + 1] ?? 'nothing']
    if (option !== '--accept-loss') return err(`unknown option ${option}`)
    if (!isStoreName(name))
      return err(`--accept-loss must be followed by one of ${storeNames.join(', ')}, got ${name}`)
    stores.push(name)
  }
  return ok(stores)
}

/** The addresses that devices connect to. */
function deviceAddresses({ mqttPort, mqttTlsPort }: ApiNode, { mqttHost, mqttTls }: Settings): string[] {
  if (mqttPort === null) return ['  devices    at the broker of BUS; Tilth opens no MQTT port']
  const plain = `  devices    mqtt://${hostNames(mqttHost).at(-1)}:${mqttPort}`
  if (mqttTls !== null)
    return [plain, `  devices    mqtts://${hostNames(mqttTls.host).at(-1)}:${mqttTlsPort}`]
  const hint = '             (from this machine only: see "Connect a device" in README)'
  return isLoopback(mqttHost) ? [plain, hint] : [plain]
}

const hostNames = (host: string): string[] =>
  host === '0.0.0.0' || host === '::' ? ['localhost', ...ownAddresses()] : [host]

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address),
  )

function exitWith(code: number, text: string): void {
  process.stderr.write(`tilth: ${text}\n`)
  process.exitCode = code
}

// an unexpected failure of one part must not leave a half-working server running
let flush = () => {}
exitOnCrash({ flush: () => flush(), log: (text) => exitWith(1, text) })

main(process.argv.slice(2)).catch((error: Error & { code?: string; syscall?: string }) => {
  exitWith(1, failureText(error))
  process.exit(1)
})

function failureText({ code, syscall, message, stack }: Error & { code?: string; syscall?: string }): string {
  if (code === 'DISK_FULL' || code === 'ENOSPC')
    return `${message}: free some space on it and start again; nothing that was stored is lost`
  const isOurs = code !== undefined && code in errorCodes
  // a fault of the disk or its permissions names the file: a stack explains no more
  const isOfSystem = syscall !== undefined
  return isOurs || isOfSystem ? message : (stack ?? message)
}
