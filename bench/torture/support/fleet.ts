/**
 * A fleet of devices, a separate program: all connect, and each reconnects after a lost connection with its own jitter
 * and growing back-off, as the contract requires. It prints `all up` once connected; the result, after all are back or
 * the time is over, gives how long each was away.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { random } from '../../../firmware-sim/random.ts'
import { writeResult, taskFromArguments } from './child-program.ts'
import { openWire, connectPacket, type Wire } from './wire.ts'

export interface FleetTask {
  port: number
  /** PEM file of the trusted authority; null: plain */
  caPath: string | null
  /** JSON file: a list of id and secret */
  devicesPath: string
  seed: string
  jitterMs: number
  /** given up this long after the loss */
  withinMs: number
}

export interface FleetAnswer {
  /** loss to CONNACK, ms, ascending */
  backMs: number[]
  missing: number
  /** failed attempts after the loss */
  failures: number
  /** from the first attempt to the last CONNACK at the start, ms */
  firstMs: number
}

const FIRST_PER_S = 400
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const DEVICES_AN_ADDRESS = 800

const task = taskFromArguments<FleetTask>()
const devices = JSON.parse(readFileSync(task.devicesPath, 'utf8')) as { id: string; secret: string }[]
const chance = random(`${task.seed}/fleet`)
const ca = task.caPath === null ? {} : { ca: readFileSync(task.caPath) }
let failures = 0

async function connect(index: number): Promise<Wire | null> {
  const from = `127.0.5.${1 + Math.floor(index / DEVICES_AN_ADDRESS)}`
  const wire = await openWire({ port: task.port, from, ...ca }).catch(() => null)
  if (wire === null) return null
  wire.send(connectPacket(devices[index]!))
  const connack = await wire.next('connack', 10_000)
  if (connack?.returnCode === 0) return wire
  wire.end()
  return null
}

/** Retries with back-off until connected; null when given up. */
async function reconnect(index: number, endMs: number): Promise<Wire | null> {
  for (
    let waitMs = FIRST_WAIT_MS;
    performance.now() < endMs;
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
  ) {
    const wire = await connect(index)
    if (wire !== null) return wire
    failures++
    await pause(waitMs * (0.5 + chance.next()))
  }
  return null
}

const startMs = performance.now()
const wires = await Promise.all(
  devices.map(async (_, index) => {
    await pause((index / FIRST_PER_S) * 1000)
    return reconnect(index, startMs + 300_000)
  }),
)
const connected = wires.filter((wire) => wire !== null)
if (connected.length < devices.length)
  throw new Error(`only ${connected.length} of ${devices.length} could connect`)
const firstMs = performance.now() - startMs
failures = 0
process.stdout.write('all up\n')

const jitters = devices.map(() => chance.next() * task.jitterMs)
const backMs: number[] = []
await Promise.all(
  connected.map(async (wire, index) => {
    await new Promise<void>((resolve) => {
      if (wire.isClosed()) resolve()
      else wire.socket.once('close', () => resolve())
    })
    const lostMs = performance.now()
    await pause(jitters[index])
    const newWire = await reconnect(index, lostMs + task.withinMs)
    if (newWire !== null) backMs.push(performance.now() - lostMs)
  }),
)
const result: FleetAnswer = {
  backMs: backMs.sort((a, b) => a - b),
  missing: devices.length - backMs.length,
  failures,
  firstMs,
}
writeResult(result)
process.exit(0)
