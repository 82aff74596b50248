/**
 * The peer pipeline as a user would set it up: mosquitto -> Node-RED (mqtt in, function, influxdb out) -> InfluxDB 1.x,
 * each with default settings, on loopback, in folders of the bench.
 */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench } from './bench.ts'
import { flow, nodeRedSettings } from './peer-flow.ts'
import { connect } from 'node:net'
import { freePort } from '../../test/support/free-port.ts'
import { startProgram, untilReady, type Program } from './process.ts'
import type { ReadNewest } from './visible.ts'

export interface PeerPrograms {
  mosquitto: string
  influxd: string
  nodeRed: string // red.js
}

export interface Peer {
  mqttPort: number
  nodeRed: Program
  /** `select last(...)` of each device */
  readNewest: ReadNewest
  /** number of readings in InfluxDB */
  stored(): Promise<number>
  stop(): Promise<void>
}

// outside the repository and kept between runs: 285 MB
const CACHE = join(tmpdir(), 'tilth-bench-peer')
const PACKAGES = ['node-red@4.1', 'node-red-contrib-influxdb@0.7']

/** The programs, installing missing npm packages; or a text that names a missing program. */
export async function findPeer(bench: Bench): Promise<PeerPrograms | string> {
  const mosquitto = findProgram('mosquitto')
  if (mosquitto === null) return 'mosquitto is missing: apt-get install mosquitto'
  const influxd = findProgram('influxd')
  if (influxd === null) return 'influxd is missing: apt-get install influxdb'
  const missing = await installPeer(bench, PACKAGES)
  return missing ?? { mosquitto, influxd, nodeRed }
}

/** red.js, if installed */
export const nodeRed = join(CACHE, 'node_modules/node-red/red.js')

/** Installs packages of the peer from the npm registry once; returns the reason of a failure, or null. */
export async function installPeer(bench: Bench, packages: readonly string[]): Promise<string | null> {
  const areThere = () =>
    packages.every((name) =>
      existsSync(join(CACHE, 'node_modules', name.replace(/@[\d.]+$/, ''), 'package.json')),
    )
  if (areThere()) return null
  const npm = findProgram('npm')
  if (npm === null) return 'npm is missing'
  bench.log(`peer: installing ${packages.join(' and ')} into ${CACHE}`)
  await mkdir(CACHE, { recursive: true })
  const args = ['install', '--no-audit', '--no-fund', '--prefix', CACHE, ...packages]
  const failure = await promisify(execFile)(npm, args, { cwd: CACHE, timeout: 300_000 }).then(
    () => null,
    (error: Error) => error.message.split('\n')[0]!,
  )
  return failure === null && areThere() ? null : `npm could not install ${packages.join(' and ')}: ${failure}`
}

/** Versions for the header of the output. */
export async function peerVersions(programs: PeerPrograms): Promise<string> {
  const run = async (program: string, arg: string) => {
    const { stdout } = await promisify(execFile)(program, arg.split(' ')).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
    )
    return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'unknown'
  }
  const packageFile = join(programs.nodeRed, '../package.json')
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
  // mosquitto has no version option: its help starts with it, exit code 3
  const mosquitto = await run(programs.mosquitto, '-h')
  return `mosquitto ${mosquitto}, Node-RED ${version}, InfluxDB ${await run(programs.influxd, 'version')}`
}

/** Starts a fresh pipeline; ends with `stop` or with the bench. */
export async function startPeer(bench: Bench, programs: PeerPrograms): Promise<Peer> {
  const folder = await bench.folder('peer')
  const [mqttPort, influxPort, backupPort, uiPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  const runningPrograms: Program[] = []
  const stop = async () => {
    for (let program = runningPrograms.pop(); program; program = runningPrograms.pop())
      await program.end('SIGTERM')
  }
  const start = (command: string, args: string[]): Program => {
    const program = startProgram(command, args, { cwd: folder })
    runningPrograms.push(program)
    return program
  }
  bench.onEnd(stop)
  try {
    const url = `http://127.0.0.1:${influxPort}`
    await writeFile(join(folder, 'influxdb.conf'), influxConfig(folder, influxPort, backupPort))
    const influxd = start(programs.influxd, ['-config', join(folder, 'influxdb.conf')])
    await untilReady(influxd, 'influxd', async () =>
      (await fetch(`${url}/ping`)).status === 204 ? true : null,
    )
    await query(url, 'CREATE DATABASE tilth', 'POST')

    await writeFile(
      join(folder, 'mosquitto.conf'),
      `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\nlog_type error\n`,
    )
    const mosquitto = start(programs.mosquitto, ['-c', join(folder, 'mosquitto.conf')])
    await writeFile(join(folder, 'flows.json'), JSON.stringify(flow({ mqttPort, influxPort })))
    await writeFile(join(folder, 'settings.js'), nodeRedSettings(folder, uiPort))
    await untilReady(mosquitto, 'mosquitto', () => isListening(mqttPort))
    const nodeRed = start(process.execPath, [programs.nodeRed, '--settings', join(folder, 'settings.js')])
    await untilReady(nodeRed, 'Node-RED', () => (/Connected to broker/.test(nodeRed.output()) ? true : null))
    return { mqttPort, nodeRed, readNewest: () => newest(url), stored: () => stored(url), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface InfluxResponse {
  results?: { series?: { tags: { device: string }; values: [atMs: number, v: number][] }[]; error?: string }[]
}

async function query(url: string, text: string, method: 'GET' | 'POST' = 'GET'): Promise<InfluxResponse> {
  const response = await fetch(`${url}/query?db=tilth&epoch=ms&q=${encodeURIComponent(text)}`, { method })
  const body = (await response.json()) as InfluxResponse
  const error = body.results?.[0]?.error
  if (!response.ok || error !== undefined)
    throw new Error(`InfluxDB refused ${text}: ${error ?? response.status}`)
  return body
}

async function newest(url: string): Promise<[string, number][]> {
  const { results } = await query(url, 'SELECT last("v") FROM "soil" GROUP BY "device"')
  return (results?.[0]?.series ?? []).map(({ tags, values }) => [tags.device, values[0]![0]])
}

async function stored(url: string): Promise<number> {
  const { results } = await query(url, 'SELECT count("v") FROM "soil"')
  return results?.[0]?.series?.[0]?.values[0]?.[1] ?? 0
}

async function isListening(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(null))
  })
}

const influxConfig = (folder: string, port: number, backupPort: number): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "error"
`

/** The path of an executable, or null; also in /usr/sbin, where Debian installs servers. */
function findProgram(name: string): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'])
    try {
      accessSync(join(folder, name), constants.X_OK)
      if (folder !== '') return join(folder, name)
    } catch {
      continue
    }
  return null
}
