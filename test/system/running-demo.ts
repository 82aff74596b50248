/** The demonstration as a process of its own, on free ports: its season passes, then it goes on until it is stopped. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { signIn, type Call } from '../../firmware-sim/demo/member.ts'
import { freePort } from '../support/free-port.ts'
import { builtProgram } from '../support/program.ts'

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

/** As `npm run demo` starts it. */
export async function startDemo(args: string[]): Promise<RunningDemo> {
  const [http, mqtt] = [await freePort(), await freePort()]
  const demo = spawn(process.execPath, builtProgram('firmware-sim/demo/demo.ts', ...args), {
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
