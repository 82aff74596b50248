/** What the fuzzers are given and what they answer, one line of JSON each. */
import type { Credentials } from '../../../firmware-sim/devices/link.ts'
import type { Publisher } from '../../support/generator.ts'

export interface FuzzTask {
  part: 'packets' | 'payloads' | 'requests'
  seed: string
  port: number // HTTP
  mqttPort: number
  /** how many in all; of payloads: of each kind */
  many: number
  probes: readonly Publisher[]
  controllers: readonly Credentials[]
  setupToken: string | null
}

export interface Fault {
  /** from which it is made again: the seed of the task and the number of the case */
  replay: string
  what: string
  /** what was sent, hex or text, cut */
  sent: string
}

export interface FuzzReport {
  done: number
  /** connections, acknowledgements, answers by status: for comparison */
  counts: Record<string, number>
  faults: Fault[]
}

export const MOST_FAULTS = 20
const SENT_CHARS = 1_000

/** Keeps the first faults; one that is found is told at once, in case this program is ended too. */
export function createFaultLog(task: Pick<FuzzTask, 'seed' | 'part'>) {
  const faults: Fault[] = []
  return {
    faults,
    add(number: number, what: string, sent: Buffer | string): void {
      if (faults.length >= MOST_FAULTS) return
      const text = Buffer.isBuffer(sent) ? sent.toString('hex') : sent
      const replay = `--seed ${task.seed} F6, ${task.part} ${number}`
      faults.push({ replay, what, sent: text.slice(0, SENT_CHARS) })
    },
  }
}
