/**
 * F16: one of a hundred devices stops reading while it is spoken to. The other ninety-nine hear what is for them as soon
 * as without it; the frozen one is cut off. Phases with and without it take turns, so that what else goes on on the
 * machine falls on both, and in both as much is said to it. Each phase has its p99; the median of those with it frozen is
 * compared with that of the others: what a frozen reader costs, every such phase shows.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { topicOf } from '../../../broker/contract/topics.ts'
import { quantile } from '../../support/generator.ts'
import { ORG } from '../../support/place.ts'
import { atLeast, atMost, count, ms, machineDependent, infoFigure } from '../../support/report.ts'
import { startChild } from '../support/child-program.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import type { ServiceBrokerTask } from '../support/service-broker.ts'
import { until } from '../support/until.ts'
import { signIn, type Wire } from '../support/wire.ts'

const READERS = 100
const RATE_PER_S = 500
const PAIRS = { short: 8, long: 40 }
// until code is compiled and memory pooled, what comes later is faster, whatever it is
const PAIRS_BEFORE = 2
const PHASE_MS = 1_250 // within the 5 s after which the frozen one is cut off
const MORE_PERCENT = 20
// about what the system holds for a connection that is not read, and far more than that
const FILL = { bytes: 60_000, full: 70, over: 500 }
const CUT_OFF_WITHIN_MS = 10_000
// a timer's own grain: below it a fifth more is no delay of anybody
const GRAIN_MS = 1

type Device = ServiceBrokerTask['devices'][number]

export const f16: FaultLine = {
  name: 'F16',
  fault: 'one of 100 readers frozen',
  async run(torture) {
    const pairs = torture.isLong ? PAIRS.long : PAIRS.short
    torture.log(`F16: ${pairs} x ${PHASE_MS / 1000} s with and without a frozen reader among ${READERS}`)
    const devices = Array.from({ length: READERS }, (_, index) => ({
      id: `reader-${index + 1}`,
      org: ORG,
      secret: `secret-of-${index + 1}`,
    }))
    const serviceSecret = 'secret of the service'
    const broker = await startChild<Record<string, number>>(torture, 'service-broker', {
      journalPath: join(await torture.folder('f16'), 'journal.db'),
      pepper: 'pepper',
      serviceSecret,
      devices,
    } satisfies ServiceBrokerTask)
    const port = await until('the broker listens', 60_000, () => {
      const said = /:(\d+)\n/.exec(broker.output())
      return said === null ? null : Number(said[1])
    })
    const [last, ...others] = devices.toReversed() as [Device, ...Device[]]
    const tookMs: number[] = []
    const hear = (payload: Buffer) => void tookMs.push(performance.now() - Number(payload.toString()))
    for (const device of others) await listen(port, device, hear)
    const service = await signIn({ port }, { id: 'service:bench', secret: serviceSecret })

    const phase = async (isFrozen: boolean): Promise<number[]> => {
      const wire = await listen(port, last, () => {})
      if (isFrozen) wire.socket.pause()
      // the frozen one never reads that, the system holds it; the other has read it before the others are timed
      fill(service, last, FILL.full)
      await pause(500)
      tookMs.length = 0
      await speak(service, devices, PHASE_MS)
      wire.end()
      return [...tookMs]
    }
    const heard: number[] = []
    const [without, withIt]: [number[][], number[][]] = [[], []]
    for (let pair = -PAIRS_BEFORE; pair < pairs; pair++) {
      // which of the two comes first takes turns as well
      for (const isFrozen of pair % 2 === 0 ? [false, true] : [true, false]) {
        const phaseMs = await phase(isFrozen)
        if (pair < 0) continue
        heard.push(phaseMs.length)
        ;(isFrozen ? withIt : without).push(phaseMs)
      }
    }
    const cutOffMs = await untilCutOff(port, service, last)
    await broker.end()
    const counters = await broker.done

    const [plainMs, frozenMs] = [medianP99(without), medianP99(withIt)]
    const morePercent = (Math.max(0, frozenMs - plainMs - GRAIN_MS) / plainMs) * 100
    const percent = (value: number) => `${value.toFixed(0)} %`
    return [
      infoFigure('F16', `p99 of ${READERS - 1} readers, none frozen, median of the phases`, ms(plainMs)),
      infoFigure('F16', 'the same, one frozen', ms(frozenMs)),
      infoFigure('F16', 'p99 over all phases, none frozen', ms(p99(without.flat()))),
      infoFigure('F16', 'the same, one frozen, over all', ms(p99(withIt.flat()))),
      machineDependent(atMost('F16', `slower by, beyond ${GRAIN_MS} ms`, morePercent, MORE_PERCENT, percent)),
      machineDependent(
        atLeast('F16', 'heard in the phase that heard least', Math.min(...heard), heardByOthers(), count),
      ),
      machineDependent(
        atMost('F16', 'the frozen one is cut off after', cutOffMs, CUT_OFF_WITHIN_MS, seconds),
      ),
      infoFigure('F16', 'readers cut off', count(counters.readersCutOff ?? Number.NaN)),
    ]
  },
}

const medianP99 = (phases: readonly number[][]): number =>
  quantile(
    phases.map(p99).sort((a, b) => a - b),
    0.5,
  )

const p99 = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.99,
  )
/** All but what is for the one that may be frozen. */
const heardByOthers = (): number => Math.floor((phaseMessages() * (READERS - 1)) / READERS)
const phaseMessages = (): number => Math.floor((RATE_PER_S * PHASE_MS) / 1000)

async function listen(port: number, device: Device, hear: (payload: Buffer) => void): Promise<Wire> {
  const wire = await signIn({ port }, device, {})
  wire.onPublish(hear)
  const topic = topicOf(ORG, device.id, 'command')
  wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
  if ((await wire.next('suback')) === null) throw new Error(`${device.id} may not listen`)
  return wire
}

function fill(service: Wire, { id }: Device, messages: number): void {
  const payload = Buffer.alloc(FILL.bytes, 0x20)
  for (let i = 0; i < messages; i++) say(service, id, payload)
}

const say = (service: Wire, id: string, payload: Buffer | string): void =>
  service.send({
    cmd: 'publish',
    topic: topicOf(ORG, id, 'command'),
    payload,
    qos: 0,
    retain: false,
    dup: false,
  })

/** To each in turn, at the rate, with the moment it was said; then waits for the last. */
async function speak(service: Wire, devices: readonly Device[], forMs: number): Promise<void> {
  const startMs = performance.now()
  let said = 0
  while (said < phaseMessages()) {
    const due = Math.min(phaseMessages(), ((performance.now() - startMs) / forMs) * phaseMessages())
    for (; said < due; said++) say(service, devices[said % devices.length]!.id, String(performance.now()))
    await pause(1)
  }
  await pause(300)
}

/** How long one that does not read stays connected, ms. */
async function untilCutOff(port: number, service: Wire, device: Device): Promise<number> {
  const wire = await listen(port, device, () => {})
  wire.socket.pause()
  const startMs = performance.now()
  fill(service, device, FILL.over)
  // it does not read, so it does not see the end either: the broker takes its name for free again
  await until('the frozen reader is cut off', 30_000, () => wire.socket.destroyed || isReset(wire))
  return performance.now() - startMs
}

/** Writing tells of an end that reading does not. */
function isReset(wire: Wire): boolean {
  wire.send({ cmd: 'pingreq' })
  return wire.socket.destroyed || !wire.socket.writable
}
