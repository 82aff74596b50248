/** Words for the table of sequences: who does what, in order. */
import { connack, connect, type Connect } from './packets.ts'
import type { Sequence, Step } from './run-sequence.ts'

type Steps = Step | readonly Steps[]

export const sequence = (
  statement: Sequence['statement'],
  says: string,
  ...steps: readonly Steps[]
): Sequence => ({ statement, says, steps: inOrder(steps) })

const inOrder = (steps: Steps): Step[] => ('do' in steps ? [steps] : steps.flatMap(inOrder))

export const client = (by: string) => ({
  sends: (...parts: Buffer[]): Step => ({ do: 'send', by, parts }),
  sendsSlowly: (part: Buffer): Step => ({ do: 'send-slowly', by, part }),
  hears: (...packets: Buffer[]): Step[] => packets.map((packet) => ({ do: 'hear', by, packet })),
  hearsQos1: (topic: string, message: string, { retain = false, acknowledges = true } = {}): Step => ({
    do: 'hear-qos1',
    by,
    topic,
    message,
    retain,
    acknowledges,
  }),
  isClosed: (): Step => ({ do: 'hear-close', by }),
  isOpen: (): Step => ({ do: 'is-open', by }),
  hangsUp: (): Step => ({ do: 'hang-up', by }),
  drops: (): Step => ({ do: 'drop', by }),
  /** sends CONNECT and is accepted */
  isIn: (said: Connect = {}): Step[] => [
    { do: 'send', by, parts: [connect(said)] },
    { do: 'hear', by, packet: connack(0) },
  ],
})

/** probe1 of the organisation coop */
export const device = client('device')
/** an unknown client, or the one that the sequence names */
export const other = client('other')
/** a program of the server's own in another process: it may publish and receive under tilth/ */
export const service = {
  ...client('service'),
  isIn: () => client('service').isIn(asService),
}
export const asService: Connect = { id: 'service:test', secret: 'service secret' }
export const asSecondService: Connect = {
  id: 'service:second',
  user: 'service:test',
  secret: 'service secret',
}

export const own = (kind: string): string => `tilth/v1/coop/probe1/${kind}`
export const probe2 = (kind: string): string => `tilth/v1/coop/probe2/${kind}`
