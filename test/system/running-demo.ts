/** The demonstration as a separate process on free ports: its season passes, then it runs until it is stopped. */
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
  /** Calls the API as the member with all permissions. */
  call: Call
  /** All output so far. */
  output(): string
  stop(): Promise<void>
}

/** Starts it like `npm run demo`. */
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
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const onOutput = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes('Ctrl+C')) resolve()
    }
    demo.stdout.on('data', onOutput)
    demo.stderr.on('data', onOutput)
    demo.on('exit', (code) => reject(new Error(`the demonstration ended with ${code}: ${output}`)))
  })
  const url = `http://127.0.0.1:${http}`
  const email = /sign in {3}(\S+)/.exec(output)![1]!
  const password = /password {2}(\S+)/.exec(output)![1]!
  return {
    url,
    email,
    password,
    mqttUrl: `mqtt://127.0.0.1:${mqtt}`,
    call: (await signIn(url, { email, password })).call,
    output: () => output,
    async stop() {
      if (demo.exitCode !== null) return
      const exited = once(demo, 'exit')
      demo.kill('SIGTERM')
      await exited
    },
  }
}
