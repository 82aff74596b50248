/**
 * Unauthenticated load as a separate program, so that it does not slow down measurements: silent connections, CONNECTs
 * of 256 MiB, and sign-ins with wrong secrets, from many addresses of this machine.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import { random } from '../../../firmware-sim/random.ts'
import { writeResult, taskFromArguments } from './child-program.ts'
import { connectPacket } from './wire.ts'

export interface AttackTask {
  port: number
  seed: string
  forMs: number
  halfOpen: number // held open throughout
  huge: number // CONNECTs of 256 MiB
  badLogins: number // in total
  /** existing ids, used by every other sign-in; the rest use unknown ids */
  known: readonly string[]
}

export interface AttackReport {
  halfOpened: number
  /** bytes of the huge CONNECTs sent before the disconnect */
  hugeBytes: number
  loginsSent: number
  loginsRefused: number // with a CONNACK
  loginsDropped: number // closed without a response
  loginsAccepted: number
}

const HUGE_BYTES = 256 * 1024 * 1024 - 1
const HUGE_HEADER = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])
const CHUNK = Buffer.alloc(65_536, 0x41)
const ADDRESSES = 20

const siege = taskFromArguments<AttackTask>()
const report: AttackReport = {
  halfOpened: 0,
  hugeBytes: 0,
  loginsSent: 0,
  loginsRefused: 0,
  loginsDropped: 0,
  loginsAccepted: 0,
}
const chance = random(`${siege.seed}/strangers`)
let isOver = false
const sockets = new Set<Socket>()

function open(network: number, index: number): Socket {
  const socket = connect({
    port: siege.port,
    host: '127.0.0.1',
    noDelay: true,
    localAddress: `127.0.${network}.${1 + (index % ADDRESSES)}`,
  })
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
  return socket
}

const socketClosed = (socket: Socket) => once(socket, 'close').catch(() => {})

/** Sends nothing, or a CONNECT byte by byte; reconnects when disconnected. */
async function halfOpen(index: number): Promise<void> {
  while (!isOver) {
    const socket = open(2, index)
    socket.on('connect', () => report.halfOpened++)
    const drip = setInterval(() => void (index % 2 === 0 && socket.writable && socket.write('\x10')), 900)
    socket.resume()
    await socketClosed(socket)
    clearInterval(drip)
    await pause(1_000 + chance.next() * 1_000)
  }
}

async function huge(index: number): Promise<void> {
  const socket = open(3, index)
  socket.resume()
  const closedPromise = socketClosed(socket)
  await Promise.race([once(socket, 'connect').catch(() => {}), closedPromise])
  socket.write(HUGE_HEADER)
  while (socket.writable && !isOver && socket.bytesWritten < HUGE_BYTES)
    if (!socket.write(CHUNK)) await Promise.race([once(socket, 'drain').catch(() => {}), closedPromise])
  // bytes still queued have not been sent
  report.hugeBytes += socket.bytesWritten - socket.writableLength
}

/** Tries again until it has connected: a busy server accepts some connections late or not at all. */
async function badLogin(index: number): Promise<void> {
  const { known: knownIds } = siege
  const id = index % 2 === 0 ? knownIds[Math.floor(chance.next() * knownIds.length)]! : `stranger-${index}`
  let isSent = false
  let code: number | null = null
  while (!isSent && !isOver) {
    const socket = open(4, index)
    socket.on('data', (bytes: Buffer) => void (code ??= bytes[3] ?? null))
    socket.on('connect', () => {
      isSent = true
      report.loginsSent++
      socket.write(generate(connectPacket({ id, secret: `guess-${index}` })))
    })
    await socketClosed(socket)
    if (!isSent) await pause(100)
  }
  if (!isSent) return
  if (code === null) report.loginsDropped++
  else if (code === 0) report.loginsAccepted++
  else report.loginsRefused++
}

async function badLogins(): Promise<void> {
  const attempts: Promise<void>[] = []
  const startMs = performance.now()
  // started within nine tenths of the time, so that a quiet server answers the last ones within it too
  for (let index = 0; index < siege.badLogins && !isOver; index++) {
    while (index > ((performance.now() - startMs) / (0.9 * siege.forMs)) * siege.badLogins) await pause(1)
    attempts.push(badLogin(index))
  }
  await Promise.all(attempts)
}

const logins = badLogins()
const attacks = [
  ...Array.from({ length: siege.halfOpen }, (_, index) => halfOpen(index)),
  ...Array.from({ length: siege.huge }, (_, index) => huge(index)),
  logins,
]
await pause(siege.forMs)
// a busy server has not taken all sign-ins by then: the attack goes on until it has, for as long again at most
await Promise.race([logins, pause(siege.forMs)])
isOver = true
for (const socket of sockets) socket.destroy()
await Promise.all(attacks)
writeResult(report)
