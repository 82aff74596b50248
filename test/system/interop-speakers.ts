/** Two third-party clients, Debian's mosquitto and mqtt.js, behind one interface: both run the same tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import mqtt, { type IClientOptions } from 'mqtt'
import { closed } from '../broker/rig.ts'

/** An account and a transport: the address of the broker in the form of mqtt.js. */
export interface Way {
  url: string
  /** PEM file of the authority, for TLS */
  ca: string | null
  id: string
  secret: string
}

export interface Message {
  topic: string
  payload: string
  qos: 0 | 1 | 2
  retain: boolean
}

export interface Listener {
  received: Message[]
  /** Ends without a DISCONNECT, like a device that loses power. */
  vanish(): Promise<void>
}

export interface Speaker {
  /** Null on success, otherwise the client's error. */
  publish(message: Message): Promise<string | null>
  /** Resolves when the subscription is acknowledged; rejects when it is refused. */
  listen(topics: string[], will?: Message): Promise<Listener>
  /** Publishes a message and returns the first message on another topic. */
  ask(message: Message, answerOn: string): Promise<string>
}

const WITHIN_MS = 15_000

/** Debian's clients of 2.0 speak TCP and TLS; WebSocket came to them with 2.1. */
export function mosquitto({ url, ca, id, secret }: Way): Speaker {
  const { hostname, port } = new URL(url)
  const account = ['-h', hostname, '-p', port, '-i', id, '-u', id, '-P', secret, '-V', 'mqttv311']
  const common = [...account, ...(ca === null ? [] : ['--cafile', ca])]
  const saying = ({ topic, qos, retain }: Message) => ['-t', topic, '-q', `${qos}`, ...(retain ? ['-r'] : [])]

  return {
    async publish(message) {
      const { code, signal, err } = await run(
        'mosquitto_pub',
        [...common, ...saying(message), '-s'],
        message.payload,
      )
      // a server that closes while OpenSSL writes ends the client by this signal, before it can report an error
      if (signal === 'SIGPIPE') return 'connection closed (SIGPIPE)'
      return code === 0 ? null : err || `code ${code}`
    },
    async listen(topics, will) {
      const filters = topics.flatMap((topic) => ['-t', topic])
      const lastWill = will
        ? ['--will-topic', will.topic, '--will-payload', will.payload, '--will-qos', `${will.qos}`]
        : []
      const retainFlag = will?.retain ? ['--will-retain'] : []
      const format = ['-q', '1', '-d', '-F', 'heard %r %q %t %p']
      // its output into a pipe would be block-buffered
      const child = spawn('stdbuf', [
        '-oL',
        'mosquitto_sub',
        ...common,
        ...filters,
        ...lastWill,
        ...retainFlag,
        ...format,
      ])
      const received: Message[] = []
      let buffered = ''
      let err = ''
      child.stderr.on('data', (text: Buffer) => (err += text.toString()))
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (text: Buffer) => {
          const lines = (buffered + text.toString()).split('\n')
          buffered = lines.pop()!
          for (const line of lines) {
            const [, retain, qos, topic, payload] = /^heard ([01]) ([012]) (\S+) (.*)$/.exec(line) ?? []
            if (topic !== undefined)
              received.push({ topic, payload: payload!, qos: Number(qos) as 0 | 1, retain: retain === '1' })
            else if (/^Subscribed .*\b128\b/.test(line)) reject(new Error(`refused: ${line}`))
            else if (line.startsWith('Subscribed')) resolve()
          }
        })
        child.once('exit', (code) => reject(new Error(`mosquitto_sub: ${code} ${err}`)))
      })
      return {
        received,
        async vanish() {
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        },
      }
    },
    async ask(message, answerOn) {
      const args = [...common, ...saying(message), '-e', answerOn, '-m', message.payload, '-W', '10']
      const { code, out, err } = await run('mosquitto_rr', args)
      if (code !== 0) throw new Error(`mosquitto_rr: ${code} ${err}`)
      return out.trim()
    },
  }
}

export function mqttJs({ url, ca, id, secret }: Way): Speaker {
  const connect = (fields: IClientOptions = {}) =>
    mqtt.connectAsync(url, {
      protocolVersion: 4,
      clientId: id,
      username: id,
      password: secret,
      reconnectPeriod: 0,
      ...(ca === null ? {} : { ca: readFileSync(ca) }),
      ...fields,
    })

  async function listen(topics: string[], will?: Message) {
    const client = await connect(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {})
    const received: Message[] = []
    client.on('message', (topic, payload, { qos, retain }) =>
      received.push({ topic, payload: payload.toString(), qos, retain }),
    )
    await client.subscribeAsync(topics, { qos: 1 }).catch((error: unknown) => {
      client.end(true)
      throw error
    })
    return { client, received }
  }

  return {
    async publish({ topic, payload, qos, retain }) {
      try {
        const client = await connect()
        const connectionLost = closed(client).then(() => Promise.reject(new Error('connection lost')))
        await Promise.race([client.publishAsync(topic, payload, { qos, retain }), connectionLost]).catch(
          (error: unknown) => {
            client.end(true)
            throw error
          },
        )
        connectionLost.catch(() => {})
        await client.endAsync() // waits for messages in transit: QoS 0 has no acknowledgement
        return null
      } catch (error) {
        return (error as Error).message
      }
    },
    async listen(topics, will) {
      const { client, received } = await listen(topics, will)
      return {
        received,
        async vanish() {
          const closing = closed(client)
          client.stream.destroy()
          await closing
          client.end(true)
        },
      }
    },
    async ask({ topic, payload, qos, retain }, answerOn) {
      const { client } = await listen([answerOn])
      const firstMessage = new Promise<string>((resolve) =>
        client.once('message', (_topic, payload) => resolve(payload.toString())),
      )
      await client.publishAsync(topic, payload, { qos, retain })
      const response = await firstMessage
      await client.endAsync()
      return response
    },
  }
}

function run(
  program: string,
  args: string[],
  input = '',
): Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { timeout: WITHIN_MS })
    let [out, err] = ['', '']
    child.stdout.on('data', (text: Buffer) => (out += text.toString()))
    child.stderr.on('data', (text: Buffer) => (err += text.toString()))
    child.stdin.on('error', () => {}) // it may end before it has read all
    child.stdin.end(input)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}
