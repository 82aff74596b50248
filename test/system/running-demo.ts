/** The demonstration as a process of its own, on free ports: its season passes, then it goes on until it is stopped. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { signIn, type Call } from '../../firmware-sim/demo/member.ts'
import { freePort } from '../support/free-port.ts'

const root = join(import.meta.dirname, '../..')

export interface RunningDemo {
  url: string
  mqttUrl: string
  email: string
  password: string
  /** As the member who may do everything. */
  call: Call
  /** All that it has printed. */
  said(): string
  stop(): Promise<void>
}

/** From the sources, for whoever asks its API alone. */
export const demoOfSources = (args: string[]): Promise<RunningDemo> =>
  startDemo(['--import', 'tsx', 'firmware-sim/demo/demo.ts', ...args])

/** As `npm run demo` does it: built when something is newer than the build, its dashboard with it. */
export async function builtDemo(args: string[]): Promise<RunningDemo> {
  // the test runner's NODE_ENV would build a page for development
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, ['.ci/build-when-needed.mjs'], { cwd: root, env })
  return startDemo(['dist/firmware-sim/demo/demo.js', ...args])
}

async function startDemo(args: string[]): Promise<RunningDemo> {
  const [http, mqtt] = [await freePort(), await freePort()]
  const demo = spawn(process.execPath, args, {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      MQTT_HOST: '127.0.0.1',
      PORT: String(http),
      MQTT_PORT: String(mqtt),
    },
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Ctrl+C')) resolve()
    }
    demo.stdout.on('data', hear)
    demo.stderr.on('data', hear)
    demo.on('exit', (code) => reject(new Error(`the demonstration ended with ${code}: ${said}`)))
  })
  const url = `http://127.0.0.1:${http}`
  const email = /sign in {3}(\S+)/.exec(said)![1]!
  const password = /password {2}(\S+)/.exec(said)![1]!
  return {
    url,
    email,
    password,
    mqttUrl: `mqtt://127.0.0.1:${mqtt}`,
    call: (await signIn(url, { email, password })).call,
    said: () => said,
    async stop() {
      if (demo.exitCode !== null) return
      const gone = once(demo, 'exit')
      demo.kill('SIGTERM')
      await gone
    },
  }
}
