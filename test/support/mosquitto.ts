/**
 * A real Mosquitto on a free port, set up as in docs/mosquitto, with its files in its own folder. `restart` stops it
 * normally and starts it on the same port, with its queued messages.
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
  /** Removes its sessions and queued messages, while it is stopped. */
  forget(): void
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

const docs = join(import.meta.dirname, '../../docs/mosquitto')

/** `users` have a password; `rules`: an access list in place of that of docs/mosquitto, without a limit of size. */
export async function startMosquitto(
  org: string,
  users: readonly string[],
  rules?: string,
): Promise<Mosquitto> {
  const program = findProgram('mosquitto')
  if (program === null) throw new Error('mosquitto is missing: apt-get install mosquitto')
  const folder = mkdtempSync(join(tmpdir(), 'tilth-mosquitto-'))
  const port = await freePort()
  const secretOf = (user: string) => `secret-of-${user}`
  const passwords = join(folder, 'tilth.passwd')
  writeFileSync(passwords, '', { mode: 0o600 })
  for (const user of ['tilth', ...users])
    spawnSync('mosquitto_passwd', ['-b', passwords, user, secretOf(user)])
  const acl = join(folder, 'tilth.acl')
  writeFileSync(acl, rules ?? readFileSync(join(docs, 'tilth.acl'), 'utf8').replaceAll('ORG', org), {
    mode: 0o600,
  })
  const config = join(folder, 'mosquitto.conf')
  const template = readFileSync(join(docs, 'tilth.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/', `${folder}/`)
    .replaceAll('/var/lib/mosquitto/', `${folder}/`)
    .replace(/(?<=message_size_limit )\d+/, (limit) => (rules === undefined ? limit : '0'))
  // started by root it would switch to a user who may not read the folder
  writeFileSync(config, `${template}\nlistener ${port} 127.0.0.1\nuser root\nlog_dest stderr\n`)
  let child: ChildProcess | null = null

  async function startServer(): Promise<void> {
    const server = spawn(program!, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    child = server
    let output = ''
    server.stderr.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-2_000)))
    for (let tries = 0; tries < 400; tries++) {
      if (server.exitCode !== null) throw new Error(`mosquitto ended with ${server.exitCode}: ${output}`)
      if (await acceptsConnections(port)) return
      await pause(25)
    }
    throw new Error(`mosquitto did not answer at ${port}: ${output}`)
  }

  async function stopServer(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }

  await startServer()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    secretOf,
    stopServer,
    startServer,
    forget: () => rmSync(join(folder, 'mosquitto.db'), { force: true }),
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

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** A Mosquitto of somebody else on a free port of this machine, which takes everybody; it accepts connections already. */
export async function startOpenMosquitto(): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const program = findProgram('mosquitto')
  if (program === null) throw new Error('mosquitto is missing: apt-get install mosquitto')
  const port = await freePort()
  const server = spawn(program, ['-p', String(port)], { stdio: 'ignore' })
  for (let tries = 0; !(await acceptsConnections(port)); tries++) {
    if (server.exitCode !== null || tries > 400) throw new Error(`mosquitto did not answer at ${port}`)
    await pause(25)
  }
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return
      const exited = once(server, 'exit')
      server.kill('SIGTERM')
      await exited
    },
  }
}
