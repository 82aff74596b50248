/**
 * The fuzzers, a separate program so that measurements are not slowed down. It takes a task as JSON and writes a report
 * with every crash and wrong response, and how to reproduce it.
 */
import { once } from 'node:events'
import { Agent, request as ask, type ClientRequest, type IncomingMessage } from 'node:http'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { delivery, deviceKinds, topicOf, type DeviceKind } from '../../../broker/contract/topics.ts'
import { ORG } from '../../support/place.ts'
import { writeResult, taskFromArguments } from '../support/child-program.ts'
import { openWire, signIn, type Wire } from '../support/wire.ts'
import { conversation } from './packets.ts'
import { payload } from './payloads.ts'
import { createFaultLog, MOST_FAULTS, type FuzzReport, type FuzzTask } from './report.ts'
import { operationsOf, request, type Request } from './requests.ts'

const AT_ONCE = 8 // requests
const SPEAKERS = 128 // each waits for the disk, not for the processor
const CLOSED_WITHIN_MS = 10_000
const ANSWERED_WITHIN_MS = 20_000
// maximum of unacknowledged payloads per device
const WINDOW = 10
// cases listed before a fault: any of those in progress may have ended the server
const BEFORE = 2 * SPEAKERS

const task = taskFromArguments<FuzzTask>()
const faultLog = createFaultLog(task)
const counts: Record<string, number> = {}
const countOne = (event: string) => void (counts[event] = (counts[event] ?? 0) + 1)
let done = 0

const isEnough = () => done >= task.many || faultLog.faults.length >= MOST_FAULTS

async function packets(): Promise<void> {
  let next = 0
  const previous: { number: number; bytes: Buffer }[] = []
  const worker = async (index: number): Promise<void> => {
    const device = task.probes[index]!
    while (!isEnough()) {
      const number = next++
      const { packets, bytes } = conversation(task.seed, number, device)
      const wire = await openWire({ port: task.mqttPort }).catch((error: NodeJS.ErrnoException) => error)
      if (wire instanceof Error) {
        // the server is gone
        for (const earlier of previous) faultLog.add(earlier.number, `${wire.code} after this`, earlier.bytes)
        done = task.many
        return
      }
      previous.push({ number, bytes })
      if (previous.length > BEFORE) previous.shift()
      wire.socket.end(bytes)
      if (!(await wire.closed(CLOSED_WITHIN_MS))) faultLog.add(number, 'the connection was left open', bytes)
      wire.end()
      countOne(wire.received[0]?.cmd === 'connack' ? 'connections answered' : 'connections not answered')
      done += packets
    }
  }
  await Promise.all(Array.from({ length: SPEAKERS }, (_, index) => worker(index)))
}

async function payloads(): Promise<void> {
  for (const kind of deviceKinds) await payloadsOf(kind)
}

async function payloadsOf(kind: DeviceKind): Promise<void> {
  // the devices that publish this kind: valve messages come from controllers
  const devices: readonly { id: string; secret: string }[] =
    kind === 'telemetry' ? task.probes : task.controllers
  const perDevice = Math.ceil(task.many / devices.length)
  await Promise.all(
    devices.map(async (device, index) => {
      let wire = await signIn({ port: task.mqttPort }, device)
      const rule = delivery[kind]
      for (let i = 0; i < perDevice && faultLog.faults.length < MOST_FAULTS; i++) {
        const number = index * perDevice + i
        const bytes = payload(task.seed, kind, number)
        const messageId = (i % 65_535) + 1
        const address = { cmd: 'publish', topic: topicOf(ORG, device.id, kind), dup: false } as const
        wire.send({ ...address, ...rule, payload: bytes, ...(rule.qos > 0 ? { messageId } : {}) })
        done++
        const isAnswered = await mayGoOn(wire, rule.qos, i + 1)
        if (isAnswered) continue
        faultLog.add(number, `${kind}: ${wire.isClosed() ? 'the connection was closed' : 'no PUBACK'}`, bytes)
        wire.end()
        wire = await signIn({ port: task.mqttPort }, device)
        acked.delete(wire)
      }
      wire.end()
    }),
  )
}

