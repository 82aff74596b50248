/** An engine as a process of its own, next to others on one database. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../support/free-port.ts'
import { builtProgram } from '../support/program.ts'

export interface Engine {
  name: string
  port: number
  url: string
  process: ChildProcess
  output(): string
}

/** Resolves when it was started, and not when it is ready. */
export async function startEngine(name: string, env: Record<string, string>): Promise<Engine> {
  const port = await freePort()
  const child = spawn(process.execPath, builtProgram('services/main.ts'), {
    env: {
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'info',
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  child.stderr.on('data', (text: Buffer) => (output += text.toString()))
  return { name, port, url: `http://127.0.0.1:${port}`, process: child, output: () => output }
}

/** Ends it, also when it is stopped; resolves when it has ended. */
export async function endEngine({ process: child }: Engine): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** For `eventually`. */
export const isReady = async ({ url }: Engine): Promise<true | null> =>
  (await fetch(`${url}/readyz`).catch(() => null))?.status === 200 || null
export const standsBy = async (engine: Engine): Promise<true | null> =>
  engine.output().includes('standing by') || null
