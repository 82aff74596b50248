/**
 * A real NATS with its MQTT gateway on a free port, set up from docs/nats, with its files in a folder of its own. `kill` is a
 * crash (SIGKILL).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { findProgram } from './require.ts'

export interface Nats {
  /** mqtt://127.0.0.1:PORT */
  url: string
  secretOf(user: string): string
  /** Writes the list of users and reloads it; `devices`: all of them. */
  setDevices(devices: readonly string[]): Promise<void>
  kill(): Promise<void>
  /** Resolves when it accepts devices. */
  startServer(): Promise<void>
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

export const INSTALL_NATS = 'apt-get install nats-server'
const docs = join(import.meta.dirname, '../../docs/nats')

/** `devices` of the organisation `org` have a user. */
export async function startNats(org: string, devices: readonly string[]): Promise<Nats> {
  const program = findProgram('nats-server')
  if (program === null) throw new Error(`nats-server is missing: ${INSTALL_NATS}`)
  const folder = mkdtempSync(join(tmpdir(), 'tilth-nats-'))
  const [port, natsPort] = [await freePort(), await freePort()]
  const config = join(folder, 'nats-server.conf')
  const text = readFileSync(join(docs, 'nats-server.conf'), 'utf8')
    .replace('/var/lib/nats', join(folder, 'data'))
    .replace('127.0.0.1:1883', `127.0.0.1:${port}`)
    .replace('127.0.0.1:4222', `127.0.0.1:${natsPort}`)
  writeFileSync(config, text)
  writeUsers(devices)
  let child: ChildProcess | null = null
  let output = ''

  function writeUsers(names: readonly string[]): void {
    const users = readFileSync(join(docs, 'tilth-users.conf'), 'utf8').replaceAll('ORG', org)
    const [tilth, device] = users.match(/^ {4}\{ user:[^}]*\} \}$/gm)!
    const blocks = [
      withSecret('tilth', tilth!),
      ...names.map((name) => withSecret(name, device!.replaceAll('soil-1', name))),
    ]
    writeFileSync(
      join(folder, 'tilth-users.conf'),
      `authorization {\n  users: [\n${blocks.join('\n')}\n  ]\n}\n`,
    )
  }

  async function startServer(): Promise<void> {
    const server = spawn(program!, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    child = server
    output = ''
    server.stderr.on('data', (bytes: Buffer) => (output = (output + bytes.toString()).slice(-4_000)))
    await untilLogged('Server is ready')
  }

  async function untilLogged(line: string): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if (child!.exitCode !== null) throw new Error(`nats-server ended with ${child!.exitCode}: ${output}`)
      if (output.includes(line)) return
      await pause(25)
    }
    throw new Error(`nats-server did not log "${line}": ${output}`)
  }

  async function kill(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  try {
    await startServer()
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    url: `mqtt://127.0.0.1:${port}`,
    secretOf,
    async setDevices(names) {
      writeUsers(names)
      output = ''
      child!.kill('SIGHUP')
      await untilLogged('Reloaded server configuration')
    },
    kill,
    startServer,
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const secretOf = (user: string): string => `secret-of-${user}`

const withSecret = (user: string, block: string): string => block.replace('SECRET', secretOf(user))