const acked = new WeakMap<Wire, number>()

/** Waits until the next message may be sent. QoS 0 has no acknowledgement: a PINGREQ now and then. */
async function mayGoOn(wire: Wire, qos: number, sentCount: number): Promise<boolean> {
  if (qos === 0) {
    if (sentCount % WINDOW > 0) return !wire.isClosed()
    wire.send({ cmd: 'pingreq' })
  }
  const first = acked.get(wire) ?? sentCount - 1
  acked.set(wire, first)
  const expectedStatuses =
    qos === 0 ? Math.floor(sentCount / WINDOW) - Math.floor(first / WINDOW) : sentCount - first - WINDOW
  const endMs = performance.now() + ANSWERED_WITHIN_MS
  while (wire.received.length - 1 < expectedStatuses) {
    if (wire.isClosed() || performance.now() > endMs) return false
    await pause(1)
  }
  return !wire.isClosed()
}

const url = `http://127.0.0.1:${task.port}`
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
const password = randomUUID()
const email = 'fuzz@farm.example'
let cookie = ''

async function requests(): Promise<void> {
  const setup = { token: task.setupToken, name: 'Fuzz', email, password, orgName: 'Torture', orgId: ORG }
  await signUp('/api/setup', setup)
  const document = await send({ method: 'GET', path: '/api/docs/json', headers: {}, body: null })
  const operations = operationsOf(JSON.parse(document.text) as Parameters<typeof operationsOf>[0])
  counts['routes with their methods'] = operations.length
  let next = 0
  const worker = async (): Promise<void> => {
    while (!isEnough()) {
      const number = next++
      const fuzzed = request(task.seed, number, operations)
      const requestText = `${fuzzed.method} ${fuzzed.path} ${JSON.stringify(fuzzed.headers)} ${fuzzed.body ?? ''}`
      const { status, text } = await send(fuzzed).catch((error: Error) => ({
        status: 0,
        text: error.message,
      }))
      countOne(status === 0 ? `no answer (${text.slice(0, 40)})` : `${status}`)
      if (status >= 500) faultLog.add(number, `${status} ${text.slice(0, 300)}`, requestText)
      if (status === 0 && /ECONNREFUSED|late/.test(text)) faultLog.add(number, text, requestText)
      // the request may have signed out its own session
      if (status === 401) await signInAgain()
      done++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

let signingIn: Promise<void> | null = null

/** Signs in once for all workers: password hashing is deliberately expensive. */
async function signInAgain(): Promise<void> {
  signingIn ??= signUp('/api/auth/sign-in/email', { email, password })
    .catch(() => {})
    .finally(() => (signingIn = null))
  await signingIn
}

async function signUp(path: string, body: object): Promise<void> {
  const signed = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(body),
  })
  const cookies = signed.headers.getSetCookie().map((header) => header.split(';')[0])
  if (signed.status !== 200) throw new Error(`${path} was answered ${signed.status}: ${await signed.text()}`)
  await signed.arrayBuffer()
  cookie = cookies.join('; ')
}

async function send({ method, path, headers, body }: Request): Promise<{ status: number; text: string }> {
  const sending = ask(url, { method, path, agent, headers: { cookie, ...headers } })
  // handled by `once` below, or late when no longer awaited
  sending.on('error', () => {})
  const timer = setTimeout(() => sending.destroy(new Error('the response was late')), ANSWERED_WITHIN_MS)
  try {
    return await answerOf(sending, body)
  } finally {
    clearTimeout(timer)
  }
}

async function answerOf(
  sending: ClientRequest,
  body: string | null,
): Promise<{ status: number; text: string }> {
  sending.end(body ?? undefined)
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  const status = response.statusCode ?? 0
  // it would never end
  if (String(response.headers['content-type']).startsWith('text/event-stream')) {
    response.destroy()
    return { status, text: '' }
  }
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return { status, text: Buffer.concat(parts).toString() }
}

const fuzz = { packets, payloads, requests }[task.part]
await fuzz()
agent.destroy()
writeResult({ done, counts, faults: faultLog.faults } satisfies FuzzReport)
process.exit(0)
