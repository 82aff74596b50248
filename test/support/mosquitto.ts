/**
 * A real Mosquitto on a free port, set up as in docs/mosquitto, with its files in a folder of its own.
 * `restart` ends it in order and brings it back on the same port, with what was waiting.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { findProgram } from './require.ts'

export interface Mosquitto {
  /** mqtt://127.0.0.1:PORT */
  url: string
  port: number
  secretOf(user: string): string
  stopServer(): Promise<void>
  startServer(): Promise<void>
  restart(): Promise<void>
  /** Ends it for good and removes its files. */
  stop(): Promise<void>
}

const docs = join(import.meta.dirname, '../../docs/mosquitto')

export async function startMosquitto(org: string, devices: readonly string[]): Promise<Mosquitto> {
  const program = findProgram('mosquitto')
  if (program === null) throw new Error('mosquitto is missing: apt-get install mosquitto')
  const folder = mkdtempSync(join(tmpdir(), 'tilth-mosquitto-'))
  const port = await freePort()
  const secretOf = (user: string) => `secret-of-${user}`
  const passwords = join(folder, 'tilth.passwd')
  writeFileSync(passwords, '', { mode: 0o600 })
  for (const user of ['tilth', ...devices])
    spawnSync('mosquitto_passwd', ['-b', passwords, user, secretOf(user)])
  const acl = join(folder, 'tilth.acl')
  writeFileSync(acl, readFileSync(join(docs, 'tilth.acl'), 'utf8').replaceAll('ORG', org), { mode: 0o600 })
  const config = join(folder, 'mosquitto.conf')
  const written = readFileSync(join(docs, 'tilth.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/', `${folder}/`)
    .replaceAll('/var/lib/mosquitto/', `${folder}/`)
  // started by root it would become another user, who may not read the folder
  writeFileSync(config, `${written}\nlistener ${port} 127.0.0.1\nuser root\nlog_dest stderr\n`)
  let child: ChildProcess | null = null

  async function startServer(): Promise<void> {
    const started = spawn(program!, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    let said = ''
    started.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2_000)))
    for (let tries = 0; tries < 400; tries++) {
      if (started.exitCode !== null) throw new Error(`mosquitto ended with ${started.exitCode}: ${said}`)
      if (await answers(port)) return
      await pause(25)
    }
    throw new Error(`mosquitto did not answer at ${port}: ${said}`)
  }

  async function stopServer(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }

  await startServer()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    secretOf,
    stopServer,
    startServer,
    async restart() {
      await stopServer()
      await startServer()
    },
    async stop() {
      await stopServer()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
