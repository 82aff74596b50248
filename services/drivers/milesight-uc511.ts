/**
 * Milesight UC511 and UC512 (hardware 4.0, firmware 1.1 or newer). A valve task is
 * `ff 1d`, control (bit 7 time, 6 pulses, 5 open, 0 to 2 valve from 0), sequence 1 to 255, seconds in 24 bits, pulses in
 * 32 bits, both little-endian. The device ends it at the earlier of both and repeats it after `fe`. Source: uc511-encoder.js of
 * Milesight's SensorDecoders, setValveTask.
 */
import type { Acknowledgement, Driver } from './driver-types.ts'
import {
  decodedPath,
  downlink,
  isQueued,
  isTransmitted,
  uplinkHolds,
  uplinkSays,
  uplinkTopicOf,
  withdrawal,
  type LorawanAddress,
} from './lorawan-downlink.ts'
import { closedBy, means, plan, says, opening, secondsOf } from './plan-parts.ts'

const F_PORT = 85
const [HAS_TIME, HAS_PULSES, IS_OPEN] = [0x80, 0x40, 0x20]
/** A class C valve receives a repeated close at once; the air has a duty cycle. */
const CLOSE_EVERY_MS = 30_000
const REPORT_STATUS = Uint8Array.of(0xff, 0x28, 0xff)

interface Task {
  outlet: number
  isOpen: boolean
  sequence: number
  seconds: number
  pulses: number
}

/** The bytes of a valve task. */
export function valveTask({ outlet, isOpen, sequence, seconds, pulses }: Task): Uint8Array {
  const bytes = Buffer.alloc(11)
  const control =
    (seconds > 0 ? HAS_TIME : 0) | (pulses > 0 ? HAS_PULSES : 0) | (isOpen ? IS_OPEN : 0) | (outlet - 1)
  bytes.set([0xff, 0x1d, control, sequence])
  bytes.writeUIntLE(seconds, 4, 3)
  bytes.writeUInt32LE(pulses, 7)
  return bytes
}

/** 1 to 255: 0 would force the task. */
export const taskSequence = (seq: number): number => 1 + ((seq - 1) % 255)

/** Whole pulses of a volume, at least one; 0 without a volume or without the size of a pulse. */
function pulsesOf(litres: number | null, { litresPerPulse }: LorawanAddress): number {
  if (litres === null || litresPerPulse === null) return 0
  return Math.min(2 ** 32 - 1, Math.max(1, Math.floor(litres / litresPerPulse)))
}

/** The device repeats the task after `fe`. */
const echoOf = (task: Uint8Array): string => `fe${Buffer.from(task).toString('hex').slice(2)}`

const valveOf = ({ outlet }: LorawanAddress): string => `valve_${outlet}`
const isClosed = (to: LorawanAddress) => uplinkSays(to, valveOf(to), 'close')
const isOpen = (to: LorawanAddress) => uplinkSays(to, valveOf(to), 'open')

export const milesightUc511: Driver = {
  name: 'milesight-uc511',
  via: ['chirpstack', 'the-things-stack'],
  models: ['UC511', 'UC512'],
  bound: { isInDevice: true, stepMs: 1000, minMs: 1000, maxMs: 1_800_000, isTrusted: true },
  refused: null,
  needs: 'hardware-4',
  othersBoundMs: null,
  pollEveryMs: null,
  closesOnlyOpen: false,
  uplinkTopic: (to) => uplinkTopicOf(to as LorawanAddress),
  requirementsOf(to) {
    const address = to as LorawanAddress
    const version = (of: 'hardware' | 'firmware', atLeast: string) => ({
      topic: uplinkTopicOf(address),
      entry: null,
      path: decodedPath(address, `${of}_version`),
      must: { atLeast },
      why: 'known-hardware' as const,
      isOfDevice: true,
    })
    return [version('hardware', '4.0'), version('firmware', '1.1')]
  },
  reportsOf: (to) => [
    says(isOpen(to as LorawanAddress), 'open'),
    says(isClosed(to as LorawanAddress), 'closed'),
  ],
  planOf(to, intent) {
    const address = to as LorawanAddress
    switch (intent.op) {
      case 'open': {
        const task = valveTask({
          outlet: address.outlet,
          isOpen: true,
          sequence: taskSequence(intent.seq),
          seconds: secondsOf(intent.durMs),
          pulses: pulsesOf(intent.litres, address),
        })
        const queued = isQueued(address, intent)
        const acknowledgements: Acknowledgement[] = [
          ...(queued ? [means(queued, 'queued')] : []),
          means(isTransmitted(address, intent), 'sent'),
          means(uplinkHolds(address, echoOf(task)), 'running'),
          means(isOpen(address), 'running'),
          means(uplinkSays(address, `${valveOf(address)}_result`, 'failed'), 'rejected'),
        ]
        const message = { fPort: F_PORT, bytes: task, isConfirmed: false, expires: true }
        return plan([opening(downlink(address, intent, message))], {
          runMs: intent.durMs,
          acknowledgements,
          closedProofs: [closedBy(isClosed(address))],
        })
      }
      case 'close': {
        const { outlet } = address
        const bytes = valveTask({ outlet, isOpen: false, sequence: 0, seconds: 0, pulses: 0 })
        return plan(
          [downlink(address, intent, { fPort: F_PORT, bytes, isConfirmed: true, expires: false })],
          {
            closedProofs: [closedBy(isClosed(address))],
            repeatEveryMs: CLOSE_EVERY_MS,
          },
        )
      }
      case 'query':
        return plan([
          downlink(address, intent, {
            fPort: F_PORT,
            bytes: REPORT_STATUS,
            isConfirmed: false,
            expires: true,
          }),
        ])
      case 'withdraw':
        return plan(withdrawal(address))
      case 'setup':
      case 'stop-all':
        return null
    }
  },
}
