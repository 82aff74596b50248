/**
 * A real InfluxDB 1.x on free ports, with its files in its own temporary folder. `kill` is a crash (SIGKILL),
 * `restart` uses the same data and port; `freeze` stops it with open connections and without responses, until it is
 * killed.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { findProgram } from './require.ts'

export interface Influxd {
  /** `http://127.0.0.1:PORT` */
  url: string
  host: string // 127.0.0.1:PORT
  stop(): Promise<void>
  kill(): Promise<void>
  freeze(): void
  restart(): Promise<void>
}

export async function startInfluxd({ authEnabled = false } = {}): Promise<Influxd> {
  const program = findProgram('influxd')
  if (program === null) throw new Error('influxd is missing: apt-get install influxdb')
  const folder = await mkdtemp(join(tmpdir(), 'tilth-influxd-'))
  const [port, backupPort] = [await freePort(), await freePort()]
  const config = join(folder, 'influxdb.conf')
  await writeFile(config, configText(folder, port, backupPort, authEnabled))
  const url = `http://127.0.0.1:${port}`
  let child = await run(program, config, url)

  return {
    url,
    host: `127.0.0.1:${port}`,
    async stop() {
      // a frozen process receives SIGTERM only when it continues
      child.kill('SIGCONT')
      await end(child, 'SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
    kill: () => end(child, 'SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    async restart() {
      await end(child, 'SIGTERM')
      child = await run(program, config, url)
    },
  }
}

const configText = (folder: string, port: number, backupPort: number, authEnabled: boolean): string => `
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
  auth-enabled = ${authEnabled}
[monitor]
  store-enabled = false
[logging]
  level = "error"
`

async function run(program: string, config: string, url: string): Promise<ChildProcess> {
  const child = spawn(program, ['-config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr!.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-2_000)))
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`influxd ended with ${child.exitCode}: ${output}`)
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
    if (response?.status === 204) return child
    await pause(50)
  }
  await end(child, 'SIGKILL')
  throw new Error(`influxd did not answer at ${url}: ${output}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
