/** Task and report of the fuzzers, one line of JSON each. */
import type { Credentials } from '../../../firmware-sim/devices/link.ts'
import type { Publisher } from '../../support/generator.ts'

export interface FuzzTask {
  part: 'packets' | 'payloads' | 'requests'
  seed: string
  port: number // HTTP
  mqttPort: number
  /** total; for payloads: of each kind */
  many: number
  probes: readonly Publisher[]
  controllers: readonly Credentials[]
  setupToken: string | null
}

export interface Fault {
  /** to reproduce it: the seed of the task and the number of the case */
  replay: string
  what: string
  /** sent bytes, hex or text, truncated */
  sent: string
}

export interface FuzzReport {
  done: number
  /** connections, acknowledgements, responses by status: for comparison */
  counts: Record<string, number>
  faults: Fault[]
}

export const MOST_FAULTS = 20
const SENT_CHARS = 1_000

/** Records the first faults of a task. */
export function createFaultLog(task: Pick<FuzzTask, 'seed' | 'part'>) {
  const faults: Fault[] = []
  return {
    faults,
    add(number: number, problem: string, sentBytes: Buffer | string): void {
      if (faults.length >= MOST_FAULTS) return
      const text = Buffer.isBuffer(sentBytes) ? sentBytes.toString('hex') : sentBytes
      const replay = `--seed ${task.seed} F6, ${task.part} ${number}`
      faults.push({ replay, what: problem, sent: text.slice(0, SENT_CHARS) })
    },
  }
}
